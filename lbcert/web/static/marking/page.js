// The marking page: one candidate a screen. What is typed is kept on the phone at each key, entered when the field is left, then sent.

import { byAge, drop, enter, insist, keepDraft } from "./entries.js";
import { fieldsOf } from "./items.js";
import { forgetOver, refresh, send } from "./sending.js";
import { change, draftKey } from "./store.js";
import { button, element, fill, say } from "./show.js";

const { words, absences } = JSON.parse(document.getElementById("known").textContent);
const [top_, screen_, state_] = ["top", "screen", "state"].map((id) => document.getElementById(id));
/** While something waits it is sent again after some ten seconds, each phone at moments of its own: after an outage all come back. */
const AGAIN = () => 5_000 + 10_000 * Math.random();
/** How often is looked whether the time has come, in milliseconds. */
const TICK = 1_000;

let seen = null; // {account, sheet, entries, drafts, others}
let connection = "asking";
let restsUntil = 0;
/** What stands in the fields, by their draft's key, ahead of what is kept. */
const typing = new Map();

const [batch, number] = [() => Number(location.hash.slice(1).split("/")[0]), () => location.hash.slice(1).split("/")[1] ?? ""];
const go = (to) => { location.hash = `${batch()}/${to}`; };

window.addEventListener("hashchange", () => look().then(catchUp));
window.addEventListener("online", catchUp);
document.addEventListener("visibilitychange", () => document.hidden || catchUp());
setInterval(() => seen && waiting().length && catchUp(false), TICK);
look().then(catchUp);
keepForLater();

/** Read what the phone has, and show it. */
async function look() {
  const read = await change(async (store) => {
    const account = await store("known").get("account");
    const entries = (await store("entries").all()).sort(byAge);
    const drafts = new Map();
    for (const key of await store("drafts").keys()) drafts.set(key, await store("drafts").get(key));
    const sheet = await store("sheets").get(`${account}/${batch()}`);
    return { account, sheet, drafts, entries };
  });
  const own = read.entries.filter((entry) => entry.account === read.account);
  seen = { ...read, entries: own, others: read.entries.length - own.length };
  show();
}

let running = null;
let isWantedAgain = false;

/**
 * Send what waits, and unless told otherwise ask what is new; show how it went. What comes meanwhile goes in a second round.
 * Where nobody answered, what is not asked for by the examiner rests a while.
 */
function catchUp(isAsking = true) {
  if (!isAsking && performance.now() < restsUntil) return running;
  isWantedAgain = Boolean(running);
  running ??= round(isAsking).finally(() => {
    running = null;
    if (isWantedAgain) catchUp(false);
  });
  return running;
}

async function round(isAsking) {
  if (!seen) await look();
  if (seen.account) connection = await send(seen.account);
  const isReached = !["offline", "signed_out"].includes(connection);
  if (batch() && isReached && (isAsking || connection !== "ok")) connection = await refresh(batch());
  await look();
  if (connection === "ok" && waiting().length) {
    connection = await send(seen.account); // of whoever has signed in by now
    await look();
  }
  restsUntil = connection === "ok" ? 0 : performance.now() + AGAIN();
  if (seen.sheet) await forgetOver(seen.sheet, [...seen.entries, ...draftsHere()]);
}

const waiting = () => seen.entries.filter((entry) => entry.state === "waiting");
const draftsHere = () => [...seen.drafts.keys()].filter((key) => key.startsWith(`${seen.account}/${batch()}/`)).map(() => ({ account: seen.account, batch: batch() }));

let drawn = null;

function show() {
  showState();
  const { sheet } = seen;
  const isTyping = document.activeElement?.tagName === "INPUT" && drawn === location.hash;
  if (isTyping) return; // a field is not drawn anew under the thumb; it is when it has been left
  drawn = location.hash;
  if (!sheet) {
    top_.replaceChildren();
    say(screen_, connection === "ok" ? words.choose : words[connection] ?? words.offline);
    return;
  }
  const numbers = sheet.candidates.map((one) => one.number);
  if (number() && numbers.includes(number())) showCandidate(sheet, numbers);
  else showList(sheet);
}

