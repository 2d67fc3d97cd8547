// The metrics pages with a script: metrics are found while typing. All else is plain links and forms.
"use strict";

for (const search of document.querySelectorAll("[data-finds]")) {
  const choices = document.getElementById(search.dataset.finds);
  const nothing = choices.parentElement.querySelector(".none-found");
  search.closest("label").hidden = false;
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const group of choices.children) {
      for (const choice of group.querySelectorAll("[data-words]")) {
        choice.hidden = !words.every((word) => choice.dataset.words.includes(word));
      }
      group.hidden = !group.querySelector("[data-words]:not([hidden])");
    }
    nothing.hidden = Boolean(choices.querySelector("[data-words]:not([hidden])"));
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // finding is not asking
  });
}

for (const choice of document.querySelectorAll("[data-submits-unless]")) {
  choice.addEventListener("change", () => {
    if (choice.value !== choice.dataset.submitsUnless) choice.form.requestSubmit();
  });
}

// One value is opened at a time.
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.(".pick[open]")) return;
  for (const other of document.querySelectorAll(".pick[open]")) if (other !== event.target) other.open = false;
}, true);
