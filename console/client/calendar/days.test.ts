import assert from "node:assert/strict";
import { test } from "node:test";

import { daysOn } from "./days.ts";

test("arrows go from day to day and from week to week", () => {
  assert.deepEqual(
    ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Enter"].map((key) => daysOn(key, false)),
    [-1, 1, -7, 7, null],
  );
});

test("where weeks are written from right to left, so they are gone through", () => {
  assert.deepEqual(["ArrowLeft", "ArrowRight"].map((key) => daysOn(key, true)), [1, -1]);
});
