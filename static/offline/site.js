// On every page: lets the browser keep the shell, and tells it the language of this page.
"use strict";

(() => {
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/service-worker.js").catch(() => {});
    navigator.serviceWorker.ready.then(({ active }) => {
      active.postMessage({ language: document.documentElement.lang });
    });
  }
  for (const button of document.querySelectorAll("[data-back]")) {
    button.addEventListener("click", () => history.back());
  }
  for (const button of document.querySelectorAll("[data-again]")) {
    button.addEventListener("click", () => location.reload());
  }
  // A form that goes by the page would take what was typed with it.
  for (const form of document.querySelectorAll("form[method=post]:not([data-offline])")) {
    const said = form.querySelector("[data-no-network]");
    if (!said) continue;
    form.addEventListener(
      "submit",
      (event) => {
        said.hidden = navigator.onLine;
        if (navigator.onLine) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        said.scrollIntoView({ block: "nearest" });
      },
      { capture: true },
    );
  }
})();
