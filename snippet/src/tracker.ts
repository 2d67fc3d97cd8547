/** One page's part in a visit: say hello, show what the edge answers, stay alive, say when a number is tapped.
 *
 * A page has one tracker, so that its state is this module's own (and its names weigh nothing once built). */

import { dialled, isSwap, ruleOf, sameNumber, type Rule, type Swap } from "./digits";
import { leave, post } from "./edge";
import { numbersOf, runsUnder, swapRun, telOf, type Run } from "./page";
import { forgetAll, keepVisit, keepVisitor, visitorKept, visitsKept } from "./storage";
import { campaignOf, continues, isToken, newToken, type Visit } from "./visit";

export type Consent = "granted" | "denied" | "unset";

const FORMAT = 1;
const MOST_NUMBERS = 20;
const LATE_MS = 100;
const BEAT_SECS = 60;

let site = "";
let consent: Consent = "unset";
let onShown: (swaps: readonly Swap[]) => void;

let visitor: string | null = null;
let visit: Visit | null = null;
let swaps: readonly Swap[] = [];
let rules: readonly Rule[] = [];
let past: readonly Swap[] = [];
let seen: string[] = [];

let askedLate = false;
let beatTimer = 0;
let beatSecs = BEAT_SECS;
let beating = false;
let away = false;
let turn: Promise<void> = Promise.resolve();

export function setUp(key: string, said: Consent, shown: (swaps: readonly Swap[]) => void): void {
  site = key;
  consent = said;
  onShown = shown;
}

export interface State {
  readonly visitor: string | null;
  readonly visit: string | null;
  readonly swaps: readonly Swap[];
}

export const stateNow = (): State => ({ visitor, visit: visit && visit.id, swaps });

/** The page was opened, or another one inside it. */
export function view(): Promise<void> {
  askedLate = false;
  return ask(false);
}

export function agree(said: Consent): void {
  consent = said;
  void ask(false);
}

/** Runs that came late: swapped at once; the edge is asked once more if they print numbers it was not told of. */
export function swapLate(runs: readonly Run[]): void {
  runs.forEach((run) => swapRun(run, rules));
  const fresh = numbersOf(runs).some((number) => !seen.some((known) => sameNumber(known, number)));
  if (!fresh || askedLate || consent === "denied") return;
  askedLate = true;
  setTimeout(() => void ask(false), LATE_MS);
}

/** The page came to the front: its number may have gone to someone else meanwhile. */
export function wake(): void {
  away = false;
  void beat();
}

/** The page goes to the back or away: one last sign of life. */
export function sleep(): void {
  clearTimeout(beatTimer);
  if (!away && visit && swaps.length) leave("beat", ids());
  away = true;
}

export function tap(target: EventTarget | null): void {
  const href = telOf(target);
  const number = href && dialled(href, swaps);
  if (number && visit) leave("click", { ...ids(), number });
}

/** Views wait for each other, so that they agree on the visit. */
function ask(lost: boolean): Promise<void> {
  return (turn = turn.then(() => (consent === "denied" ? refuse() : greet(lost))));
}

async function refuse(): Promise<void> {
  forgetAll();
  visitor = visit = null;
  show([]);
  await post("visit", hello(false));
}

/** `lost`: the number shown is no longer this visit's, so that without an answer the printed one comes back. */
async function greet(lost: boolean): Promise<void> {
  const now_ms = Date.now();
  const campaign = campaignOf(location.search);
  const before = [visit, ...visitsKept()].find((known) => known && continues(known, campaign, now_ms));
  const asked = before ? { ...before, at_ms: now_ms } : { id: newToken(), at_ms: now_ms, campaign };
  const answer = await post("visit", hello(!before, visitor || visitorKept() || newToken(), asked.id));
  if ((consent as Consent) === "denied") return;
  if (answer) take(answer, asked);
  else if (lost) show([]);
  beatLater();
}

function take(answer: Record<string, unknown>, asked: Visit): void {
  if (isToken(answer.visit) && isToken(answer.visitor)) {
    visitor = answer.visitor;
    visit = { ...asked, id: answer.visit };
    keepVisitor(visitor);
    keepVisit(visit, true);
  }
  beatSecs = Number(answer.beat_secs) || BEAT_SECS;
  show(answer.swaps);
}

function hello(fresh: boolean, visitorId: string | null = null, visitId: string | null = null): object {
  const numbers = numbersOf(runsUnder(document.body));
  seen = seen.concat(numbers);
  return {
    v: FORMAT,
    site,
    visitor: visitorId,
    visit: visitId,
    url: location.href,
    referrer: document.referrer,
    numbers: numbers.slice(0, MOST_NUMBERS),
    gpc: !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl,
    consent,
    new: fresh,
  };
}

const ids = (): object => ({ v: FORMAT, site, visitor, visit: visit && visit.id, consent });

function show(answered: unknown): void {
  const next = Array.isArray(answered) ? answered.filter(isSwap) : [];
  if (JSON.stringify(next) === JSON.stringify(swaps)) return;
  past = past.concat(swaps);
  swaps = next;
  seen = seen.concat(swaps.map(({ number }) => number.slice(1)));
  rules = [...swaps, ...stale()].map(ruleOf);
  runsUnder(document.body).forEach((run) => swapRun(run, rules));
  onShown(swaps);
}

/** Numbers shown before may live on in copies the page made of its own parts: they give way too. */
function stale(): Swap[] {
  return past
    .filter((old) => !swaps.some((swap) => swap.number === old.number))
    .map((old) => {
      const now = swaps.find((swap) => swap.target === old.target);
      return { target: old.number, cc: old.cc, number: now ? now.number : old.target };
    });
}

function beatLater(): void {
  clearTimeout(beatTimer);
  if (visit && swaps.length && !document.hidden) beatTimer = window.setTimeout(() => void beat(), beatSecs * 1000);
}

async function beat(): Promise<void> {
  const asked = visit;
  if (!asked || !swaps.length || beating) return;
  if (!continues(asked, "", Date.now())) return ask(true);
  beating = true;
  const answer = await post("beat", ids());
  beating = false;
  if (visit !== asked) return;
  if (answer?.held === false) return ask(true);
  if (answer) alive(asked, answer.swaps);
  beatLater();
}

function alive(asked: Visit, answered: unknown): void {
  visit = { ...asked, at_ms: Date.now() };
  keepVisit(visit, false);
  if (Array.isArray(answered)) show(answered);
}
