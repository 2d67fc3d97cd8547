// The rows of a condition: only what can be asked of the chosen field is offered.
"use strict";

function fit(row) {
  const of = row.querySelector("[name$=_of]");
  const how = row.querySelector("[name$=_how]");
  const value = row.querySelector("[name$=_value]");
  const chosen = of.selectedOptions[0];
  const operators = (chosen.dataset.operators ?? "").split(" ").filter(Boolean);
  const known = new Set([...how.options].map((option) => option.value));
  for (const option of how.options) {
    const fits = option.value === "" ? operators.some((each) => !known.has(each)) || !operators.length : operators.includes(option.value);
    option.hidden = option.disabled = !fits;
  }
  if (how.selectedOptions[0]?.disabled) how.value = [...how.options].find((option) => !option.disabled)?.value ?? "";
  if (chosen.value) value.setAttribute("list", `known-${chosen.value}`);
  else value.removeAttribute("list");
  value.placeholder = how.value === "first_in_days" ? "days" : chosen.dataset.unit || "";
  value.inputMode = chosen.dataset.unit ? "decimal" : "text";
}

const fitAll = () => document.querySelectorAll(".ask").forEach(fit);

document.addEventListener("change", (event) => {
  const row = event.target.closest?.(".ask");
  if (row) fit(row);
});
document.addEventListener("htmx:after:swap", () => {
  if (document.querySelector(".ask")) fitAll();
});
fitAll();
