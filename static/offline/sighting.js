// The sighting form with a script: kept on the phone first, then sent; what is typed is a draft.
"use strict";

(() => {
  const form = document.querySelector("form[data-offline]");
  if (!form || !window.indexedDB || !crypto.randomUUID) return;
  const { store, sending, photos } = window.homeward;
  const most = Number(document.getElementById("id_photos").dataset.most);
  const DRAFT = "draft:sighting";
  const SKIPPED = new Set(["csrfmiddlewaretoken", "key", "photos"]);
  const inputs = [...form.querySelectorAll("input[type=file]")];
  const telling = [...document.querySelectorAll("[data-telling]")];
  const states = [...document.querySelectorAll("[data-state]")];
  let busy = false;
  let waiting = null;

  const say = (what) => {
    for (const words of document.querySelectorAll("[data-say]")) words.hidden = words.dataset.say !== what;
    const said = document.querySelector(`[data-say="${what}"]`);
    if (said) said.scrollIntoView({ block: "center" });
  };

  // ---- what was typed -----------------------------------------------------------------------------
  const fields = () =>
    [...new FormData(form)].filter(([name, value]) => !SKIPPED.has(name) && typeof value === "string");
  const fill = (typed) => {
    form.reset();
    for (const [name, value] of typed) {
      const field = form.elements[name];
      if (!field) continue;
      if (field instanceof RadioNodeList) field.value = value;
      else if (field.type === "checkbox") field.checked = true;
      else field.value = value;
    }
  };
  const chosen = () => inputs.flatMap((input) => [...input.files]);
  const choose = (files) => {
    inputs.forEach((input, at) => {
      photos.put(input, at ? files : []);
      input.dispatchEvent(new CustomEvent("homeward:photos", { bubbles: true }));
    });
  };

  // The typed words as the API takes them; left out is what was left empty.
  const body = () => {
    const typed = Object.fromEntries(fields());
    const text = (name) => (typed[name] || "").trim();
    const number = (name) => (text(name) ? Number(text(name)) : undefined);
    const some = (object) => {
      const full = Object.entries(object).filter(([, value]) => value !== undefined && value !== "");
      return full.length ? Object.fromEntries(full) : undefined;
    };
    const marks = [1, 2].flatMap((row) => {
      const mark = some({
        kind: text(`mark${row}-kind`) || (text(`mark${row}-text`) ? "other" : ""),
        body_part: text(`mark${row}-body_part`),
        side: text(`mark${row}-side`),
        text: text(`mark${row}-text`),
      });
      return mark && mark.kind ? [mark] : [];
    });
    const now = new Date().toISOString();
    return some({
      kind: "street",
      sex: text("sex") || "unknown",
      apparent_age_min: number("apparent_age_min"),
      apparent_age_max: number("apparent_age_max"),
      description: text("description"),
      name_heard: text("name_heard"),
      clothing: text("clothing"),
      companions: text("companions"),
      danger_now: "danger_now" in typed,
      // "Yesterday" is counted from the day of writing, however late it is sent.
      seen_at: text("seen_at") ? { text: text("seen_at"), written_at: now } : undefined,
      place: some({
        text: text("place"),
        latitude: number("place_latitude"),
        longitude: number("place_longitude"),
        precision_m: number("place_precision_m"),
      }),
      reporter_place: some({ text: text("reporter_place") }),
      marks: marks.length ? marks : undefined,
      contact: some({
        name: text("contact_name"),
        phone: text("contact_phone"),
        email: text("contact_email"),
      }),
    });
  };

  // ---- the draft ----------------------------------------------------------------------------------
  let saving = null;
  const saveDraft = () => store.put("drafts", { key: "sighting", at: Date.now(), fields: fields() });
  const dropDraft = async () => {
    clearTimeout(saving);
    sessionStorage.removeItem(DRAFT);
    await store.remove("drafts", "sighting");
  };
  form.addEventListener("input", () => {
    clearTimeout(saving);
    sessionStorage.setItem(DRAFT, "mine");
    saving = setTimeout(() => saveDraft().catch(() => {}), 400);
  });
  // Whoever has to leave in a hurry leaves no words behind.
  for (const link of document.querySelectorAll("a[data-leave]")) {
    link.addEventListener("click", () => dropDraft(), { capture: true });
  }
  // Somebody else may hold the phone by now: a draft of another visit is shown only when asked for.
  const offerDraft = async () => {
    const draft = (await store.all("drafts")).find(({ key }) => key === "sighting");
    if (!draft || form.querySelector(".error:not([hidden])")) return;
    if (sessionStorage.getItem(DRAFT)) return fill(draft.fields);
    const box = document.querySelector("[data-draft]");
    box.hidden = false;
    box.querySelector("[data-draft-open]").addEventListener("click", () => {
      box.hidden = true;
      sessionStorage.setItem(DRAFT, "mine");
      fill(draft.fields);
    });
    box.querySelector("[data-draft-wipe]").addEventListener("click", () => {
      box.hidden = true;
      dropDraft();
    });
  };

  // ---- what became of it --------------------------------------------------------------------------
  const show = (state) => {
    for (const part of telling) part.hidden = state !== "";
    for (const part of states) part.hidden = part.dataset.state !== state;
    const shown = states.find((part) => !part.hidden);
    if (shown) {
      shown.querySelector("h1").focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  };

  // Where a refusal's pointer leads to in this form.
  const fieldOf = (pointer) => {
    const [first, second, third] = pointer.split("/").slice(1);
    const names = {
      photos: "photos",
      contact: `contact_${second}`,
      marks: `mark${Number(second) + 1}-${third}`,
      place: second && second !== "text" ? `place_${second}` : "place",
    };
    return document.getElementById(`id_${names[first] || first}`);
  };

  const clearRefusals = () => {
    form.querySelectorAll("[data-refusal]").forEach((line) => line.remove());
    document.querySelectorAll(".error-summary").forEach((box) => box.remove());
  };

  const refuse = ({ detail, errors }) => {
    clearRefusals();
    const box = document.querySelector("[data-summary]").content.firstElementChild.cloneNode(true);
    const list = box.appendChild(document.createElement("ul"));
    for (const { pointer, detail: words } of errors.length ? errors : [{ pointer: "", detail }]) {
      const field = fieldOf(pointer || "");
      const line = document.createElement("li");
      const link = field ? document.createElement("a") : line;
      if (field) {
        link.href = `#${field.id}`;
        line.append(link);
        const beside = document.createElement("p");
        beside.className = "error";
        beside.dataset.refusal = "";
        beside.textContent = words;
        (field.closest(".field") || field).append(beside);
      }
      link.textContent = words;
      list.append(line);
    }
    form.before(box);
    show("");
    form.querySelector("[data-refusal]")?.dispatchEvent(new CustomEvent("homeward:wrong", { bubbles: true }));
    box.focus();
  };

  const thank = (item) => {
    document.getElementById("code").textContent = item.code;
    document.querySelector("[data-sent-danger]").hidden = !item.danger;
    show("sent");
  };

  const settle = async (item) => {
    busy = false;
    if (!item) return show("");
    if (item.state === "refused") {
      await store.remove("sightings", item.key);
      sessionStorage.setItem(DRAFT, "mine");
      await saveDraft();
      return refuse(item);
    }
    await dropDraft();
    form.reset();
    choose([]);
    if (item.state === "sent") {
      await store.remove("sightings", item.key);
      return thank(item);
    }
    waiting = item.key;
    show("waiting");
  };

  // What is sent later keeps its code in the list: nobody may be looking at this page by then.
  document.addEventListener("homeward:kept", async () => {
    const item = waiting && (await store.get("sightings", waiting));
    if (!waiting || busy) return;
    if (!item || item.state === "refused") location.assign(form.dataset.offline);
    else if (item.state === "sent") {
      waiting = null;
      thank(item);
    } else show(item.state === "sending" ? "sending" : "waiting");
  });

  const keep = async (files) => {
    const item = {
      key: crypto.randomUUID(),
      at: Date.now(),
      by: sending.account(),
      state: "waiting",
      data: body(),
      fields: fields(),
      photos: files.map((file) => file.slice(0, file.size, file.type)),
    };
    await store.put("sightings", item);
    return item.key;
  };

  const send = async () => {
    await photos.ready();
    const files = chosen();
    if (files.length > most) return say("too-many");
    const foreign = await Promise.all(files.map(photos.foreign));
    const way = navigator.onLine && "key" in form.elements;
    // Only the site can read such a photo: it goes there as it is, the way without a script.
    if (foreign.some(Boolean)) return way ? form.submit() : say("only-online");
    let key;
    try {
      key = await keep(files);
    } catch {
      return way ? form.submit() : say("not-kept");
    }
    show("sending");
    return settle(await sending.sendOne(key));
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    clearRefusals();
    say("");
    try {
      await send();
    } finally {
      busy = false;
    }
  });
  document.querySelector("[data-send-again]").addEventListener("click", () => sending.sendAll());

  // ---- opened again from the list of what is on this phone ---------------------------------------
  const reopen = async () => {
    const key = new URLSearchParams(location.hash.slice(1)).get("again");
    const item = key && (await store.get("sightings", key));
    if (!item || !item.fields) return offerDraft();
    history.replaceState(null, "", location.pathname);
    fill(item.fields);
    choose(item.photos.map((photo, at) => new File([photo], `${at + 1}.jpg`, { type: photo.type })));
    await store.remove("sightings", key);
    sessionStorage.setItem(DRAFT, "mine");
    await saveDraft();
    if (item.state === "refused") refuse(item);
  };
  reopen().catch(() => {});
})();
