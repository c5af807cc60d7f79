// Sends what waits on this phone, one after the other, each always under its own key.
"use strict";

(() => {
  const { store } = window.homeward;
  const ADDRESS = "/api/v1/sightings/";
  const LONGEST = 120000;
  const BETWEEN = 60000;

  // Who is signed in on this page; pages of the shell know of nobody.
  const account = () => document.body.dataset.account || null;
  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";

  const post = (item) => {
    const body = new FormData();
    body.append("data", JSON.stringify(item.data));
    item.photos.forEach((photo, at) => body.append("photos", photo, `${at + 1}.jpg`));
    const headers = { "Idempotency-Key": item.key, "Accept-Language": document.documentElement.lang };
    if (item.by) headers["X-CSRFToken"] = token();
    // Whoever holds this phone now, a report goes out in nobody's name but its writer's.
    const credentials = item.by ? "same-origin" : "omit";
    const signal = AbortSignal.timeout ? AbortSignal.timeout(LONGEST) : undefined;
    return fetch(ADDRESS, { method: "POST", body, headers, credentials, signal });
  };

  const judged = async (item, answer) => {
    if (answer.status === 201) {
      const { receipt } = await answer.json();
      return { key: item.key, at: item.at, state: "sent", code: receipt, danger: item.data.danger_now };
    }
    if (answer.status === 403 && item.by) return { ...item, state: "apart" };
    if ([400, 410, 413, 415, 422].includes(answer.status)) {
      const { detail, errors } = await answer.json().catch(() => ({}));
      return { ...item, state: "refused", detail: detail || "", errors: errors || [] };
    }
    return { ...item, state: "waiting" };
  };

  // Returns the item as it is afterwards. Once sent, nothing is left of it but its code.
  const send = async (item) => {
    const apart = item.by && item.by !== account();
    let after = { ...item, state: apart ? "apart" : "waiting" };
    if (!apart) {
      await store.put("sightings", { ...item, state: "sending" });
      try {
        after = await judged(item, await post(item));
      } catch {
        // No network, or none for long enough: it waits.
      }
    }
    // What was wiped meanwhile stays wiped.
    if (await store.get("sightings", item.key)) await store.put("sightings", after);
    return after;
  };

  // Only one page at a time sends; a page that died while sending left "sending" behind.
  const alone = (work) =>
    navigator.locks ? navigator.locks.request("homeward-sending", work) : work();

  const sendOne = (key) =>
    alone(async () => {
      const item = await store.get("sightings", key);
      return item && ["waiting", "sending", "apart"].includes(item.state) ? send(item) : item;
    });

  const sendAll = async () => {
    const items = await store.all("sightings");
    for (const { key, state } of items) if (state !== "refused" && state !== "sent") await sendOne(key);
  };

  window.homeward.sending = { sendOne, sendAll, account };
  addEventListener("online", sendAll);
  setInterval(() => navigator.onLine && sendAll(), BETWEEN);
  sendAll().catch(() => {});
})();
