import assert from "node:assert/strict";
import { test } from "node:test";
import { campaignOf, continues, isToken, newToken, readVisit, VISIT_SECS, writeVisit, type Visit } from "../src/visit";

const NOW_MS = 1_780_000_000_000;
const PAID = campaignOf("?utm_source=google&gclid=abc");
const visit = (campaign: string): Visit => ({ id: newToken(), at_ms: NOW_MS, campaign });

test("it makes tokens the edge accepts, each another", () => {
  const tokens = Array.from({ length: 500 }, newToken);
  assert.ok(tokens.every((token) => isToken(token) && token.length === 26));
  assert.equal(new Set(tokens).size, 500);
});

test("it tells campaigns apart by value, not by order or by other parameters", () => {
  assert.equal(campaignOf("?gclid=abc&utm_source=google&page=2"), PAID);
  assert.notEqual(campaignOf("?utm_source=google&gclid=ABC"), PAID);
  assert.equal(campaignOf("?page=2&utm_source="), "");
  assert.equal(campaignOf(""), "");
  for (const name of ["gbraid", "wbraid", "msclkid", "fbclid", "ttclid"]) assert.notEqual(campaignOf(`?${name}=x`), "");
});

test("it continues a visit until thirty minutes without a sign of life", () => {
  assert.ok(continues(visit(PAID), "", NOW_MS + VISIT_SECS * 1000 - 1));
  assert.ok(!continues(visit(PAID), "", NOW_MS + VISIT_SECS * 1000));
});

test("it starts another visit for another campaign, not for the same again", () => {
  assert.ok(continues(visit(PAID), PAID, NOW_MS));
  assert.ok(!continues(visit(PAID), campaignOf("?utm_source=newsletter"), NOW_MS));
  assert.ok(!continues(visit(""), PAID, NOW_MS));
});

test("it reads back what it wrote, and nothing from junk", () => {
  const kept = visit(PAID);
  assert.deepEqual(readVisit(writeVisit(kept)), kept);
  for (const junk of [null, "", "short.1.", `${newToken()}`, `${newToken()}.zz!`.replace("zz", ""), "<script>.1.1"]) {
    assert.equal(readVisit(junk), null);
  }
});
