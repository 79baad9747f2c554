// Comfort only: each page works without it. Escape and a click elsewhere close what is open.
"use strict";

const OPENED = ".account-menu[open], .masked details[open], .page-head .confirm[open]";

function closeAll(except) {
  for (const opened of document.querySelectorAll(OPENED)) {
    if (!opened.contains(except)) opened.open = false;
  }
}

document.addEventListener("click", (event) => closeAll(event.target));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const opened = document.querySelector(OPENED);
  closeAll(null);
  if (opened) opened.querySelector("summary").focus();
  if (location.hash === "#menu") {
    location.hash = "content";
    document.querySelector(".menu-open").focus();
  }
});

// The menu is opened by the address's #menu; the reader of the screen starts at its first line.
window.addEventListener("hashchange", () => {
  if (location.hash === "#menu") document.querySelector(".menu-close").focus();
});

// Who signs out leaves nothing of the marking on this phone but what the server has not got yet.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.action.endsWith("/logout") || !window.indexedDB) return;
  event.preventDefault();
  const late = new Promise((resolve) => { setTimeout(resolve, 2000); });
  const forgotten = import("./marking/store.js").then((store) => store.signOut());
  Promise.race([forgotten, late]).catch(() => {}).then(() => HTMLFormElement.prototype.submit.call(form));
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 3000);
});

// What was refused is read first.
const summary = document.querySelector(".house-form > .notice-stop");
if (summary) {
  summary.tabIndex = -1;
  summary.focus();
}
