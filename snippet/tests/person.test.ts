import assert from "node:assert/strict";
import { test } from "node:test";
import type { Swap } from "../src/digits";
import { hash, international } from "../src/person";

const CALIFORNIA: Swap = { target: "+13105550123", cc: "1", number: "+13105550142" };
const LONDON: Swap = { target: "+442079460018", cc: "44", number: "+442079460977" };

test("it takes a number with a plus as it is", () => {
  assert.equal(international(" +1 (213) 555-0111", [LONDON]), "12135550111");
});

test("it puts the calling code before a national number, without its trunk zero", () => {
  assert.equal(international("(213) 555-0111", [CALIFORNIA]), "12135550111");
  assert.equal(international("1-213-555-0111", [CALIFORNIA]), "12135550111");
  assert.equal(international("020 7946 0018", [LONDON]), "442079460018");
});

test("it knows no country without a number shown", () => {
  assert.equal(international("(213) 555-0111", []), undefined);
});

test("it hashes as everyone does", async () => {
  assert.equal(await hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
