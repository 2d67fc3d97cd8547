/** One page's part in a visit: say hello, show what the edge answers, stay alive, say when a number is tapped.
 *
 * A page has one tracker, so that its state is this module's own (and its names weigh nothing once built). */

import { dialled, ruleOf, type Rule, type Swap } from "./digits";
import { leave, post, type Answer, type Door } from "./edge";
import { ATTRIBUTES, LINK, lineAround, numbersOf, runsUnder, swapRun, type Run } from "./page";
import { hash, international, type Person } from "./person";
import { signals } from "./signals";
import { cookies, forgetAll, keep, visitorKept, visitsKept } from "./storage";
import { campaignOf, continues, newToken, type Visit } from "./visit";

/** Where it is there, the time zone is had for nothing; `Intl` takes over 10 ms to wake. */
const { Temporal: zone } = window as { Temporal?: { Now: { timeZoneId(): string } } };
const MOST_NUMBERS = 40;
const LATE_MS = 100;
const BEAT_SECS = 60;

let visitor: string | null = null;
let visit: Visit | null = null;
let held = false;
let gpc: boolean | undefined;
let swaps: Swap[] = [];
let rules: Rule[] = [];
let past: Swap[] = [];
let seen = "";
/** What was read since a question was asked, until it is answered: it need not be read again to be swapped. */
let fresh: Run[] | null = null;
let onPaper = false;
let askedLate = false;
let beatTimer: ReturnType<typeof setTimeout>;
let beatSecs = BEAT_SECS;
let person: Person | null = null;
let turn = Promise.resolve();

export interface State {
  readonly visitor: string | null;
  readonly visit: string | undefined;
  readonly swaps: readonly Swap[];
  readonly gpc: boolean | undefined;
}

export const stateNow = (): State => ({ visitor, visit: visit?.id, swaps, gpc });

/** Questions wait for each other, so that they agree on the visit. */
const queue = (work: (nothing: void) => Promise<void>): void => {
  turn = turn.then(work).catch(() => undefined);
};

/** What every post says. */
const ids = (): object => ({ ...signals, visitor, visit: visit?.id, url: location.href });

function announce(what: string, detail: object): void {
  document.dispatchEvent(new CustomEvent(`ringtrace:${what}`, { detail }));
  dataLayer.push({ event: `ringtrace_${what}`, ...detail });
}

/** Tells what the visitor did: the edge, if the visit is known to it, and the page. */
function tell(door: Door, detail: object): void {
  if (visit) leave(door, { ...ids(), ...detail });
  announce(door, detail);
}

/** The page was opened, or another one inside it. */
export function view(): void {
  askedLate = false;
  ask();
}

export const ask = (): void => queue(greet);

const under = (root: Node): Run[] => runsUnder(root, followRoot);

/** What we write ourselves is taken off the record. */
function paint(runs: readonly Run[]): void {
  runs.forEach((run) => swapRun(run, onPaper ? [] : rules));
  observer.takeRecords();
}

/** Paper outlives a lease: it has the printed numbers. */
export function print({ type }: Event): void {
  onPaper = type === "beforeprint";
  paint(under(document));
}

/** New content is swapped in the same microtask, before it is painted; the edge is asked once more a view if it prints
 * numbers that it was not told of. */
export function notice(nodes: readonly Node[]): void {
  const runs = [...new Set(nodes.map(lineAround))].flatMap(under);
  paint(runs);
  fresh?.push(...runs);
  if (askedLate || numbersOf(runs).every((number) => seen.includes(number.slice(-10)))) return;
  askedLate = true;
  setTimeout(ask, LATE_MS);
}

const observer = new MutationObserver((records) => notice(records.map(({ target }) => target)));

const HEARD: Record<string, (event: Event) => void> = {
  load: ({ target }) => notice([target as Node]),
  click(event) {
    const link = event.composedPath().find((place) => (place as Element).matches?.(LINK));
    const number = link && dialled((link as Element).getAttribute("href")!, swaps);
    if (number) tell("click", { number });
  },
  submit({ target }) {
    const form = target as Element;
    tell("form", { form: form.getAttribute("name") || form.getAttribute("id") || "" });
  },
};

