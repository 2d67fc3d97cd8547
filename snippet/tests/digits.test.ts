import assert from "node:assert/strict";
import { test } from "node:test";
import { dialled, numbersIn, rewrite, ruleOf, type Swap } from "../src/digits";

const LOS_ANGELES: Swap = { target: "+13105550123", cc: "1", number: "+13105550142" };
const LONDON: Swap = { target: "+442079460018", cc: "44", number: "+442079460977" };
const ABROAD: Swap = { target: "+13105550123", cc: "1", number: "+442079460977" };

const shown = (printed: string, ...swaps: Swap[]): string => rewrite(printed, swaps.map(ruleOf)).join("");

const FORMATS: [string, string][] = [
  ["+13105550123", "+13105550142"],
  ["13105550123", "13105550142"],
  ["3105550123", "3105550142"],
  ["(310) 555-0123", "(310) 555-0142"],
  ["(310)555-0123", "(310)555-0142"],
  ["310-555-0123", "310-555-0142"],
  ["310.555.0123", "310.555.0142"],
  ["310 555 0123", "310 555 0142"],
  ["310/555-0123", "310/555-0142"],
  ["1-310-555-0123", "1-310-555-0142"],
  ["+1 310 555 0123", "+1 310 555 0142"],
  ["+1 (310) 555-0123", "+1 (310) 555-0142"],
  ["(+1) 310 555 0123", "(+1) 310 555 0142"],
  ["001 310 555 0123", "001 310 555 0142"],
  ["310\u00a0555\u00a00123", "310\u00a0555\u00a00142"],
  ["310\u2011555\u20110123", "310\u2011555\u20110142"],
  ["310 – 555 – 0123", "310 – 555 – 0142"],
  ["310\n        555\n        0123", "310\n        555\n        0142"],
  ["310•555•0123", "310•555•0142"],
  ["tel:+1-310-555-0123", "tel:+1-310-555-0142"],
  ["tel:%2B13105550123", "tel:%2B13105550142"],
  ["Call 24/7 310-555-0123.", "Call 24/7 310-555-0142."],
  ["Since 2001 (310) 555-0123, ext. 4", "Since 2001 (310) 555-0142, ext. 4"],
  ["310-555-0123 or 310.555.0123", "310-555-0142 or 310.555.0142"],
];

for (const [printed, expected] of FORMATS) {
  test(`it keeps the punctuation of ${JSON.stringify(printed)}`, () => assert.equal(shown(printed, LOS_ANGELES), expected));
}

for (const printed of [
  "310-555-0124",
  "310-555-01234",
  "9310-555-0123",
  "43105550123",
  "+52 310 555 0123",
  "+523105550123",
  "555-0123",
  "3 1 0 apples, 555 pears, 0123 plums",
]) {
  test(`it leaves ${JSON.stringify(printed)} alone`, () => assert.equal(shown(printed, LOS_ANGELES), printed));
}

test("it writes a trunk zero as it stood", () => {
  assert.equal(shown("020 7946 0018, +44 (0)20 7946 0018, +44 20 7946 0018", LONDON), "020 7946 0977, +44 (0)20 7946 0977, +44 20 7946 0977");
});

test("it falls back to E.164 where the new number is of another length or country", () => {
  assert.equal(shown("Call (310) 555-0123 now", ABROAD), "Call +442079460977 now");
  assert.equal(shown("tel:+1-310-555-0123", ABROAD), "tel:+442079460977");
});

test("it never swaps what it just wrote", () => {
  const other: Swap = { target: "+13105550142", cc: "1", number: "+13105550199" };
  assert.equal(shown("310-555-0123 310-555-0142", LOS_ANGELES, other), "310-555-0142 310-555-0199");
});

test("it gives one entry for each printed character", () => {
  for (const [printed] of FORMATS) assert.equal(rewrite(printed, [ruleOf(ABROAD)]).length, printed.length);
});

test("it finds the numbers of a page", () => {
  const found = numbersIn("Call (310) 555-0123 or +44 20 7946 0018; 90210, $1,200");
  assert.deepEqual(found, ["3105550123", "3105550123", "442079460018", "2079460018"]);
  assert.deepEqual(new Set(numbersIn("310-555-0123 310-555-0199")), new Set(["3105550123", "3105550199"]));
  assert.deepEqual(numbersIn("1-310-555-0123"), ["13105550123", "3105550123"]);
  assert.ok(numbersIn("24/7 310-555-0123").includes("3105550123"));
  assert.ok(numbersIn("Since 2001 (310) 555-0123").includes("3105550123"));
  assert.deepEqual(numbersIn("tel:+13105550123"), ["13105550123", "3105550123"]);
  assert.deepEqual(numbersIn("no numbers since 1998"), []);
});

test("it finds a number that is spelt in letters, and no ordinary words", () => {
  for (const vanity of ["1-800-FLOWERS", "1 800 FLOWERS", "(800) FLOWERS", "1-800-356-WERS"]) {
    assert.ok(numbersIn(`Call ${vanity} now`).includes("8003569377"), vanity);
  }
  for (const words of ["CALL NOW FOR HELP", "OPEN 247 ON ALL DAYS", "800 flowers"]) assert.deepEqual(numbersIn(words), []);
});

test("it writes digits in the place of letters", () => {
  const flowers: Swap = { target: "+18003569377", cc: "1", number: "+18885550142" };
  assert.equal(shown("1-800-FLOWERS or (800) FLO-WERS, 800.356.9377", flowers), "1-888-5550142 or (888) 555-0142, 888.555.0142");
  assert.equal(shown("800-flowers", flowers), "800-flowers");
});

test("it reads the tracking number a link dials", () => {
  assert.equal(dialled("tel:+1-310-555-0142", [LOS_ANGELES]), "+13105550142");
  assert.equal(dialled("tel:+13105550123", [LOS_ANGELES]), undefined);
});
