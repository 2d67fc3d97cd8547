// What the pages do beyond showing: the menu on a phone, copying, and being polite about polling.
"use strict";

document.documentElement.classList.add("scripted");

const menuButton = document.querySelector(".menu-button");
if (menuButton) {
  const menu = document.getElementById(menuButton.getAttribute("aria-controls"));
  menuButton.hidden = false;
  menuButton.addEventListener("click", () => {
    const open = menu.classList.toggle("open");
    menuButton.setAttribute("aria-expanded", String(open));
  });
}

for (const choice of document.querySelectorAll("[data-submits]")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}

for (const field of document.querySelectorAll("[data-guess-zone]")) {
  if (!field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}

for (const button of document.querySelectorAll("[data-copies]")) {
  if (!navigator.clipboard) continue; // only pages of this machine or over HTTPS may write to the clipboard
  button.hidden = false;
  const words = button.firstChild.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.firstChild.textContent = "Copied";
    setTimeout(() => { button.firstChild.textContent = words; }, 2000);
  });
}

// A log in a background tab asks nothing; it catches up at the first tick after it is seen again.
document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && event.target.hasAttribute?.("data-live")) event.preventDefault();
});
