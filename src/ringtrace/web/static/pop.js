// The screen pop: told by a stream of events that calls changed, it asks for what. Where there is no stream, it asks
// every two seconds.
"use strict";

const desk = document.getElementById("pop-desk");
const link = document.getElementById("pop-link");
const ASK_MS = 2000;
const STREAM_AGAIN_MS = 60000;
const WORDS = {
  on: "Calls appear by themselves",
  lost: "Connection lost, trying again",
  asking: "Asking every two seconds",
};
let asking = null;
let source = null;

const mark = () => document.getElementById("pop-mark")?.dataset.mark ?? "";
const news = () => desk.dispatchEvent(new CustomEvent("pop-news"));

function say(state) {
  if (link.dataset.state === state) return;
  link.dataset.state = state;
  link.querySelector("span").textContent = WORDS[state];
}

function ask() {
  if (asking) return;
  say("asking");
  asking = setInterval(news, ASK_MS);
}

function listen() {
  source = new EventSource(`${desk.dataset.stream}?since=${encodeURIComponent(mark())}`);
  source.addEventListener("open", () => {
    clearInterval(asking);
    asking = null;
    say("on");
    news(); // what ended a while ago leaves the desk, and what was missed meanwhile comes
  });
  source.addEventListener("calls", news);
  source.addEventListener("over", () => location.reload());
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return soonLost();
    source.close();
    ask(); // refused: too many pages are open, or the web process is another's; it tries again later
    setTimeout(listen, STREAM_AGAIN_MS);
  });
}

// A stream ends each minute and comes back within a second or two: that is no loss worth telling.
function soonLost() {
  const lost = source;
  setTimeout(() => {
    if (source === lost && lost.readyState === EventSource.CONNECTING) say("lost");
  }, 3000);
}

document.addEventListener("htmx:error", () => { if (asking) say("lost"); });
document.addEventListener("htmx:after:request", () => { if (asking) say("asking"); });

// How long it has rung, or they have talked.
function tick() {
  for (const each of document.querySelectorAll("[data-since]")) {
    const secs = Math.max(0, Math.round((Date.now() - Number(each.dataset.since)) / 1000));
    each.textContent = `${Math.floor(secs / 60)}:${String(secs % 60).padStart(2, "0")}`;
  }
}
setInterval(tick, 1000);

// What rings and did not before, for notices and the sound. Neither says who calls.
let rang = new Set();
const ringing = () => [...desk.querySelectorAll("[data-status=ringing]")];

function noticeNew() {
  const now = ringing();
  const fresh = now.filter((card) => !rang.has(card.id));
  rang = new Set(now.map((card) => card.id));
  tick();
  if (!fresh.length) return;
  if (isOn(bell)) beep();
  if (isOn(notices) && document.hidden) {
    const shown = new Notification("A call is ringing", { body: fresh[0].dataset.label, tag: "ringtrace-call" });
    shown.addEventListener("click", () => { window.focus(); shown.close(); });
  }
}

const notices = document.getElementById("pop-notify");
const bell = document.getElementById("pop-sound");
const isOn = (button) => button.getAttribute("aria-pressed") === "true";
const set = (button, on) => button.setAttribute("aria-pressed", String(on));

if ("Notification" in window && Notification.permission !== "denied") {
  notices.hidden = false;
  notices.addEventListener("click", async () => {
    if (isOn(notices)) return set(notices, false);
    const said = await Notification.requestPermission();
    set(notices, said === "granted");
    if (said === "denied") notices.textContent = "Notices are blocked by the browser";
  });
}

let tone = null;
if ("AudioContext" in window) {
  bell.hidden = false;
  bell.addEventListener("click", () => {
    set(bell, !isOn(bell));
    tone ??= new AudioContext();
    if (isOn(bell)) tone.resume().then(beep);
  });
}

function beep() {
  for (const [nth, hertz] of [740, 880, 740].entries()) {
    const at = tone.currentTime + nth * 0.22;
    const voice = tone.createOscillator();
    const loud = tone.createGain();
    voice.frequency.value = hertz;
    loud.gain.setValueAtTime(0.0001, at);
    loud.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
    voice.connect(loud).connect(tone.destination);
    voice.start(at);
    voice.stop(at + 0.21);
  }
}

document.addEventListener("htmx:after:swap", noticeNew);
rang = new Set(ringing().map((card) => card.id));
tick();
listen();
