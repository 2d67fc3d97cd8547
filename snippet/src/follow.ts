/** What happens to the page, told to the tracker: ready, changed, moved on, hidden, tapped. */

import { LINK_ATTRIBUTES, lineAround, runsUnder } from "./page";
import { sleep, swapLate, tap, view, wake } from "./tracker";

/** Runs `work` once the page is parsed and really looked at, not prerendered for later. */
function whenReady(work: () => void): void {
  const early = document as Document & { prerendering?: boolean };
  if (early.prerendering) document.addEventListener("prerenderingchange", () => whenReady(work), { once: true });
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", work, { once: true });
  else work();
}

export function followPage(): void {
  whenReady(() => {
    void view().then(followContent);
    followAddress();
    followAttention();
    document.addEventListener("click", (event) => tap(event.target), true);
  });
}

/** New content is swapped in the same microtask, before it is painted. Our own writes are taken off the record. */
function followContent(): void {
  const observer = new MutationObserver((records) => {
    const places = new Set(records.map((record) => lineAround(record.target)));
    swapLate([...places].flatMap(runsUnder));
    observer.takeRecords();
  });
  observer.observe(document.documentElement, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: LINK_ATTRIBUTES,
  });
}

/** Single-page applications: another path or query is another page view; its content is drawn first. */
function followAddress(): void {
  const address = (): string => location.pathname + location.search;
  let last = address();
  const moved = (): void => {
    if (address() === last) return;
    last = address();
    setTimeout(() => void view());
  };
  const push = history.pushState;
  history.pushState = function (...change) {
    push.apply(this, change);
    moved();
  };
  addEventListener("popstate", moved);
}

function followAttention(): void {
  const look = (): void => (document.hidden ? sleep() : wake());
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", sleep);
}
