import assert from "node:assert/strict";
import { test } from "node:test";
import { campaignOf, continues, newToken, VISIT_SECS, type Visit } from "../src/visit";

const NOW_MS = 1_780_000_000_000;
const PAID = campaignOf("https://shop.example/?utm_source=google&gclid=abc");
const visit = (campaign: string): Visit => ({ id: newToken(), at_ms: NOW_MS, campaign });

test("it makes tokens the edge accepts, each another", () => {
  const tokens = Array.from({ length: 500 }, newToken);
  assert.ok(tokens.every((token) => /^[0-9a-f]{26}$/.test(token)));
  assert.equal(new Set(tokens).size, 500);
});

test("it tells campaigns apart by value, not by order or by other parameters", () => {
  assert.equal(campaignOf("https://shop.example/?gclid=abc&utm_source=google&page=2"), PAID);
  assert.notEqual(campaignOf("https://shop.example/?utm_source=google&gclid=ABC"), PAID);
  assert.equal(campaignOf("https://shop.example/?page=2&utm_source="), "");
  assert.equal(campaignOf("https://shop.example/#utm_source=google&gclid=abc"), PAID);
  assert.equal(campaignOf("https://shop.example/?docid=7&cid=8"), "");
  for (const name of ["gbraid", "wbraid", "msclkid", "fbclid", "ttclid"]) assert.notEqual(campaignOf(`https://shop.example/?${name}=x`), "");
});

test("it continues a visit until thirty minutes without a sign of life", () => {
  assert.ok(continues(visit(PAID), "", NOW_MS + VISIT_SECS * 1000 - 1));
  assert.ok(!continues(visit(PAID), "", NOW_MS + VISIT_SECS * 1000));
});

test("it starts another visit for another campaign, not for the same again", () => {
  assert.ok(continues(visit(PAID), PAID, NOW_MS));
  assert.ok(!continues(visit(PAID), campaignOf("https://shop.example/?utm_source=newsletter"), NOW_MS));
  assert.ok(!continues(visit(""), PAID, NOW_MS));
});
