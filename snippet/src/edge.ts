/** Talking to the edge. Bodies are JSON sent as text/plain, so that no preflight goes ahead of them. */

export type Door = "visit" | "beat" | "click";

const PATIENCE_MS = 1000;
let origin = "";

export function useEdge(at: string): void {
  origin = at;
}

const address = (door: Door): string => `${origin}/v1/${door}`;

const send = (door: Door, body: object, signal: AbortSignal | null): Promise<Response> =>
  fetch(address(door), {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "text/plain" },
    keepalive: true,
    credentials: "omit",
    signal,
  });

/** The edge's answer, or null after any failure (unreachable, refused, not JSON) or a second. */
export async function post(door: Door, body: object): Promise<Record<string, unknown> | null> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const response = await send(door, body, patience.signal);
    return response.status === 200 ? await response.json() : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Sent even as the page goes away; nothing is heard back. */
export function leave(door: Door, body: object): void {
  if (!navigator.sendBeacon(address(door), JSON.stringify(body))) send(door, body, null).catch(() => null);
}
