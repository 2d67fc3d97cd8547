// Passkeys: a form with `data-passkey` asks the device before it is sent. Without a device that can, it stays hidden.
"use strict";

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const WORDS = {
  NotAllowedError: "Nothing was chosen. Try again when you are ready.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "This address cannot have passkeys: they need HTTPS and a host name, or localhost.",
};

function readKeys(keys) {
  return (keys || []).map((key) => ({ ...key, id: toBytes(key.id) }));
}

async function create({ publicKey }) {
  return navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: readKeys(publicKey.excludeCredentials),
    },
  });
}

async function get({ publicKey }) {
  return navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: readKeys(publicKey.allowCredentials),
    },
  });
}

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function optionsOf(form) {
  const place = form.dataset.options;
  if (place.startsWith("#")) {
    const data = JSON.parse(document.querySelector(place).textContent);
    return data.creation_options || data.request_options;
  }
  const answer = await fetch(place, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).request_options;
}

async function ask(form) {
  const said = form.querySelector("[data-passkey-said]");
  said.textContent = "";
  try {
    const options = await optionsOf(form);
    const credential = await (form.dataset.passkey === "create" ? create(options) : get(options));
    form.elements.credential.value = written(credential);
    form.submit();
  } catch (error) {
    said.textContent = WORDS[error.name] || "This did not work. Load the page again and try once more.";
  }
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue; // an old browser, or an address that is neither HTTPS nor localhost
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
}
