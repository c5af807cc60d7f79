// Passkeys: asks the browser for one and puts its answer into the form that is then sent.
// The options come from the form's data-options, or, before anybody is known, from its address.
"use strict";

(() => {
  const optionsOf = async (form) => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no options");
    return answer.json();
  };

  const made = (options, alone) => {
    const chosen = options.publicKey.authenticatorSelection;
    chosen.residentKey = alone ? "required" : "discouraged";
    chosen.requireResidentKey = alone;
    if (alone) chosen.userVerification = "required";
    return window.webauthnJSON.create(options);
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("[data-passkey-ask]");
    const said = form.querySelector("[data-passkey-said]");
    if (!window.PublicKeyCredential) button.hidden = true;
    button.addEventListener("click", async () => {
      said.textContent = "";
      try {
        const options = await optionsOf(form);
        const alone = form.querySelector("input[type=checkbox]");
        const credential =
          form.dataset.passkey === "add"
            ? await made(options.creation_options, Boolean(alone && alone.checked))
            : await window.webauthnJSON.get(options.request_options);
        form.querySelector("[data-passkey-credential], input[name=credential]").value =
          JSON.stringify(credential);
        form.submit();
      } catch {
        said.textContent = said.dataset.refused;
      }
    });
  }
})();
