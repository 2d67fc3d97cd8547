// Ticking calls of the log: all of a page, a run of them by Shift, and ticks that stay while new calls come in.
"use strict";

const bulk = document.getElementById("bulk");
const ticked = new Set(); // ids, so that a row that is drawn anew is ticked again
let last = null;

const boxes = () => [...document.querySelectorAll("#log-rows input[name=call]")];

function tell() {
  const all = document.querySelector("[data-tick-all] input");
  const shown = boxes();
  const count = shown.filter((box) => box.checked).length;
  if (all) {
    all.checked = count > 0 && count === shown.length;
    all.indeterminate = count > 0 && count < shown.length;
  }
  const words = document.querySelector("[data-ticked]");
  if (words) words.textContent = count ? `With the ${count} ticked:` : "Tick calls to tag them, say how they ended, or mark spam.";
}

function tick(box, checked) {
  box.checked = checked;
  if (checked) ticked.add(box.value);
  else ticked.delete(box.value);
}

if (bulk) {
  const all = document.querySelector("[data-tick-all]");
  all.hidden = false;
  document.querySelector("[data-tick-words]").hidden = true;
  all.querySelector("input").addEventListener("change", (event) => {
    for (const box of boxes()) tick(box, event.target.checked);
    tell();
  });

  let shifted = false; // a click on the label comes first, and then one on its box
  document.getElementById("log-rows").addEventListener("click", (event) => {
    const box = event.target.closest?.("input[name=call]");
    if (!box) {
      shifted = event.shiftKey;
      return;
    }
    const shown = boxes();
    const from = shown.findIndex((one) => one.value === last);
    const to = shown.indexOf(box);
    if ((event.shiftKey || shifted) && from >= 0) {
      for (const one of shown.slice(Math.min(from, to), Math.max(from, to) + 1)) tick(one, box.checked);
    }
    tick(box, box.checked);
    last = box.value;
    shifted = false;
    tell();
  });

  document.addEventListener("htmx:after:swap", () => {
    for (const box of boxes()) box.checked = ticked.has(box.value);
    tell();
  });

  for (const box of boxes()) if (box.checked) ticked.add(box.value); // the browser came back to this page
  tell();
}
