// Keeps the shell (its list comes from /service-worker.js) and answers with it without a network.
// Nothing else is ever kept: no page that was opened, no photo, no answer of the API.
"use strict";

(() => {
  const { version, languages, files, pages, standsFor } = self.SHELL;
  const PREFIX = "homeward-shell-";
  const NAME = PREFIX + version;
  const LANGUAGE = "homeward-language";
  const PATIENCE = 6000;
  const known = new Set(files);

  const keep = async (cache, address) => {
    const answer = await fetch(address, { credentials: "omit", cache: "no-cache" });
    const forbidden = /no-store|private/.test(answer.headers.get("Cache-Control") || "");
    if (!answer.ok || answer.redirected || forbidden) throw new Error(`not for keeping: ${address}`);
    await cache.put(address, answer);
  };

  const renew = async () => {
    const cache = await caches.open(NAME);
    const addresses = [...files, ...Object.values(pages).flatMap((tongues) => Object.values(tongues))];
    await Promise.all(addresses.map((address) => keep(cache, address)));
    await self.skipWaiting();
  };

  const tidy = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };

  const kept = async (address) => {
    const cache = await caches.open(NAME);
    return cache.match(address, { ignoreVary: true, ignoreSearch: true });
  };

  const keptPage = async (page) => {
    const said = await (await caches.open(LANGUAGE)).match("/");
    const told = said ? await said.text() : navigator.language.toLowerCase();
    const language = languages.find((one) => one === told || one.slice(0, 2) === told.slice(0, 2));
    return kept(pages[page][language || languages[0]]);
  };

  const silence = () => new Promise((_done, failed) => setTimeout(failed, PATIENCE));

  const file = async (request, address) => {
    try {
      return await Promise.race([fetch(request), silence()]);
    } catch {
      return (await kept(address)) || Response.error();
    }
  };

  // A page of the shell is shown as well when the site is silent or out of order; of others the
  // person is told only when they can't be reached.
  const opened = async (request, address) => {
    const page = standsFor[address];
    try {
      if (!page) return await fetch(request);
      const answer = await Promise.race([fetch(request), silence()]);
      if (answer.status < 502) return answer;
    } catch {
      const shell = await kept(address);
      if (shell) return shell;
    }
    return (await keptPage(page || "away")) || Response.error();
  };

  const sent = async (request) => {
    try {
      return await fetch(request);
    } catch {
      return (await keptPage("unsent")) || Response.error();
    }
  };

  self.addEventListener("install", (event) => event.waitUntil(renew()));
  self.addEventListener("activate", (event) => event.waitUntil(tidy()));
  self.addEventListener("message", (event) => {
    const { language } = event.data;
    if (!languages.includes(language)) return;
    event.waitUntil(caches.open(LANGUAGE).then((cache) => cache.put("/", new Response(language))));
  });
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (origin !== self.location.origin) return;
    if (request.mode === "navigate") {
      event.respondWith(request.method === "GET" ? opened(request, pathname) : sent(request));
    } else if (request.method === "GET" && known.has(pathname)) {
      event.respondWith(file(request, pathname));
    }
  });
})();
