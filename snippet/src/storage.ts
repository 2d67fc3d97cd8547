/** The visitor's and the visit's id, kept first-party: a cookie, and a copy for pages where cookies are refused. */

import { VISIT_SECS, type Visit } from "./visit";

const VISITOR_SECS = 390 * 86400;

/** Storage may be blocked by the browser or its owner: then there is none, and the page works without. */
function tried<T>(work: () => T): T | "" {
  try {
    return work();
  } catch {
    return "";
  }
}

export const cookies = (): string => tried(() => document.cookie);

/** What this tab and this host know, then what the browser knows. */
const kept = (): string =>
  tried(() => `_rt_visit=${sessionStorage._rt_visit};_rt_visitor=${localStorage._rt_visitor};`) + cookies();

/** The cookie's before the copy: it is shared by the site's sub-domains. */
export const visitorKept = (): string | undefined => kept().match(/.*_rt_visitor=([\w-]{16,64})/)?.[1];

/** This tab's visit first, then the one of the browser's other tabs. */
export const visitsKept = (): Visit[] =>
  [...kept().matchAll(/_rt_visit=([\w-]{16,64})\.(\w+)\.(\w*)/g)].map(([, id, at, campaign]) => ({
    id: id!,
    at_ms: +at!,
    campaign: campaign!,
  }));

/** For the widest domain that the browser takes: it refuses `com` and `co.uk`. An empty value goes from all. */
function writeCookie(name: string, value: string, maxAge_secs: number): void {
  const written = `${name}=${value}`;
  let domain = "";
  for (const label of location.hostname.split(".").reverse()) {
    domain = domain ? `${label}.${domain}` : label;
    if (value && cookies().includes(written)) return;
    tried(() => {
      document.cookie = `${written};Domain=${domain};Path=/;Max-Age=${maxAge_secs};SameSite=Lax;${location.protocol.replace("https:", "Secure")}`;
    });
  }
}

/** `view`: a page was opened, so that other tabs follow this visit; a sign of life alone must not take over theirs. */
export function keep(visitor: string, { id, at_ms, campaign }: Visit, view: boolean): void {
  const written = `${id}.${at_ms}.${campaign}`;
  tried(() => {
    localStorage._rt_visitor = visitor;
    sessionStorage._rt_visit = written;
  });
  writeCookie("_rt_visitor", visitor, VISITOR_SECS);
  if (view || cookies().includes(id)) writeCookie("_rt_visit", written, VISIT_SECS);
}

export function forgetAll(): void {
  tried(() => delete localStorage._rt_visitor && delete sessionStorage._rt_visit);
  writeCookie("_rt_visitor", "", 0);
  writeCookie("_rt_visit", "", 0);
}
