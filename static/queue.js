/* Keys of the queue: J and K move, X selects, Enter opens (as the link does), C claims. All works without. */
"use strict";

const lines = [...document.querySelectorAll("[data-line]")];
let current = -1;

function go(to) {
  lines[to]?.querySelector("a").focus();
}

const acts = {
  j: () => go(current + 1),
  k: () => go(current - 1),
  x: () => lines[current]?.querySelector("input[type=checkbox]")?.click(),
  c: () => lines[current]?.querySelector("[data-claim]")?.click(),
};

document.addEventListener("focusin", (event) => {
  const line = event.target.closest("[data-line]");
  if (line) current = lines.indexOf(line);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = acts[event.key.toLowerCase()];
  if (act) {
    event.preventDefault();
    act();
  }
});
