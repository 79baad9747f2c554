// Hands what the page asks to the device (a new passkey, or a proof with one), and sends what it answers.
"use strict";

const form = document.querySelector("form[data-passkey]");
const again = form.querySelector("button");
const PARTS = ["attestationObject", "authenticatorData", "clientDataJSON", "signature", "userHandle"];

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function ask() {
  const options = JSON.parse(form.dataset.passkey);
  options.challenge = bytes(options.challenge);
  for (const known of options.excludeCredentials || []) known.id = bytes(known.id);
  if (!options.user) return navigator.credentials.get({ publicKey: options });
  options.user.id = bytes(options.user.id);
  return navigator.credentials.create({ publicKey: options });
}

function written({ id, rawId, type, response }) {
  const parts = PARTS.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(parts) });
}

function explain(name) {
  const notes = [...form.querySelectorAll("[data-when]")];
  const shown = notes.find((note) => note.dataset.when === name) || notes.at(-1);
  for (const note of notes) note.hidden = note !== shown;
  again.hidden = false;
}

async function carryOut() {
  if (!window.PublicKeyCredential) return explain(window.isSecureContext ? "NotSupportedError" : "SecurityError");
  try {
    form.elements.credential.value = written(await ask());
  } catch (error) {
    return explain(error.name);
  }
  form.submit();
}

again.addEventListener("click", carryOut);
carryOut();
