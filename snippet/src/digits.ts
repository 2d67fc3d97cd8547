/** Finding a phone number in text however it is punctuated, and writing another in its place. Pure: no page here. */

/** What the edge says to show: `number` in place of the printed `target`, both E.164; `cc` is the target's calling code. */
export interface Swap {
  readonly target: string;
  readonly cc: string;
  readonly number: string;
}

/** A swap made ready to apply. `digits` is false where the two numbers differ in length or country. */
export interface Rule {
  readonly pattern: RegExp;
  readonly number: string;
  readonly digits: string | false;
}

const MARK = "[\\s()./\\-\\u200b-\\u2060]";
const GAP = `${MARK}*`;
/** The second is any country's; the first is North American, where two often stand side by side or end in letters. */
export const WRITTEN = new RegExp(
  `(?:\\+?1${MARK}?)?\\(?\\d{3}\\)?(?:${MARK}?[\\dA-Z]){7}(?![\\dA-Z])|\\+?\\d(?:${GAP}\\d){6,14}`,
  "g",
);
/** The letters on the keys 2 to 9. */
const KEYS = "ABC DEF GHI JKL MNO PQRS TUV WXYZ".split(" ");

export const digitsOf = (text: string): string =>
  text.replace(/[A-Z]/g, (letter) => `${2 + KEYS.findIndex((key) => key.includes(letter))}`).replace(/\D/g, "");

/** A number without its calling code. */
export const nationalOf = (number: string, cc: string): string => number.slice(1 + cc.length);

/** The rule of a swap. The calling code may be written (`+1`, `001`, `1`) or not, and so may a trunk `0`.
 *
 * Ahead of the number: nothing, or no digit, or (as two characters and more) the calling code of another country. */
export function ruleOf({ target, cc, number }: Swap): Rule {
  const national = nationalOf(target, cc).replace(/./g, (digit) => `[${digit}${KEYS[+digit - 2] || ""}]${GAP}`);
  return {
    pattern: new RegExp(
      `(^|\\+\\d{1,3}${MARK}*|\\D)(\\(?(?:(?:\\+|00)?${cc}${GAP})?(?:0${GAP})?)${national.slice(0, -GAP.length)}(?!\\d)`,
      "g",
    ),
    number,
    digits: number.length === target.length && number.startsWith(`+${cc}`) && nationalOf(number, cc),
  };
}

/** `printed` with every rule applied, one entry for each of its characters, so that it can be cut where it was joined. */
export function rewrite(printed: string, rules: readonly Rule[]): string[] {
  const out = printed.split("");
  for (const { pattern, number, digits } of rules) {
    printed.replace(pattern, (all, before, prefix, index) => {
      const end = index + all.length;
      let at = index + before.length;
      let next = 0;
      if (before[1]) return "";
      if (digits) for (at += prefix.length; at < end; at++) out[at] = out[at]!.replace(/\w/, () => digits[next++]!);
      else out.fill("", at, end)[at] = number;
      return "";
    });
  }
  return out;
}

/** The digits of all that looks like a phone number; a long run also by its last ten (`24/7 310-555-0123`). */
export const numbersIn = (text: string): string[] =>
  (text.match(WRITTEN) || []).map(digitsOf).flatMap((digits) => [digits, digits.slice(-10)]);

/** The tracking number that a `tel:` address dials, if it is one of `swaps`. */
export const dialled = (href: string, swaps: readonly Swap[]): string | undefined =>
  swaps.find(({ number, cc }) => digitsOf(href).includes(nationalOf(number, cc)))?.number;
