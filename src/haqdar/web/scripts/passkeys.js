// Passkeys: turns the platform's question into the browser's, and the browser's answer into a form field.
const bytes = (text) => {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
};
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const readOptions = (json) => {
  const { publicKey } = JSON.parse(json);
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    for (const one of publicKey[list] || []) one.id = bytes(one.id);
  }
  return { publicKey };
};

const written = (made) => {
  const said = made.response;
  const response = { clientDataJSON: text(said.clientDataJSON) };
  if (said.attestationObject) response.attestationObject = text(said.attestationObject);
  if (said.authenticatorData) response.authenticatorData = text(said.authenticatorData);
  if (said.signature) response.signature = text(said.signature);
  if (said.userHandle) response.userHandle = text(said.userHandle);
  return JSON.stringify({
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
    response,
  });
};

if (window.PublicKeyCredential) {
  for (const place of document.querySelectorAll("[data-passkey]")) {
    const form = place.closest("form");
    const field = form.elements.passkey_answer;
    const problem = form.querySelector("[data-passkey-error]");
    const go = async (ask) => {
      problem.hidden = true;
      try {
        field.value = written(await ask(readOptions(place.dataset.question)));
      } catch {
        problem.hidden = false;
        return;
      }
      field.disabled = false;
      form.submit();
    };
    if (place.dataset.passkey === "make") {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        event.stopPropagation();
        go((options) => navigator.credentials.create(options));
      });
    } else {
      place.hidden = false;
      place.querySelector("button").addEventListener("click", () => go((options) => navigator.credentials.get(options)));
    }
  }
}

for (const offer of document.querySelectorAll("[data-show-password]")) {
  offer.hidden = false;
  offer.querySelector("input").addEventListener("change", (event) => {
    for (const id of offer.dataset.showPassword.split(" ")) {
      document.getElementById(id).type = event.target.checked ? "text" : "password";
    }
  });
}
