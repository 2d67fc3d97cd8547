/** When a visit ends, and how it is written down. Pure: no page here. */

/** `campaign` tells apart what brought the visit here; `at_ms` is its last sign of life. */
export interface Visit {
  readonly id: string;
  readonly at_ms: number;
  readonly campaign: string;
}

export const VISIT_SECS = 1800;

const TOKEN = /^[A-Za-z0-9_-]{16,64}$/;
const TOKEN_LENGTH = 26;
const CAMPAIGN = /^(utm_.+|gad_.+|[gw]braid|.+cl(k|ick)?id|li_fat_id|rdt_cid|sccid|epik)$/i;

/** 26 letters and digits, 130 bits of chance. */
export function newToken(): string {
  let token = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(TOKEN_LENGTH))) token += (byte & 31).toString(32);
  return token;
}

export const isToken = (text: unknown): text is string => typeof text === "string" && TOKEN.test(text);

/** A short fingerprint of an address's campaign parameters and click ids; "" where it has none. */
export function campaignOf(search: string): string {
  const named: string[] = [];
  new URLSearchParams(search).forEach((value, name) => {
    if (value && CAMPAIGN.test(name)) named.push(`${name.toLowerCase()}=${value}`);
  });
  return named.length ? fingerprint(named.sort().join("&")) : "";
}

/** 32 bits: enough to tell one visitor's few campaigns apart. */
function fingerprint(text: string): string {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (hash * 31 + text.charCodeAt(at)) >>> 0;
  return hash.toString(36);
}

/** Whether a page view with this campaign still belongs to `visit`. */
export function continues(visit: Visit, campaign: string, now_ms: number): boolean {
  return now_ms - visit.at_ms < VISIT_SECS * 1000 && (campaign === "" || campaign === visit.campaign);
}

export const writeVisit = (visit: Visit): string => [visit.id, visit.at_ms.toString(36), visit.campaign].join(".");

export function readVisit(text: string | null): Visit | null {
  const [id, at, campaign] = (text || "").split(".");
  const at_ms = parseInt(at || "", 36);
  return isToken(id) && at_ms > 0 ? { id, at_ms, campaign: campaign || "" } : null;
}