/** Follows a document or a shadow root: its changes, taps, forms and late frames. Again is the same as once. */
export function followRoot(root: Node): void {
  observer.observe(root, { subtree: true, childList: true, characterData: true, attributeFilter: ATTRIBUTES });
  for (const type in HEARD) root.addEventListener(type, HEARD[type]!, true);
}

/** `lost`: the number shown is no longer this visit's, so that without an answer the printed one comes back. */
async function greet(lost?: boolean | void): Promise<void> {
  const { consent } = signals;
  const denied = consent === "denied";
  const campaign = campaignOf(location.href);
  if (denied) forget();
  const before = [visit, ...visitsKept()].find((known) => known && continues(known, campaign));
  const asked = before || { id: newToken(), campaign };
  fresh = under(document);
  const numbers = numbersOf(fresh);
  seen += numbers;
  const answer = await post("visit", {
    ...ids(),
    ...(!denied && { visitor: visitor || visitorKept() || newToken(), visit: asked.id, new: !before }),
    referrer: document.referrer,
    numbers: numbers.slice(0, MOST_NUMBERS),
    gpc: !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl,
    ck: cookies().match(/\b_(ga|fb[pc])(_\w+)?=[^;]+/g) || [],
    tz: zone ? zone.Now.timeZoneId() : Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  if (signals.consent !== consent) return;
  if (answer) take(answer, asked, true);
  else if (lost || denied) show();
  fresh = null;
  beatLater();
}

/** Keeps what is answered. Without tokens there is no consent: if there was, it is withdrawn. */
function take(answer: Answer, { campaign }: Pick<Visit, "campaign">, isView: boolean): void {
  if (answer.visit) {
    visitor = answer.visitor!;
    visit = { id: answer.visit, at_ms: Date.now(), campaign };
    keep(visitor, visit, isView);
    if (person) queue(tellPerson);
  } else if (visit) forget();
  held = answer.held;
  beatSecs = answer.beat_secs || BEAT_SECS;
  gpc = answer.gpc;
  if (gpc) document.querySelectorAll<HTMLElement>("[data-ringtrace-gpc]").forEach((line) => (line.hidden = false));
  show(answer.swaps);
}

function forget(): void {
  forgetAll();
  visitor = visit = null;
}

/** Numbers shown before may live on in copies the page made of its own parts: they give way too. */
function show(next: Swap[] = []): void {
  if (JSON.stringify(next) === JSON.stringify(swaps)) return;
  past = past.concat(swaps);
  swaps = next;
  seen += swaps.map(({ number }) => number);
  rules = [
    ...swaps,
    ...past.map(({ target, cc, number }) => ({
      target: number,
      cc,
      number: swaps.find((swap) => swap.target === target)?.number || target,
    })),
  ].map(ruleOf);
  paint(fresh || under(document));
  announce("swapped", { swaps });
}

export function identify(who: Person): void {
  person = who;
  if (visit) queue(tellPerson);
}

/** Waits for the visit to be known to the edge, which it is with consent alone. */
async function tellPerson(): Promise<void> {
  if (signals.consent === "denied") return;
  const { phone, email } = person!;
  person = null;
  const dialable = phone && international(phone, swaps);
  leave("identify", {
    ...ids(),
    phone: dialable && (await hash(`+${dialable}`)),
    email: email && (await hash(email.trim().toLowerCase())),
  });
}

function beatLater(): void {
  clearTimeout(beatTimer);
  beatTimer = setTimeout(() => queue(beat), beatSecs * 1000);
}

async function beat(): Promise<void> {
  if (!held || document.hidden) return;
  if (!continues(visit!, "")) return greet(true);
  const answer = await post("beat", ids());
  if (answer && !answer.held) return greet(true);
  if (answer) take(answer, visit!, false);
  beatLater();
}

/** To the back or away: one last sign of life. To the front: the number may have gone to someone else meanwhile. */
export function look(): void {
  if (!document.hidden) queue(beat);
  else if (held) leave("beat", ids());
}
