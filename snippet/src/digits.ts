/** Finding a phone number in text however it is punctuated, and writing another in its place. Pure: no page here. */

/** What the edge says to show: `number` in place of the printed `target`, both E.164; `cc` is the target's calling code. */
export interface Swap {
  readonly target: string;
  readonly cc: string;
  readonly number: string;
}

/** A swap made ready to apply. `digits` is null where the two numbers differ in length or country. */
export interface Rule {
  readonly pattern: RegExp;
  readonly number: string;
  readonly digits: string | null;
}

const MARK = "[\\s().\\-\\u200b-\\u2015\\u2060/]";
const GAP = `${MARK}{0,3}`;
const FOREIGN = new RegExp(`\\+\\d{1,3}${MARK}*$`);
const E164 = /^\+[1-9]\d{6,14}$/;
const WRITTEN = new RegExp(
  [
    `\\+\\d(?:${GAP}\\d){6,14}`,
    `(?:1${MARK}?)?\\(?\\d{3}\\)?${MARK}?\\d{3}${MARK}?\\d{4}(?!\\d)`,
    `\\d(?:${MARK}?\\d){6,14}`,
  ].join("|"),
  "g",
);
const NATIONAL_LENGTH = 10;

const digitsOf = (text: string): string => text.replace(/\D/g, "");

/** Whether an answer's swap is two phone numbers and a calling code of the first: the page shows nothing else. */
export function isSwap(value: unknown): value is Swap {
  const { target, cc, number } = (value || {}) as Swap;
  return E164.test(target) && E164.test(number) && !!cc && target.startsWith(`+${cc}`);
}

/** The rule of a swap. The calling code may be written (`+1`, `001`, `1`) or not, and so may a trunk `0`. */
export function ruleOf({ target, cc, number }: Swap): Rule {
  const national = target.slice(1 + cc.length);
  const prefix = `\\(?(?:(?:\\+|00)?${cc}${GAP}(?:0${GAP})?|0${GAP})?`;
  const fits = number.length === target.length && number.startsWith(`+${cc}`);
  return {
    pattern: new RegExp(`(${prefix})${national.split("").join(GAP)}(?!\\d)`, "g"),
    number,
    digits: fits ? number.slice(1 + cc.length) : null,
  };
}

/** `printed` with every rule applied, one entry for each of its characters, so that it can be cut where it was joined. */
export function rewrite(printed: string, rules: readonly Rule[]): string[] {
  const out = printed.split("");
  for (const rule of rules) {
    rule.pattern.lastIndex = 0;
    for (let found = rule.pattern.exec(printed); found; found = rule.pattern.exec(printed)) {
      if (standsAlone(printed.slice(0, found.index))) write(out, found, rule);
      else rule.pattern.lastIndex = found.index + 1;
    }
  }
  return out;
}

/** Whether what comes before lets a number start here: not the middle of a longer one, nor behind another country's code. */
const standsAlone = (before: string): boolean => !/\d$/.test(before) && !FOREIGN.test(before);

function write(out: string[], found: RegExpExecArray, rule: Rule): void {
  const end = found.index + found[0].length;
  let at = found.index;
  if (rule.digits === null) {
    out[at] = rule.number;
    while (++at < end) out[at] = "";
    return;
  }
  let next = 0;
  for (at += (found[1] as string).length; at < end; at++) {
    if (/\d/.test(out[at] as string)) out[at] = rule.digits.charAt(next++);
  }
}

/** The digits of all that looks like a phone number; a long run also by its last ten (`24/7 310-555-0123`). */
export function numbersIn(text: string): string[] {
  const numbers: string[] = [];
  for (const written of text.match(WRITTEN) || []) {
    const digits = digitsOf(written);
    numbers.push(digits);
    if (digits.length > NATIONAL_LENGTH && !written.startsWith("+")) numbers.push(digits.slice(-NATIONAL_LENGTH));
  }
  return numbers;
}

/** Whether two digit strings can be one number, written with and without its calling code. */
export const sameNumber = (one: string, other: string): boolean => one.endsWith(other) || other.endsWith(one);

/** The tracking number that a `tel:` address dials, if it is one of `swaps`. */
export function dialled(href: string, swaps: readonly Swap[]): string | null {
  const digits = digitsOf(href);
  return swaps.find(({ number, cc }) => digits.includes(number.slice(1 + cc.length)))?.number || null;
}
