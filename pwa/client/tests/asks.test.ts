import assert from "node:assert/strict";
import { test } from "node:test";

import { isAnonymous, missing } from "../src/shared/asks.ts";

test("a queue that says nothing asks for nothing", () => {
  assert.equal(isAnonymous({}), true);
  assert.equal(isAnonymous({ asks_name: "no", asks_phone: "optional" }), false);
  assert.deepEqual(missing({}, {}), []);
});

test("what is required must be more than blanks", () => {
  const queue = { asks_name: "required", asks_phone: "optional" } as const;
  assert.deepEqual(missing(queue, { name: "  ", phone: "" }), ["name"]);
  assert.deepEqual(missing(queue, { name: "Dana" }), []);
});
