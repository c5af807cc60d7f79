// Makes chosen photos small on the phone, before they are kept or sent. Drawing them anew leaves out
// where and when they were taken. What no browser here can read is told at once, beside the field.
"use strict";

(() => {
  const QUALITY = 0.86;
  const BIGGEST = 40e6;

  const read = async (file) => {
    const image = new Image();
    image.src = URL.createObjectURL(file);
    try {
      await image.decode();
      return image;
    } finally {
      URL.revokeObjectURL(image.src);
    }
  };

  const drawn = async (image, longest) => {
    const { naturalWidth, naturalHeight } = image;
    const scale = Math.min(1, longest / Math.max(naturalWidth, naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(naturalHeight * scale));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!small) throw new Error("no picture");
    return small;
  };

  // Apple's format: the site reads it, most browsers don't. Told by its first bytes.
  const foreign = async (file) => {
    const head = new TextDecoder("latin1").decode(await file.slice(4, 12).arrayBuffer());
    return /^ftyp(hei|hev|mif|msf)/.test(head);
  };

  // The photo as it may be sent; null for what is no photo. `over` leaves alone what is no larger.
  const small = async (file, longest, over) => {
    let image;
    try {
      image = await read(file);
    } catch {
      return (await foreign(file)) ? file : null;
    }
    const pixels = image.naturalWidth * image.naturalHeight;
    if (over && file.size <= over && pixels <= BIGGEST) return file;
    try {
      const name = file.name.replace(/\.\w+$/, "") + ".jpg";
      return new File([await drawn(image, longest)], name, { type: "image/jpeg" });
    } catch {
      return null;
    }
  };

  const put = (input, files) => {
    const carrier = new DataTransfer();
    files.forEach((file) => carrier.items.add(file));
    input.files = carrier.files;
  };

  let working = Promise.resolve();

  const take = async (field, input) => {
    const chosen = [...input.files];
    const results = [];
    for (const file of chosen) {
      results.push(await small(file, Number(field.dataset.shrink), Number(field.dataset.shrinkOver || 0)));
    }
    const good = results.filter(Boolean);
    put(input, good);
    field.querySelector("[data-not-photos]").hidden = good.length === chosen.length;
    input.dispatchEvent(new CustomEvent("homeward:photos", { bubbles: true }));
  };

  for (const field of document.querySelectorAll("[data-shrink]")) {
    field.addEventListener("change", (event) => {
      if (!event.target.matches("input[type=file]")) return;
      working = working.then(() => take(field, event.target)).catch(() => {});
    });
  }

  window.homeward.photos = {
    put,
    foreign,
    // Resolves once all that was chosen is small.
    ready: () => working,
  };
})();
