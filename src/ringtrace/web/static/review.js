// The keys of the review of calls. Each presses a button or follows a link that is there for the mouse too.
"use strict";

const ARROWS = { ArrowDown: "j", ArrowRight: "j", ArrowUp: "k", ArrowLeft: "k" };
const REMEMBERED = "ringtrace-review-keys";
const listens = document.getElementById("keys-on");
const help = document.getElementById("keys");

listens.checked = localStorage.getItem(REMEMBERED) !== "off";
listens.addEventListener("change", () => localStorage.setItem(REMEMBERED, listens.checked ? "on" : "off"));

const waiting = []; // keys pressed while a call is on its way: they are meant for that one
let underWay = true; // until htmx has taken the page in hand, a button would load another
document.addEventListener("htmx:after:process", () => goOn(), { once: true });

const writes = (place) => place.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

function press(key) {
  if (key === "?") {
    help.open = !help.open;
    return true;
  }
  if (key === "t") {
    const box = document.getElementById("tag-box");
    box?.focus();
    return box !== null;
  }
  const found = document.querySelector(`#review [data-key="${CSS.escape(ARROWS[key] ?? key)}"]`);
  // htmx asks a moment after the click: a key that comes between would press a button that is on its way out.
  if (found?.closest("[hx-get], [hx-post]")) underWay = true;
  found?.click();
  return found !== null;
}

function goOn() {
  underWay = false;
  pressWaiting();
}

function pressWaiting() {
  while (waiting.length && !underWay) {
    const key = waiting.shift();
    press(key);
    if (key === "t") waiting.length = 0; // what follows was typed into the box
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && writes(event.target)) {
    document.getElementById("review").focus();
    return;
  }
  if (!listens.checked || writes(event.target) || event.repeat) return;
  if (underWay) waiting.push(event.key);
  if (underWay || press(event.key)) event.preventDefault();
});

document.addEventListener("htmx:before:request", (event) => {
  if (event.target.closest?.("#review")) underWay = true;
});
document.addEventListener("htmx:error", () => {
  underWay = false;
  waiting.length = 0;
});

// A new call takes the place of the old one: the keyboard stays in it, and the address leads back to it.
document.addEventListener("htmx:after:swap", () => {
  const panel = document.getElementById("review");
  if (!panel) return;
  panel.focus();
  if (panel.dataset.address?.includes("sitting=")) history.replaceState(null, "", panel.dataset.address);
  goOn();
});