function showState() {
  const troubled = seen.entries.filter((entry) => entry.state !== "waiting");
  const lines = [], count = waiting().length;
  if (connection === "signed_out") lines.push(["bad", words.signed_out, words.sign_in, "../mine"]);
  if (connection === "not_yours" && seen.sheet) lines.push(["bad", words.not_yours]);
  if (count) lines.push(["wait", fill(connection === "offline" ? words.waiting_offline : words.waiting, { count })]);
  for (const entry of troubled) {
    lines.push(["bad", fill(words.troubled, { number: entry.number }), words.look, `#${entry.batch}/${entry.number}`]);
  }
  for (const key of seen.drafts.keys()) {
    const [account, of, candidate] = key.split("/");
    const isElsewhere = Number(account) === seen.account && candidate !== number();
    if (isElsewhere) lines.push(["bad", fill(words.typed, { number: candidate }), words.look, `#${of}/${candidate}`]);
  }
  if (seen.others) lines.push(["wait", fill(words.others, { count: seen.others })]);
  if (seen.sheet && !seen.sheet.open) lines.push(["bad", fill(words.closed, { state: seen.sheet.state })]);
  if (!lines.length) lines.push(connection === "ok" ? ["good", words.all_saved] : ["wait", words[connection] ?? words.offline]);
  state_.dataset.waiting = count;
  state_.dataset.connection = connection;
  state_.replaceChildren(...lines.map(([kind, text, link, address]) => {
    const line = element("p", { className: kind }, text);
    if (link) line.append(" ", element("a", { href: address }, link));
    return line;
  }));
}

function showList(sheet) {
  const first = sheet.candidates.find((one) => Object.keys(one.wanted).some((part) => !pending(one.number, part)));
  top_.replaceChildren(element("h1", {}, sheet.number));
  const rows = sheet.candidates.map((one) => {
    const values = sheet.parts.map(({ key, label }) => `${label} ${shown(pending(one.number, key) ?? one.marks[key]) || (key in one.wanted ? words.unmarked : words.not_wanted)}`);
    const link = element("a", { href: `#${sheet.batch}/${one.number}` }, element("strong", { className: "number" }, one.number), element("span", {}, values.join(" · ")));
    return element("li", {}, link);
  });
  const begin = first && sheet.open ? [button(words.begin, () => go(first.number), "big")] : [];
  screen_.replaceChildren(...begin, element("ol", { className: "list" }, ...rows));
}

function showCandidate(sheet, numbers) {
  const at = numbers.indexOf(number());
  const candidate = sheet.candidates[at];
  const turn = (to, label, sign) => (to ? button(sign, () => go(to), "turn", label) : element("span"));
  top_.replaceChildren(
    turn(numbers[at - 1], words.before, "‹"),
    element("h1", {}, element("span", { className: "number" }, number()), element("small", {}, `${at + 1} / ${numbers.length}`)),
    turn(numbers[at + 1], words.after, "›"),
  );
  screen_.replaceChildren(
    ...sheet.parts.map((part) => panel(sheet, candidate, part)),
    numbers[at + 1] ? button(words.after, () => go(numbers[at + 1]), "big") : element("span"),
    button(words.all, () => go("")),
  );
}

function panel(sheet, candidate, part) {
  const { key, label } = part;
  const place = { account: seen.account, batch: sheet.batch, number: candidate.number, part: key };
  const troubled = seen.entries.find((entry) => entry.state !== "waiting" && isAt(entry, place));
  const entered = pending(candidate.number, key);
  const saved = candidate.marks[key];
  const heading = element("h2", {}, label);
  const box = element("section", { className: "panel" }, heading);
  box.dataset.part = key;
  if (troubled) {
    box.append(...trouble(troubled, part));
    return box;
  }
  if (entered || saved) heading.append(" ", element("strong", {}, shown(entered ?? saved)));
  if (entered) box.append(element("p", { className: "wait" }, words.to_send));
  else if (saved) box.append(element("p", { className: "good" }, saved.by ? fill(words.saved_by, { who: saved.by }) : words.saved));
  if (entered ?? saved) box.append(...itemsOf(entered ?? saved, part));
  if (!saved && !entered && !(key in candidate.wanted)) {
    box.append(element("p", {}, words.not_wanted_long));
    return box;
  }
  if (!sheet.open && !seen.drafts.has(draftKey(place.account, place.batch, place.number, place.part))) return box;
  if (!entered && !saved && candidate.wanted[key]) box.append(element("p", {}, words.third));
  const needsReason = Boolean(saved) || Boolean(entered?.attempted);
  const form = entry(place, part, { after: saved?.id ?? null, needsReason, now: entered ?? saved });
  if (!needsReason) box.append(form);
  else box.append(element("details", { open: seen.drafts.has(draftKey(place.account, place.batch, place.number, place.part)) }, element("summary", {}, words.change), form));
  return box;
}

