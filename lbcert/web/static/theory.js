// A theory paper: each choice is sent at once and sent again until it is kept; the time is the server's.
"use strict";

const sheet = document.getElementById("sheet");
const words = JSON.parse(sheet.dataset.words);
const RETRY = 3000;
const ASK = 30000;
/** Forms whose choice is not kept yet, oldest first, with how often it was made. */
const waiting = new Map();
let ends = performance.now() + 1000 * Number(sheet.dataset.left);
let token = "";
let sending = false;

function show(id, text) {
  const place = document.getElementById(id);
  if (place.textContent !== text) place.textContent = text;
}

function tell(text) {
  sheet.dataset.waiting = waiting.size;
  show("saving", text);
}

/** Take over what the server says; true when the choice is kept. */
async function hear(answer) {
  if (answer.status === 410) return location.replace(sheet.dataset.ended);
  if (answer.status === 401) return location.replace(sheet.dataset.enter);
  const said = await answer.json();
  if (answer.status === 422) return tell(words.odd + said.why.join(""));
  if (!answer.ok) throw new Error(answer.status);
  ends = performance.now() + 1000 * said.left;
  token = said.token;
  show("elsewhere", said.elsewhere && words.elsewhere.replace("{time}", said.elsewhere));
  show("extra", said.extra);
  count(said.answered);
  return true;
}

function count(answered) {
  const place = document.getElementById("answered");
  place.textContent = place.textContent.replace(/\d+/, answered);
}

async function send() {
  if (sending) return;
  sending = true;
  while (waiting.size) {
    const [[form, made]] = waiting;
    tell(words.sending);
    const body = new FormData(form);
    if (token) body.set("csrf_token", token);
    try {
      const kept = await hear(await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }));
      form.classList.toggle("is-answered", body.has("chosen") && kept === true);
      if (waiting.get(form) === made) waiting.delete(form); // what was chosen meanwhile is sent once more
      if (kept && !waiting.size) tell(words.saved);
    } catch {
      tell(words.failed);
      await new Promise((done) => setTimeout(done, RETRY));
    }
  }
  sending = false;
}

function choose(form) {
  waiting.set(form, (waiting.get(form) ?? 0) + 1);
  send();
}

async function ask() {
  if (!sending) await fetch(sheet.dataset.state, { headers: { Accept: "application/json" } }).then(hear).catch(() => tell(words.failed));
}

function tick() {
  const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
  show("left", words.left.replace("{time}", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`));
  if (left === 0) ask();
}

document.documentElement.classList.add("saves-itself");
for (const form of document.querySelectorAll(".question")) {
  form.classList.toggle("is-answered", form.querySelector(":checked") !== null);
  form.addEventListener("change", () => choose(form));
  form.addEventListener("submit", (event) => { event.preventDefault(); choose(form); });
}
addEventListener("beforeunload", (event) => { if (waiting.size) event.preventDefault(); });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
setInterval(tick, 1000);
setInterval(ask, ASK);
tell("");
tick();
