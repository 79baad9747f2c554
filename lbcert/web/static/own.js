// Comfort only: sending, copying and printing, each where the browser can.
"use strict";

const link = document.querySelector("[data-link]");

function offer(name, able, act) {
  const button = document.querySelector(`[${name}]`);
  if (!button || !able) return;
  button.hidden = false;
  button.addEventListener("click", () => act(button));
}

offer("data-print", true, () => window.print());
offer("data-send", navigator.share, () => navigator.share({ url: link.value }).catch(() => {}));
offer("data-copy", navigator.clipboard, async (button) => {
  await navigator.clipboard.writeText(link.value);
  button.querySelector("span").textContent = button.dataset.done;
});
if (link) link.addEventListener("focus", () => link.select());
