// The keys of the review of calls. Each presses a button or follows a link that is there for the mouse too.
"use strict";

const ARROWS = { ArrowDown: "j", ArrowRight: "j", ArrowUp: "k", ArrowLeft: "k" };
const REMEMBERED = "ringtrace-review-keys";
const listens = document.getElementById("keys-on");
const help = document.getElementById("keys");

listens.checked = localStorage.getItem(REMEMBERED) !== "off";
listens.addEventListener("change", () => localStorage.setItem(REMEMBERED, listens.checked ? "on" : "off"));

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
  found?.click();
  return found !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && writes(event.target)) {
    document.getElementById("review").focus();
    return;
  }
  if (!listens.checked || writes(event.target) || event.repeat) return;
  if (press(event.key)) event.preventDefault();
});

// A new call takes the place of the old one: the keyboard stays in it, and the address leads back to it.
document.addEventListener("htmx:after:swap", () => {
  const panel = document.getElementById("review");
  if (!panel) return;
  panel.focus({ preventScroll: false });
  if (panel.dataset.address?.includes("sitting=")) history.replaceState(null, "", panel.dataset.address);
});
