// Passkeys: browsers give them to script alone. The form says what is to be made or signed, and takes the answer to the server as any form does.
(() => {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const keys = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));
  const options = JSON.parse(form.dataset.options);
  const isNew = form.dataset.passkey === "create";
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (isNew) {
    publicKey.user = { ...options.user, id: bytes(options.user.id) };
    publicKey.excludeCredentials = keys(options.excludeCredentials);
  } else publicKey.allowCredentials = keys(options.allowCredentials);

  const said = (key) => {
    const { response } = key;
    const common = { clientDataJSON: text(response.clientDataJSON) };
    const answer = isNew
      ? { ...common, attestationObject: text(response.attestationObject), transports: response.getTransports ? response.getTransports() : [] }
      : {
          ...common,
          authenticatorData: text(response.authenticatorData),
          signature: text(response.signature),
          ...(response.userHandle && { userHandle: text(response.userHandle) }),
        };
    return { id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: {}, response: answer };
  };

  const field = form.querySelector('input[name="passkey"]');
  const alert = form.querySelector('[role="alert"]');
  form.addEventListener("submit", (event) => {
    if (field.value !== "") return;
    event.preventDefault();
    alert.hidden = true;
    (isNew ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }))
      .then((key) => {
        field.value = JSON.stringify(said(key));
        form.submit();
      })
      .catch(() => {
        alert.hidden = false;
      });
  });
  form.hidden = false;
})();
