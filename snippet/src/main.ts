/** Ringtrace on a page: reads its own script tag, then follows the page. */

import { script } from "./edge";
import type { Person } from "./person";
import { after, followSignals, hear, whenChanged } from "./signals";
import { ask, followRoot, identify, look, notice, print, stateNow, view, type State } from "./tracker";

/** `ringtrace("consent", "granted")`; calls made before loading wait in `ringtrace.q`; `ringtrace.state()` tells all. */
interface Api {
  (command: string, value: unknown): void;
  q?: [string, unknown][];
  state?: () => State;
}

declare global {
  interface Window {
    ringtrace?: Api;
  }
}

/** Single-page applications: another path or query is another page view; its content is drawn first. */
function followAddress(): void {
  const address = (): string | undefined => location.href.split("#")[0];
  let last = address();
  const moved = (): void => {
    if (last !== (last = address())) setTimeout(view);
  };
  after(history, "pushState", moved);
  after(history, "replaceState", moved);
  addEventListener("popstate", moved);
}

function followPage(): void {
  followRoot(document);
  whenChanged(ask);
  view();
  followAddress();
  addEventListener("visibilitychange", look);
  addEventListener("beforeprint", print);
  addEventListener("afterprint", print);
  after(Element.prototype, "attachShadow", (_, { host }) => notice([host]));
}

/** Once the page is parsed and really looked at, not prerendered for later. */
function whenReady(work: () => void): void {
  const early = document as Document & { prerendering?: boolean };
  if (early.prerendering) early.addEventListener("prerenderingchange", work);
  else if (early.readyState === "loading") early.addEventListener("DOMContentLoaded", work);
  else work();
}

function start(): void {
  const before = window.ringtrace;
  if (before?.state) return;
  const { site, consent } = script.dataset;
  const api: Api = (command, value) => {
    if (command === "identify") identify(value as Person);
    else hear({ [command]: value });
  };
  api.state = stateNow;
  window.ringtrace = api;
  hear({ site, consent: consent || "unset" });
  followSignals();
  before?.q?.forEach(([command, value]) => api(command, value));
  whenReady(followPage);
}

start();
