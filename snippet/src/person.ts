/** Who the visitor says they are, as hashes: nothing of it leaves the browser in clear. */

import type { Swap } from "./digits";
import { hex } from "./visit";

export interface Person {
  readonly phone?: string;
  readonly email?: string;
}

/** E.164 without its plus: a national number takes the calling code of the numbers shown; undefined without one. */
export function international(phone: string, swaps: readonly Swap[]): string | undefined {
  const digits = phone.replace(/\D/g, "");
  const cc = swaps[0]?.cc;
  if (/^\s*\+/.test(phone)) return digits;
  return cc && cc + digits.replace(RegExp(`^(${cc}(?=\\d{9})|0)`), "");
}

/** SHA-256 in hexadecimal. Browsers have it on secure pages alone: elsewhere it fails. */
export const hash = async (text: string): Promise<string> =>
  hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
