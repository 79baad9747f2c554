// Verdicts as people see them: colour, sign and words. Text goes in as text, never as markup.

import { SIGNS } from "./verdict.js";

const STROKES = { ok: "M4 12.5l5 5L20 6.5", warn: "M12 4v10M12 19.5v.01", stop: "M5 5l14 14M19 5L5 19" };

const shanghai = (options) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", ...options });
const DAY = shanghai({ dateStyle: "short" }), MINUTE = shanghai({ dateStyle: "short", timeStyle: "short" });
/** Write seconds since 1970 as a day, or to the minute, in Beijing's time. */
export const day = (seconds) => DAY.format(seconds * 1000);
export const minute = (seconds) => MINUTE.format(seconds * 1000);

/** Put values into the gaps of a text. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Show one sentence in a place, instead of what was there. */
export function note(place, text, kind = "") {
  place.replaceChildren(paragraph(`note ${kind}`, text));
}

/** Show verdicts in a place; `known` came with the page, `names` from names.json. */
export function verdicts(place, found, known, names) {
  place.replaceChildren(...found.flatMap((verdict) => card(verdict, known, names)));
}

function card(verdict, known, names) {
  const { words } = known;
  const sign = SIGNS[verdict.outcome] ?? "stop";
  const headline = (known.demo ? `${words.demo} · ` : "") + (known.outcomes[verdict.outcome] ?? words.unsure);
  const title = box("h2", "", [headline]);
  const explained = box("div", "", [title, box("p", "", [explanation(verdict, known)])]);
  const parts = [box("div", `verdict ${sign}`, [drawing(sign), explained])];
  if (verdict.foreign) {
    const text = verdict.why === "not_a_link" ? words.cloned : words.foreign;
    parts.push(paragraph("note bad foreign", fill(text, { host: verdict.foreign, own: known.host })));
  }
  const isOriginal = verdict.live?.is_original ?? null;
  if (isOriginal !== null) parts.push(paragraph(isOriginal ? "note good" : "note bad", isOriginal ? words.original : words.not_original));
  if (verdict.recorded) parts.push(paragraph("note good", fill(words.recorded, { day: minute(verdict.recorded) })));
  if (verdict.live?.successor) parts.push(paragraph("note", words.successor + verdict.live.successor));
  const lines = verdict.live?.fields.length ? verdict.live.fields.map(({ label, value }) => [label, value]) : ownLines(verdict, known, names);
  if (lines.length) parts.push(box("section", "", [box("h2", "", [labelOf(verdict, known)]), list(lines)]));
  for (const part of verdict.live?.parts ?? []) {
    parts.push(box("section", "", [box("h2", "", [part.title]), list(part.fields.map(({ label, value }) => [label, value]))]));
  }
  if (verdict.live?.history.length) parts.push(history(verdict.live.history, words));
  if (verdict.asOf) parts.push(box("p", "as-of", [fill(verdict.live ? words.live : words.offline, { at: minute(verdict.asOf) })]));
  return parts;
}

function explanation({ outcome, why, asOf, live }, { words, refusals }) {
  if (live) return live.explanation;
  const when = { day: asOf ? minute(asOf) : "" };
  if (why === "unknown_key") return `${refusals[why]} ${fill(words.old_trust_list, when)}`;
  if (outcome === "broken") return refusals[why];
  return fill(words[outcome === "unsure" ? why : outcome], when);
}

const labelOf = ({ reading }, { types, words }) => types[reading?.claims.kind]?.label ?? words.certificate;

/** Write what the token itself says. */
function ownLines({ reading }, { types, words }, names) {
  if (!reading) return [];
  const { claims } = reading;
  const level = types[claims.kind]?.levels[claims.level];
  return [
    [words.name, claims.name],
    [words.trade, names.trades[claims.occupation] ?? (claims.occupation ? String(claims.occupation % 1e8) : "")],
    [words.level, level],
    [words.brand, names.brands[claims.brand] ?? String(claims.brand)],
    [words.issued, day(claims.issued)],
    [words.expires, claims.expires === null ? "" : day(claims.expires)],
  ].filter(([, value]) => value);
}

const paragraph = (kind, text) => box("div", kind, [box("p", "", [text])]);

function list(lines) {
  const rows = lines.map(([label, value]) => box("div", "", [box("dt", "", [label]), box("dd", "", [value])]));
  return box("dl", "", rows);
}

function history(entries, words) {
  const row = (entry) => box("li", "", [box("time", "", [day(Date.parse(entry.on) / 1000)]), entry.words, document.createElement("br"), box("span", "", [entry.authority])]);
  return box("section", "", [box("h2", "", [words.history]), box("ol", "", [...entries].reverse().map(row))]);
}

function drawing(sign) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", STROKES[sign]);
  svg.append(path);
  return svg;
}

function box(name, kind, inside) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.append(...inside);
  return made;
}
