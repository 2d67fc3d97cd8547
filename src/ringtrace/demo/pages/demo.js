/* The demo bar: who this visitor is said to be, the number shown to them, and a telephone to ring it with. */
(() => {
  "use strict";

  const web = document.currentScript.dataset.web;
  const PRINTED = document.querySelector("[data-shown-number]").dataset.shownNumber; // its text may be swapped already
  const POLL_MS = 400;
  const SOURCE_KEY = "demo-source";

  const click = Math.random().toString(36).slice(2, 10);
  const ARRIVALS = [
    ["Google Ads", `/?utm_source=google&utm_medium=cpc&utm_campaign=emergency&utm_term=emergency+plumber&gclid=demo-${click}`],
    ["Newsletter", "/water-heaters.html?utm_source=newsletter&utm_medium=email&utm_campaign=spring-checkup"],
    ["Facebook", `/drains.html?utm_source=facebook&utm_medium=paid_social&utm_campaign=clear-drains&fbclid=demo-${click}`],
    ["Direct", "/"],
  ];
  const NAMES = { google: "Google Ads", newsletter: "Newsletter", facebook: "Facebook" };
  const WAYS = [
    ["answered", "Answered"],
    ["nobody_answers", "Nobody answers"],
    ["caller_hangs_up", "Caller hangs up"],
  ];

  /** An element with attributes and children; text stays text. */
  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  /** What this visit came as: the address says it, or the earlier page of this tab did. */
  function readSource() {
    const query = new URLSearchParams(location.search);
    const source = query.get("utm_source");
    if (source) {
      const found = { name: NAMES[source] || source, campaign: query.get("utm_campaign") || "" };
      sessionStorage.setItem(SOURCE_KEY, JSON.stringify(found));
      return found;
    }
    return JSON.parse(sessionStorage.getItem(SOURCE_KEY)) || { name: "Direct", campaign: "" };
  }

  function dropCookie(name) {
    document.cookie = `${name}=; Path=/; Max-Age=0`;
  }

  /** The visitor stays who they are; the next page starts another visit. */
  function endVisit() {
    dropCookie("_rt_visit");
    sessionStorage.clear();
  }

  function forgetVisitor() {
    endVisit();
    dropCookie("_rt_visitor");
    localStorage.removeItem("_rt_visitor");
    location.assign("/");
  }

  const source = readSource();
  const number = make("span", { class: "demo-number" }, PRINTED);
  const note = make("small", {}, "as printed");
  const said = make("p", { class: "demo-said", role: "status" });
  const ring = make("button", { type: "button", class: "demo-go", disabled: "" }, "Ring this number");
  const way = make("select", { "aria-label": "How it goes" }, ...WAYS.map(([value, text]) => make("option", { value }, text)));

  function state() {
    return window.ringtrace && window.ringtrace.state ? window.ringtrace.state() : { swaps: [], visit: null, visitor: null };
  }

  function showNumber() {
    const swapped = state().swaps.length > 0;
    number.textContent = document.querySelector("[data-shown-number]").textContent;
    note.textContent = swapped ? `in place of ${PRINTED}` : "as printed";
    ring.disabled = !swapped;
  }

  function say(text, callState, ...rest) {
    said.dataset.state = callState;
    said.replaceChildren(text, ...rest);
  }

  const pause = () => new Promise((done) => setTimeout(done, POLL_MS));

  async function ask(path, options) {
    const response = await fetch(path, options);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.json();
  }

  async function placeCall() {
    const { visit, visitor, swaps } = state();
    const call = { number: swaps[0].number, visit, visitor, how: way.value };
    const headers = { "Content-Type": "application/json" };
    const { id } = await ask("/ring", { method: "POST", headers, body: JSON.stringify(call) });
    for (;;) {
      const now = await ask(`/ring/${encodeURIComponent(id)}`);
      if (now.state === "ended") return say(`${now.note || "Call ended."} `, "ended", make("a", { href: `${web}/calls/` }, "See it in the call log"));
      say(now.note || (now.state === "ringing" ? "Ringing…" : "They are talking…"), now.state);
      await pause();
    }
  }

  async function ringNumber() {
    ring.disabled = true;
    say("Dialing…", "ringing");
    try {
      await placeCall();
    } catch {
      say("The call could not be placed: the demo's telephone does not answer.", "failed");
    }
    showNumber();
  }

  function arrivalLink([name, href]) {
    const link = make("a", { href }, name);
    if (name === source.name) link.setAttribute("aria-current", "true");
    if (name === "Direct") link.addEventListener("click", endVisit);
    return link;
  }

  function icon() {
    const box = document.createElement("span");
    box.innerHTML =
      '<svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#7c8cff"/>' +
      '<path d="M10 9v14M16 6v20M22 11v10" stroke="#171a26" stroke-width="3" stroke-linecap="round"/></svg>';
    return box.firstChild;
  }

  function build() {
    const forget = make("button", { type: "button", class: "demo-forget" }, "Forget me");
    const more = make("button", { type: "button", class: "demo-more", "aria-expanded": "false" }, "More");
    const bar = make(
      "section",
      { class: "demo", "aria-label": "Ringtrace demo", role: "region", "data-ringtrace": "off" },
      make(
        "div",
        { class: "demo-inner" },
        make("div", { class: "demo-mark" }, icon(), make("span", {}, "Ringtrace demo", make("small", {}, "not part of the site"))),
        make(
          "dl",
          {},
          make("div", {}, make("dt", {}, "This visit came as"), make("dd", {}, source.name, make("small", {}, source.campaign ? `campaign ${source.campaign}` : "no campaign"))),
          make("div", {}, make("dt", {}, "Number shown now"), make("dd", {}, number, note)),
        ),
        make("div", { class: "demo-ring" }, make("span", { class: "demo-how" }, make("span", { class: "demo-asks", "aria-hidden": "true" }, "How it goes "), way), ring, more),
        make("div", { class: "demo-arrive" }, "Arrive as:", ...ARRIVALS.map(arrivalLink), forget),
        said,
      ),
    );
    forget.addEventListener("click", forgetVisitor);
    ring.addEventListener("click", ringNumber);
    more.addEventListener("click", () => {
      more.setAttribute("aria-expanded", String(bar.toggleAttribute("data-open")));
      more.textContent = bar.hasAttribute("data-open") ? "Less" : "More";
    });
    document.body.append(bar);
  }

  build();
  showNumber();
  document.addEventListener("ringtrace:swapped", showNumber);
})();
