/** The visitor's and the visit's id, kept first-party: a cookie, and a copy for pages where cookies are refused. */

import { isToken, readVisit, VISIT_SECS, writeVisit, type Visit } from "./visit";

const VISITOR = "_rt_visitor";
const VISIT = "_rt_visit";
const VISITOR_SECS = 390 * 86400;

/** Storage may be blocked by the browser or its owner: then there is none, and the page works without. */
function tried<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

function readCookie(name: string): string | null {
  const found = tried(() => document.cookie.match(`(?:^|; )${name}=([^;]+)`));
  return found && (found[1] as string);
}

function writeCookie(name: string, value: string, maxAge_secs: number): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  tried(() => {
    document.cookie = `${name}=${value}; Path=/; Max-Age=${maxAge_secs}; SameSite=Lax${secure}`;
  });
}

export function visitorKept(): string | null {
  const kept = [readCookie(VISITOR), tried(() => localStorage.getItem(VISITOR))];
  return kept.find(isToken) || null;
}

export function keepVisitor(id: string): void {
  writeCookie(VISITOR, id, VISITOR_SECS);
  tried(() => localStorage.setItem(VISITOR, id));
}

/** This tab's visit first, then the one of the browser's other tabs. */
export const visitsKept = (): (Visit | null)[] =>
  [tried(() => sessionStorage.getItem(VISIT)), readCookie(VISIT)].map(readVisit);

/** `view`: a page was opened, so that other tabs follow this visit; a sign of life alone must not take over theirs. */
export function keepVisit(visit: Visit, view: boolean): void {
  const written = writeVisit(visit);
  tried(() => sessionStorage.setItem(VISIT, written));
  const shared = readVisit(readCookie(VISIT));
  if (view || !shared || shared.id === visit.id) writeCookie(VISIT, written, VISIT_SECS);
}

export function forgetAll(): void {
  writeCookie(VISITOR, "", 0);
  writeCookie(VISIT, "", 0);
  tried(() => localStorage.removeItem(VISITOR));
  tried(() => sessionStorage.removeItem(VISIT));
}
