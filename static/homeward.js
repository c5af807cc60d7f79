// Improves pages that work without it: steps, photo previews, position, copying, keys, one sending.
"use strict";

(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  document.documentElement.classList.add("scripted");

  // ---- leaving at once: nothing stays on the screen, and this page is not in the history ---------
  for (const link of all("a[data-leave]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.documentElement.hidden = true;
      document.title = "";
      location.replace(link.href);
    });
  }

  // ---- a form is sent once, however often the button is tapped -----------------------------------
  for (const form of all("form[data-once]:not([data-offline])")) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) {
        event.preventDefault();
        return;
      }
      sent = true;
      all("button[type=submit]", form).forEach((button) => button.setAttribute("aria-disabled", "true"));
    });
    // Coming back by the back button, the form may be sent again: its key makes that harmless.
    window.addEventListener("pageshow", () => {
      sent = false;
      all("button[type=submit]", form).forEach((button) => button.removeAttribute("aria-disabled"));
    });
  }

  // ---- what is typed outlives a session that ends meanwhile, as long as the tab is open ----------
  // Signing in again leads back to the screen; any other page of the house's own ends it.
  const kept = "report:";
  const forget = (but) => {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(kept) && name !== but) sessionStorage.removeItem(name);
    }
  };
  if (document.querySelector("form[data-keep]")) forget(kept + location.pathname);
  else if (location.pathname.startsWith("/my/")) forget();
  for (const form of all("form[action$='/sign-out/']")) form.addEventListener("submit", () => forget());
  for (const form of all("form[data-keep]")) {
    const place = kept + location.pathname;
    const fields = all("input:not([type=hidden]):not([type=file]), textarea, select", form);
    const told = JSON.parse(sessionStorage.getItem(place) || "null");
    if (told && told.length === fields.length) {
      fields.forEach((field, at) => {
        if (field.matches("[type=radio], [type=checkbox]")) field.checked = told[at];
        else field.value = told[at];
      });
    }
    form.addEventListener("input", () => {
      const now = fields.map((field) => (field.matches("[type=radio], [type=checkbox]") ? field.checked : field.value));
      sessionStorage.setItem(place, JSON.stringify(now));
    });
  }

  // ---- three steps, one at a time ------------------------------------------------------------------
  for (const form of all("form[data-steps]")) {
    const steps = all("[data-step]", form);
    const list = form.querySelector("[data-step-list]");
    list.hidden = false;
    all("[data-step-buttons]", form).forEach((buttons) => (buttons.hidden = false));

    const show = (index, focus) => {
      steps.forEach((step, place) => (step.hidden = place !== index));
      [...list.children].forEach((item, place) => {
        item.classList.toggle("done", place < index);
        if (place === index) item.setAttribute("aria-current", "step");
        else item.removeAttribute("aria-current");
      });
      if (focus) {
        steps[index].querySelector("h2").focus({ preventScroll: true });
        list.scrollIntoView({ block: "start" });
      }
    };
    const stepOf = (element) => steps.findIndex((step) => step.contains(element));

    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-next], [data-previous]");
      if (button) show(stepOf(button) + ("next" in button.dataset ? 1 : -1), true);
    });
    // Enter in a text field means "go on", not "send what I haven't seen yet".
    form.addEventListener("keydown", (event) => {
      const inField = event.target.matches("input:not([type=file])");
      const step = stepOf(event.target);
      if (event.key === "Enter" && inField && step >= 0 && step < steps.length - 1) {
        event.preventDefault();
        show(step + 1, true);
      }
    });
    // A link in the summary of errors leads to a field that may be in a hidden step.
    document.addEventListener("click", (event) => {
      const link = event.target.closest(".error-summary a");
      const field = link && document.getElementById(link.hash.slice(1));
      if (field && stepOf(field) >= 0) show(stepOf(field), false);
    });
    form.addEventListener("homeward:wrong", ({ target }) => show(Math.max(0, stepOf(target)), false));
    const wrong = form.querySelector(".error:not([hidden])");
    show(wrong ? Math.max(0, stepOf(wrong)) : 0, false);
  }

  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();

  // ---- photos are shown before they are sent -------------------------------------------------------
  for (const field of all("[data-photos]")) {
    const shown = field.querySelector("[data-previews]");
    const inputs = all("input[type=file]", field);
    const refresh = () => {
      all("img", shown).forEach((image) => URL.revokeObjectURL(image.src));
      shown.replaceChildren();
      const files = inputs.flatMap((input) => [...input.files]);
      for (const file of files) {
        const image = new Image();
        image.alt = "";
        image.src = URL.createObjectURL(file);
        shown.append(image);
      }
      if (files.length) {
        const said = document.createElement("p");
        said.className = "help";
        said.textContent = files.length === 1 ? shown.dataset.one : `${files.length} ${shown.dataset.many}`;
        shown.append(said);
      }
    };
    for (const input of inputs) {
      input.addEventListener("change", refresh);
      input.addEventListener("homeward:photos", refresh);
    }
    window.addEventListener("pageshow", refresh);
  }

  // ---- the phone's position, only when asked for ---------------------------------------------------
  for (const box of all("[data-position]")) {
    const said = box.querySelector("[data-position-said]");
    const [latitude, longitude, precision] = all("input", box);
    if (!navigator.geolocation) box.hidden = true;
    box.querySelector("[data-locate]").addEventListener("click", () => {
      said.textContent = said.dataset.asking;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          latitude.value = coords.latitude.toFixed(6);
          longitude.value = coords.longitude.toFixed(6);
          precision.value = Math.max(1, Math.round(coords.accuracy));
          said.textContent = said.dataset.taken.replace("#", precision.value);
        },
        () => (said.textContent = said.dataset.refused),
        { enableHighAccuracy: true, timeout: 15000 },
      );
    });
  }

  // ---- usual answers to "when?" --------------------------------------------------------------------
  for (const row of all("[data-fill]")) {
    const field = document.getElementById(row.dataset.fill);
    row.addEventListener("click", (event) => {
      const button = event.target.closest("[data-ago]");
      if (!button) return;
      const moment = new Date(Date.now() - Number(button.dataset.ago) * 86400000);
      const two = (number) => String(number).padStart(2, "0");
      const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
      field.value = "day" in button.dataset ? day : `${day} ${two(moment.getHours())}:${two(moment.getMinutes())}`;
    });
  }

  // ---- copying the receipt's code ------------------------------------------------------------------
  for (const button of all("[data-copy]")) {
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
        button.querySelector("span").textContent = button.dataset.done;
      } catch {
        getSelection().selectAllChildren(source);
      }
    });
  }

  // ---- a, r, q choose a decision; nothing is ever sent by a key alone ------------------------------
  for (const form of all("form[data-decide]")) {
    const keys = { a: "accept", r: "reject", q: "needs_information" };
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input:not([type=radio]), textarea, select");
      const decision = keys[event.key];
      if (typing || !decision || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      form.querySelector(`input[value="${decision}"]`).checked = true;
      form.querySelector("textarea").focus();
    });
  }
})();
