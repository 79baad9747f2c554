// The page: camera, file and typed text in, verdicts out. Words come with the page, in its language.

import { openBook } from "./book.js";
import { holderTag } from "./claims.js";
import * as codes from "./codes.js";
import * as show from "./show.js";
import { judge } from "./verdict.js";

const known = JSON.parse(document.getElementById("known").textContent);
const { words } = known;
const root = known.root && Uint8Array.from(atob(known.root), (character) => character.charCodeAt(0));
const [form, camera, holder, found, state] = ["look", "camera", "holder", "found", "state"].map((id) => document.getElementById(id));
const video = camera.querySelector("video");
/** How long the register may take to answer before the verdict without it is shown, in milliseconds. */
const PATIENCE = 2500;

/** After so many milliseconds a page that is not kept yet says that it needs the network. */
const SLOW = 20_000;
/** An installed page stays open for days: what it knows is fetched anew when it is looked at again after so long. */
const FRESH = 10 * 60 * 1000;

let book = openBook({ ...known, root }, localStorage);
let opened = Date.now();
let shown = [];

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const what = form.elements.what.value.trim();
  if (what) say(() => lookUp(what));
});
form.elements.file.addEventListener("change", () => {
  const [file] = form.elements.file.files;
  if (file) say(() => readFile(file));
});
document.getElementById("open-camera").addEventListener("click", () => say(watch));
document.getElementById("close-camera").addEventListener("click", closeCamera);
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer.files;
  if (file) say(() => readFile(file));
});
holder.addEventListener("submit", (event) => {
  event.preventDefault();
  compareHolder();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden || Date.now() - opened < FRESH) return;
  opened = Date.now();
  book = openBook({ ...known, root }, localStorage);
});
if (navigator.mediaDevices?.getUserMedia) document.getElementById("open-camera").hidden = false;
keepForLater();

/** Do something that ends with verdicts or with a word why there are none. */
async function say(look) {
  holder.hidden = true;
  show.note(found, words.looking);
  try {
    shown = await look();
  } catch (error) {
    shown = [];
    show.note(found, words[error.message] ?? String(error), "bad");
    return;
  }
  const { demo, names } = await book;
  show.verdicts(found, shown, { ...known, demo }, names);
  found.scrollIntoView({ block: "start" });
  holder.hidden = !(shown.length === 1 && shown[0].reading?.claims.holder);
  holder.reset();
  document.getElementById("same").replaceChildren();
}

async function readFile(file) {
  form.elements.what.value = "";
  const { texts, ...held } = await codes.inFile(file).catch(() => fail("bad_file"));
  form.elements.file.value = "";
  if (!texts.length) fail("no_code");
  return Promise.all(texts.map((text) => verdictOf(text, held)));
}

async function watch() {
  const stream = await navigator.mediaDevices
    .getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } } })
    .catch(() => fail("no_camera"));
  video.srcObject = stream;
  camera.hidden = false;
  let texts = [];
  try {
    await video.play();
    while (!texts.length && video.srcObject) {
      await new Promise(requestAnimationFrame);
      if (video.videoWidth) texts = await codes.inPoints(codes.drawn(video, video.videoWidth, video.videoHeight));
    }
  } finally {
    closeCamera();
  }
  return Promise.all([...new Set(texts)].map((text) => verdictOf(text)));
}

function closeCamera() {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  camera.hidden = true;
}

/** Look up what was typed: a link is read here, a number is the register's to know. */
async function lookUp(what) {
  if (what.includes("://")) return [await verdictOf(what)];
  if (!known.live) fail("codes_only");
  const answer = await ask(`number/${encodeURIComponent(what)}`);
  if (answer === null) fail("number_needs_network");
  if (answer === "too_often") fail("too_often");
  return [live(answer)];
}

/**
 * Judge a scanned text here, and ask the register, which knows more where it can be reached in time; a mirror has none.
 * A PDF also held the log's proof, and its hash tells the register whether it is the original.
 */
async function verdictOf(text, { proof, digest } = {}) {
  const verdict = await judge(text, await book, Date.now() / 1000, proof);
  const isOurs = verdict.reading || verdict.outcome === "unsure" || verdict.why === "unknown_key";
  if (!isOurs || !known.live) return verdict;
  const code = text.trim().split("/").at(-1);
  const answer = await Promise.race([ask(`code/${code}${digest ? `?pdf=${digest}` : ""}`), new Promise((late) => setTimeout(late, PATIENCE, null))]);
  return answer?.outcome ? { ...verdict, ...live(answer) } : verdict;
}

async function ask(path) {
  try {
    const answer = await fetch(`../api/v1/verify/${path}`, { headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang } });
    if (answer.status === 429) return "too_often";
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

const live = (answer) => ({ outcome: answer.outcome, why: answer.refusal, asOf: Date.parse(answer.as_of) / 1000, live: answer });

async function compareHolder() {
  const same = document.getElementById("same");
  const number = document.getElementById("id-number").value.replace(/\s/g, "").toUpperCase();
  if (!isIdNumber(number)) {
    show.note(same, words.not_an_id, "bad");
    return;
  }
  const tag = await holderTag(number);
  const isSame = shown[0].reading.claims.holder.every((byte, at) => byte === tag[at]);
  show.note(same, isSame ? words.same : words.other, isSame ? "good" : "bad");
}

/** Tell a typing mistake: GB 11643, weights 2^(18 - place) modulo 11. */
function isIdNumber(number) {
  if (!/^\d{17}[\dX]$/.test(number)) return false;
  const sum = [...number].slice(0, 17).reduce((total, digit, at) => total + Number(digit) * (2 ** (17 - at) % 11), 0);
  return "10X98765432"[sum % 11] === number[17];
}

/** Have the browser keep the page, and say what can be done without a network. */
async function keepForLater() {
  state.hidden = false;
  state.textContent = words.preparing;
  codes.prepare();
  const slow = setTimeout(tellState, SLOW, false); // it may never be ready, and nobody says so
  let isKept = false;
  try {
    await navigator.serviceWorker.register("worker.js");
    await navigator.serviceWorker.ready;
    isKept = true;
  } catch {
    // no service worker here, as in WeChat: the page works as long as it is open
  }
  clearTimeout(slow);
  await tellState(isKept);
}

async function tellState(isKept) {
  const { trust, lists } = await book;
  state.textContent = readiness(trust, lists, isKept);
  state.dataset.ready = trust && isKept ? "offline" : "online";
}

function readiness(trust, lists, isKept) {
  if (!trust) return words.online_only;
  if (!isKept) return words.plain_only;
  if (!lists.size) return words.no_lists_yet;
  const oldest = Math.min(...[...lists.values()].map((list) => list.issued));
  return show.fill(words.ready, { day: show.minute(oldest) });
}

function fail(word) {
  throw new Error(word);
}
