/* The first marked cell of a file's first rows is scrolled into their view. Nothing else moves or gets the focus. */
"use strict";

for (const rows of document.querySelectorAll(".draft-rows")) {
  const cell = rows.querySelector("td.refused") ?? rows.querySelector("td.remarked");
  if (!cell || location.hash) continue;
  const [shown, place] = [rows.getBoundingClientRect(), rows.querySelector(".place").offsetWidth];
  const { left, right } = cell.getBoundingClientRect();
  rows.scrollLeft += Math.max(Math.min(right - shown.right, left - shown.left - place), 0);
}
