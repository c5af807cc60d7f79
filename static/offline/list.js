// Lists what is kept on this phone, without its words or photos, and wipes it when asked.
"use strict";

(() => {
  const box = document.querySelector("[data-on-this-phone]");
  if (!box || !window.indexedDB) return;
  const { store, sending } = window.homeward;
  const rows = box.querySelector("[data-rows]");
  const row = box.querySelector("template").content.firstElementChild;
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

  const line = (item) => {
    const shown = row.cloneNode(true);
    for (const part of shown.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== item.state;
    shown.querySelector("[data-told]").textContent = day.format(item.at);
    const count = item.photos ? item.photos.length : 0;
    const photos = shown.querySelector("[data-photo-count]");
    photos.hidden = !count;
    photos.querySelector("span").textContent = count;
    if (item.state === "sent") shown.querySelector(".code").textContent = item.code;
    if (item.state === "refused") {
      const errors = item.errors.length ? item.errors : [item];
      shown.querySelector("[data-refusal-words]").textContent = errors.map(({ detail }) => detail).join(" ");
    }
    for (const link of shown.querySelectorAll("[data-reopen]")) link.hash = `again=${item.key}`;
    shown.querySelector("[data-alone]").addEventListener("click", async () => {
      await store.put("sightings", { ...item, by: null, state: "waiting" });
      await sending.sendOne(item.key);
    });
    for (const button of shown.querySelectorAll("[data-wipe-one]")) {
      button.addEventListener("click", () => store.remove("sightings", item.key));
    }
    return shown;
  };

  const refresh = async () => {
    const items = await store.all("sightings");
    const drafts = await store.all("drafts");
    rows.replaceChildren(...items.map(line));
    box.querySelector("[data-nothing]").hidden = items.length + drafts.length > 0;
    box.querySelector("[data-draft-kept]").hidden = !drafts.length;
    box.querySelector("[data-send-all]").hidden = !items.some(({ state }) => ["waiting", "apart"].includes(state));
    box.querySelector("[data-wipe-all]").hidden = !(items.length + drafts.length);
  };

  box.querySelector("[data-send-all]").addEventListener("click", () => sending.sendAll());
  box.querySelector("[data-wipe-all]").addEventListener("click", () => store.wipe());
  document.addEventListener("homeward:kept", refresh);
  refresh().catch(() => {});
})();
