// What an examiner fills in for a part: one field, or one for each item of its rubric; and what the items come to.

import { button, element, fill } from "./show.js";

const FULL_MARKS = 100;

/** What the items' points come to, a half rounded up. A point counts weight / most, whole hundredths; the server reckons the same (scoring.total). */
export function total(items, points) {
  const hundredths = points.reduce((sum, given, at) => sum + given * ((items[at].weight * 100) / items[at].most), 0);
  return Math.floor((hundredths + 50) / 100);
}

/** The fields of a part: what is shown, what is typed as one text, what is wrong with it, and the value that it gives. */
export const fieldsOf = (part, draft, words) => (part.items?.length ? byItem(part, draft.split(","), words) : alone(part, draft, words));

function alone({ key, label }, draft, words) {
  const field = input(`points-${key}`, draft, FULL_MARKS);
  field.setAttribute("aria-label", fill(words.points_of, { part: label }));
  const text = () => field.value.trim();
  return {
    shown: [field],
    text,
    wrong: () => (isPoints(text(), FULL_MARKS) ? null : { field, said: words.odd }),
    value: () => ({ points: Number(text()), absence: null, by_item: null }),
  };
}

function byItem({ key, label, items }, drafts, words) {
  const sum = element("output", { className: "sum" });
  const inputs = items.map((item, at) => input(`points-${key}-${at}`, drafts[at] ?? "", item.most));
  const texts = () => inputs.map((one) => one.value.trim());
  const value = () => {
    const points = texts().map(Number);
    return { points: total(items, points), absence: null, by_item: points };
  };
  const wrong = () => {
    const at = texts().findIndex((text, place) => !isPoints(text, items[place].most));
    return at < 0 ? null : { field: inputs[at], said: fill(words.odd_item, { item: items[at].name, most: items[at].most }) };
  };
  const reckon = () => {
    const given = texts().filter(Boolean).length;
    sum.textContent = wrong() ? fill(words.items_given, { given, all: items.length }) : fill(words.sum_of, { part: label, points: value().points });
  };
  const rows = items.map((item, at) => row(item, inputs[at], words, reckon));
  reckon();
  return { shown: [...rows, sum], text: () => (texts().some(Boolean) ? texts().join(",") : ""), wrong, value };
}

/** An item: its name, weight and what its points are for; its field, and a button that gives all of them. */
function row(item, field, words, reckon) {
  const name = element("label", { htmlFor: field.id }, item.name, " ", element("small", {}, fill(words.weight, { weight: item.weight })));
  const full = button(fill(words.full, { most: item.most }), () => {
    field.value = item.most;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }, "full", `${item.name} ${fill(words.full, { most: item.most })}`);
  full.addEventListener("pointerdown", (event) => event.preventDefault()); // the fields are not left, so nothing is saved yet
  field.addEventListener("input", reckon);
  const guide = item.guide ? [element("p", {}, item.guide)] : [];
  return element("div", { className: "item" }, name, ...guide, element("div", { className: "enter" }, field, full));
}

function input(id, value, most) {
  return element("input", { id, value, inputMode: "numeric", maxLength: 3, autocomplete: "off", placeholder: `0–${most}` });
}

const isPoints = (text, most) => /^\d{1,3}$/.test(text) && Number(text) <= most;
