/** Talking to the edge. Bodies are JSON sent as plain text, so that no preflight goes ahead of them. */

import type { Swap } from "./digits";

export type Door = "visit" | "beat" | "click" | "form" | "identify";

export interface Answer {
  readonly visitor?: string | null;
  readonly visit?: string | null;
  readonly beat_secs?: number;
  readonly swaps: Swap[];
  readonly held: boolean;
  readonly gpc?: boolean;
}

const PATIENCE_MS = 1000;
export const script = document.currentScript as HTMLScriptElement;

const address = (door: Door): URL => new URL(`v1/${door}`, script.src);

/** The edge's answer, or nothing after any failure (unreachable, refused, not JSON) or a second. */
export const post = (door: Door, body: object): Promise<Answer | void> =>
  fetch(address(door), {
    method: "POST",
    body: JSON.stringify(body),
    keepalive: true,
    signal: AbortSignal.timeout?.(PATIENCE_MS),
  })
    .then((response) => response.ok && response.json())
    .catch(() => undefined);

/** Sent even as the page goes away; nothing is heard back. */
export const leave = (door: Door, body: object): boolean =>
  navigator.sendBeacon(address(door), JSON.stringify(body));
