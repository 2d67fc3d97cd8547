/** When a visit ends. Pure: no page here. */

/** `campaign` tells apart what brought the visit here; `at_ms` is its last sign of life. */
export interface Visit {
  readonly id: string;
  readonly at_ms: number;
  readonly campaign: string;
}

export const VISIT_SECS = 1800;

const CAMPAIGN = /\b((utm|gad)_\w+|[gw]braid|\w*cl(k|ick)?id|li_fat_id|rdt_cid|sccid|epik)=[^&#]+/gi;

export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** 26 digits, 104 bits of chance. */
export const newToken = (): string => hex(crypto.getRandomValues(new Uint8Array(13)));

/** A short fingerprint of an address's campaign parameters and click ids; "" where it has none.
 *
 * 32 bits: enough to tell one visitor's few campaigns apart. */
export function campaignOf(url: string): string {
  let hash = 0;
  for (const letter of (url.match(CAMPAIGN) || []).sort().join()) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return `${hash || ""}`;
}

/** Whether a page view with this campaign still belongs to `visit`. */
export const continues = (visit: Visit, campaign: string, now_ms = Date.now()): boolean =>
  now_ms - visit.at_ms < VISIT_SECS * 1000 && (!campaign || campaign === visit.campaign);
