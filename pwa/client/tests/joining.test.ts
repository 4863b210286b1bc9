import assert from "node:assert/strict";
import { test } from "node:test";

import { NoAnswerError, ProblemError } from "../src/app/api.ts";
import { join, unanswered } from "../src/app/joining.ts";
import { createStore } from "../src/app/storage.ts";
import { ticket } from "./made.ts";

const pending = { queue: 3, service: 5, people: 1, key: "the-key" };

function fails(error: Error) {
  return {
    join: async () => {
      throw error;
    },
  };
}

test("a try without an answer is taken up again as it was", async () => {
  const slot = createStore("clinic", null).pending;
  await assert.rejects(join(fails(new NoAnswerError()), slot, pending), NoAnswerError);
  assert.deepEqual(unanswered(slot, 3), pending);
  assert.equal(unanswered(slot, 4), null);
});

test("what was refused or has worked is over", async () => {
  const slot = createStore("clinic", null).pending;
  const refusal = new ProblemError(409, "queue-full", "");
  await assert.rejects(join(fails(refusal), slot, pending), refusal);
  assert.equal(unanswered(slot, 3), null);
  await join({ join: async () => ticket() }, slot, pending);
  assert.equal(unanswered(slot, 3), null);
});

test("a page that closes before the answer remembers the try", () => {
  const slot = createStore("clinic", null).pending;
  void join({ join: () => new Promise(() => undefined) }, slot, pending);
  assert.deepEqual(unanswered(slot, 3), pending);
});
