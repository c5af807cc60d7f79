// What is kept on this phone: sightings that wait to be sent, and one draft. Nothing after 7 days.
"use strict";

window.homeward = (() => {
  const LONGEST = 7 * 86400000;
  let opening = null;

  const open = () => {
    opening ||= new Promise((done, failed) => {
      const asked = indexedDB.open("homeward", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("sightings", { keyPath: "key" });
        asked.result.createObjectStore("drafts", { keyPath: "key" });
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
      asked.onblocked = () => failed(new Error("blocked"));
    });
    return opening;
  };

  const within = async (room, mode, work) => {
    const base = await open();
    return new Promise((done, failed) => {
      const transaction = base.transaction(room, mode);
      const asked = work(transaction.objectStore(room));
      transaction.oncomplete = () => done(asked.result);
      transaction.onerror = transaction.onabort = () => failed(transaction.error);
    });
  };

  const told = () => document.dispatchEvent(new CustomEvent("homeward:kept"));

  const put = async (room, row) => {
    await within(room, "readwrite", (rows) => rows.put(row));
    if (room === "sightings") told();
  };
  const remove = async (room, key) => {
    await within(room, "readwrite", (rows) => rows.delete(key));
    if (room === "sightings") told();
  };
  const get = (room, key) => within(room, "readonly", (rows) => rows.get(key));

  // Everything younger than 7 days, oldest first; what is older goes now.
  const all = async (room) => {
    const rows = await within(room, "readonly", (found) => found.getAll());
    const old = (row) => !(row.at > Date.now() - LONGEST);
    for (const row of rows.filter(old)) await within(room, "readwrite", (found) => found.delete(row.key));
    return rows.filter((row) => !old(row)).sort((one, other) => one.at - other.at);
  };

  const wipe = async () => {
    for (const room of ["sightings", "drafts"]) await within(room, "readwrite", (rows) => rows.clear());
    for (const name of Object.keys(sessionStorage)) {
      if (/^(report|draft):/.test(name)) sessionStorage.removeItem(name);
    }
    told();
  };

  return { store: { put, remove, get, all, wipe } };
})();
