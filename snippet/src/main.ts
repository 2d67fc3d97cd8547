/** Ringtrace on a page: reads its own script tag, then follows the page. */

import type { Swap } from "./digits";
import { useEdge } from "./edge";
import { followPage } from "./follow";
import { agree, setUp, stateNow, type Consent, type State } from "./tracker";

/** `ringtrace("consent", "granted")`; calls made before loading wait in `ringtrace.q`; `ringtrace.state()` tells all. */
interface Api {
  (command: string, value: string): void;
  q?: ArrayLike<string>[];
  state?: () => State;
}

declare global {
  interface Window {
    ringtrace?: Api;
    dataLayer?: { push?(event: object): void };
  }
}

const asConsent = (text: string | undefined): Consent => (text === "granted" || text === "denied" ? text : "unset");

function announce(swaps: readonly Swap[]): void {
  document.dispatchEvent(new CustomEvent("ringtrace:swapped", { detail: { swaps } }));
  window.dataLayer?.push?.({ event: "ringtrace_swapped", swaps });
}

function makeApi(): Api {
  const api: Api = (command, value) => {
    if (command === "consent") agree(asConsent(value));
  };
  api.state = stateNow;
  return api;
}

/** The last word on consent said before loading, else the tag's. */
function consentSaid(queue: ArrayLike<string>[], tag: HTMLScriptElement): Consent {
  const said = queue.filter((call) => call[0] === "consent").pop();
  return asConsent(said ? said[1] : tag.dataset.consent);
}

function start(): void {
  const tag = document.currentScript as HTMLScriptElement | null;
  const site = tag?.dataset.site;
  const before = window.ringtrace;
  if (before?.state) return;
  if (!tag || !site) return console.warn("Ringtrace: no data-site in the script tag");
  useEdge(new URL(tag.src).origin);
  setUp(site, consentSaid(before?.q || [], tag), announce);
  window.ringtrace = makeApi();
  followPage();
}

start();
