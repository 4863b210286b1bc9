import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest, stepped, verdictOf, type Places } from "./fits.ts";

const DAY = "2026-11-25";
const PLACES: Places = {
  step: 15,
  free: { 7: { [DAY]: [540, 555, 600] } },
  open: { 7: { [DAY]: [540, 555, 570, 585, 600] } },
};

test("what is free, taken, closed and not offered", () => {
  assert.equal(verdictOf(PLACES, "7", DAY, 555), "free");
  assert.equal(verdictOf(PLACES, "7", DAY, 570), "taken");
  assert.equal(verdictOf(PLACES, "7", DAY, 300), "closed");
  assert.equal(verdictOf(PLACES, "7", "2026-11-26", 555), "closed");
  assert.equal(verdictOf(PLACES, "8", DAY, 555), "notOffered");
});

test("the nearest that are free come in their order", () => {
  assert.deepEqual(nearest(PLACES, "7", DAY, 590), [540, 555, 600]);
  assert.deepEqual(nearest(PLACES, "8", DAY, 590), []);
});

test("a start that is off the step comes onto it, and a day has an end", () => {
  assert.equal(stepped(607, 15, 1), 615);
  assert.equal(stepped(607, 15, -1), 600);
  assert.equal(stepped(600, 15, 1), 615);
  assert.equal(stepped(0, 15, -1), 0);
  assert.equal(stepped(1425, 15, 1), 1425);
});
