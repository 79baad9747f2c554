// A session is dragged to another cell of the week: while it hovers the page asks what would come of it, and a drop offers
// to do it. The link in each session leads to the same questions without dragging.
"use strict";

const box = document.getElementById("shift");
const PAUSE = 250;
/** What is being dragged, and where it hovers. */
let dragged = null;
let over = null;
let soon = 0;
let isDropped = false;
const answers = new Map();

function cellOf(event) {
  return event.target instanceof Element ? event.target.closest("td[data-day]") : null;
}

/** Ask, once, what would come of moving the session to the cell. */
function ask(cell) {
  const { day, starts } = cell.dataset;
  const address = `${dragged.dataset.shift}?${new URLSearchParams({ day, starts })}`;
  if (!answers.has(address)) {
    answers.set(address, fetch(address).then(async (answer) => {
      if (!answer.ok) throw new Error(answer.status);
      return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("consequences");
    }));
    answers.get(address).catch(() => answers.delete(address));
  }
  return answers.get(address);
}

async function show(cell) {
  box.hidden = false;
  box.classList.toggle("shift-left", cell.cellIndex > 4); // never over where it hovers
  box.classList.toggle("shift-asks", isDropped);
  box.textContent = box.dataset.asking;
  try {
    const said = document.importNode(await ask(cell), true);
    if (cell !== over) return;
    cell.classList.toggle("cell-stops", said.dataset.stops === "yes");
    cell.classList.toggle("cell-fits", said.dataset.stops === "no");
    if (!isDropped) said.querySelector("form")?.remove();
    box.replaceChildren(said);
    if (!isDropped) return;
    const close = document.createElement("button");
    close.className = "btn btn-lg";
    close.textContent = box.dataset.close;
    close.addEventListener("click", end);
    box.append(close);
    said.focus({ preventScroll: true });
  } catch {
    if (cell === over) box.textContent = box.dataset.failed;
  }
}

function leave() {
  clearTimeout(soon);
  over?.classList.remove("cell-over", "cell-stops", "cell-fits");
  over = null;
}

function end() {
  leave();
  answers.clear();
  if (box.contains(document.activeElement)) dragged.querySelector(".slot-move").focus();
  box.hidden = true;
  dragged = null;
  isDropped = false;
}

document.addEventListener("dragstart", (event) => {
  const slot = event.target instanceof Element && event.target.closest("[data-shift]");
  if (!slot) return;
  end();
  dragged = slot;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", slot.dataset.shift);
});

document.addEventListener("dragover", (event) => {
  const cell = cellOf(event);
  if (!dragged || isDropped) return;
  if (cell) event.preventDefault();
  if (cell === over) return;
  leave();
  over = cell;
  if (!cell) return;
  cell.classList.add("cell-over");
  soon = setTimeout(() => show(cell), PAUSE);
});

document.addEventListener("drop", (event) => {
  const cell = cellOf(event);
  if (!dragged || !cell) return;
  event.preventDefault(); // Firefox would go to the address
  clearTimeout(soon);
  over = cell;
  isDropped = true;
  show(cell);
});

document.addEventListener("dragend", () => { if (!isDropped) end(); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !box.hidden) end(); });