/** The fields of a mark, entered when they are left, and the buttons of an absence; a change of what is saved asks for its reason. */
function entry(place, part, { after, needsReason, now }) {
  const key = draftKey(place.account, place.batch, place.number, place.part);
  const draft = typing.get(key) ?? seen.drafts.get(key) ?? "";
  const fields = fieldsOf(part, draft || (now?.by_item ?? []).join(","), words);
  const reason = element("input", { id: `reason-${place.part}`, maxLength: 300 });
  const note = element("p", { className: "bad", role: "alert" }, draft ? words.draft : "");
  let isSaving = false;

  async function save(value) {
    if (isSaving) return;
    if (needsReason && !reason.value.trim()) {
      note.textContent = words.give_reason;
      reason.focus();
      return;
    }
    isSaving = true;
    await enter(place, value, { after, reason: reason.value.trim() }); // sent meanwhile: it is drawn anew, with its reason asked for
    typing.delete(key);
    if (form.contains(document.activeElement)) document.activeElement.blur();
    await look();
    isSaving = false;
    catchUp(false);
  }

  /** Enter what is typed; give the field that is wrong, where one is. */
  function saveTyped() {
    if (!fields.text()) return null;
    const wrong = fields.wrong();
    if (!wrong) save(fields.value());
    else note.textContent = wrong.said;
    return wrong?.field;
  }

  const typed = element("div", { className: "fields" }, ...fields.shown);
  typed.addEventListener("input", () => {
    typing.set(key, fields.text());
    keepDraft(place, fields.text());
  });
  if (!needsReason) typed.addEventListener("focusout", (event) => typed.contains(event.relatedTarget) || saveTyped());
  const form = element("form", {},
    ...(needsReason ? [element("label", {}, words.reason, reason)] : []),
    element("div", { className: part.items?.length ? "by-item" : "enter" }, typed, button(words.save, null, "save")),
    element("div", { className: "absences" }, ...absences.map((one) => button(one.label, () => save({ points: null, absence: one.key, by_item: null })))),
    note,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    saveTyped()?.focus();
  });
  return form;
}

/** An entry that the server did not take: what it said, and what the examiner may do about it. */
function trouble(one, part) {
  const said = one.why?.length ? one.why : [words.refused];
  const lines = [element("p", { className: "bad" }, one.mark ? fill(words.conflict, { mine: shown(one), theirs: shown(one.mark) }) : fill(words.kept_here, { mine: shown(one) })), ...itemsOf(one, part), ...said.map((text) => element("p", {}, text))];
  const done = async () => {
    await look();
    await catchUp();
  };
  if (!one.mark) return [...lines, button(words.drop, () => drop(one).then(done))];
  const reason = element("input", { id: `reason-${one.part}`, maxLength: 300 });
  const over = () => {
    if (reason.value.trim()) insist(one, reason.value.trim()).then(done);
    else reason.focus();
  };
  return [
    ...lines, ...itemsOf(one.mark, part),
    button(fill(words.keep_theirs, { theirs: shown(one.mark) }), () => drop(one).then(done)),
    element("label", {}, words.reason, reason),
    button(fill(words.use_mine, { mine: shown(one) }), over),
  ];
}

const isAt = (entry, place) => entry.batch === place.batch && entry.number === place.number && entry.part === place.part;

/** The newest entry of a place that waits to be sent. */
function pending(of, part) {
  return seen.entries.filter((entry) => entry.state === "waiting" && isAt(entry, { batch: batch(), number: of, part })).at(-1);
}

/** What was given for each item of a rubric, as a line. */
function itemsOf(value, { items }) {
  if (!value.by_item) return [];
  return [element("p", { className: "given" }, value.by_item.map((points, at) => `${items[at].name} ${points}`).join(" · "))];
}

/** A value as it is read: points, or the absence in words. */
function shown(value) {
  if (!value) return "";
  return value.absence ? absences.find((one) => one.key === value.absence).label : String(value.points);
}

/** Have the browser keep the page, and say so once it opens without a network. */
async function keepForLater() {
  const note = document.getElementById("kept");
  try {
    await navigator.serviceWorker.register("worker.js");
    await navigator.serviceWorker.ready;
    await navigator.storage?.persist?.();
    note.textContent = words.offline_ready;
    note.dataset.ready = "offline";
  } catch {
    note.textContent = words.online_only;
    note.dataset.ready = "online";
  }
}
