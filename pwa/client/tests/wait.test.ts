import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { unitAround } from "../src/shared/format.ts";
import type { Wait } from "../src/shared/types.ts";
import { shown, waitOf } from "../src/shared/wait.ts";
import { snapshot, ticket } from "./made.ts";

interface Case {
  wait: Wait;
  ahead: number;
  shown: [number, number, number];
  is_next?: boolean;
  is_any_minute?: boolean;
}

// What the server shows as well: queues/tests/test_forecast_shown.py.
const TABLE = new URL("../../../queues/tests/shown_waits.json", import.meta.url);
const CASES = JSON.parse(readFileSync(TABLE, "utf8")) as Case[];

test("a wait is rounded as the server does", () => {
  for (const given of CASES) {
    const wait = shown(given.wait, given.ahead);
    assert.deepEqual([wait.low, wait.middle, wait.high], given.shown);
    assert.equal(wait.isNext, given.is_next ?? false);
    assert.equal(wait.isAnyMinute, given.is_any_minute ?? false);
  }
});

test("both ends are said where there are two, and somebody is ahead", () => {
  assert.ok(shown([1260, 1560, 2070], 3).isRange);
  assert.ok(!shown([1260, 1560, 2070], 0).isRange);
  assert.ok(!shown([24, 132, 840], 3).isRange);
  assert.ok(!shown([3600, 3600, 3600], 3).isRange);
});

test("a ticket's wait is that of its place", () => {
  const waits: Wait[] = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  const seen = snapshot({ waits });
  assert.deepEqual(waitOf(seen, ticket({ position: 3 })), [7, 8, 9]);
  // Its place is of another moment.
  assert.equal(waitOf(seen, ticket({ position: 2 })), null);
  assert.equal(waitOf(seen, ticket({ state: "called", position: null })), null);
  assert.equal(waitOf(snapshot(), ticket()), null);
  assert.equal(waitOf(snapshot({ waits: [null, null, null] }), ticket()), null);
  assert.equal(waitOf(null, ticket()), null);
});

test("minutes and hours have their unit in every language", () => {
  assert.deepEqual(unitAround("en", "minute", 35), ["", " min"]);
  assert.deepEqual(unitAround("he", "minute", 35), ["", " דק׳"]);
  assert.deepEqual(unitAround("ar", "minute", 35), ["", " دقيقة"]);
  assert.deepEqual(unitAround("ar", "minute", 8), ["", " دقائق"]);
  assert.deepEqual(unitAround("en", "hour", 2.5), ["", " hr"]);
});
