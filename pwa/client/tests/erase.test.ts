import assert from "node:assert/strict";
import { test } from "node:test";

import { erasePhone } from "../src/app/erase.ts";

function phone() {
  const kept = new Set(["ticket", "bookings"]);
  const deeds = new Set(["leave"]);
  let isHeard = true;
  return {
    kept,
    deeds,
    /** An answer that comes in, kept as long as somebody listens. */
    hear: () => isHeard && kept.add("ticket"),
    forgotten: {
      live: { stop: () => (isHeard = false) },
      store: { erase: () => kept.clear() },
      alerts: async () => undefined,
      deeds: async () => deeds.clear(),
    },
  };
}

test("nothing stays, not even what a silent server could not be told", async () => {
  const { kept, deeds, forgotten } = phone();
  const alerts = async () => Promise.reject(new Error("No answer."));
  await erasePhone({ ...forgotten, alerts });
  assert.deepEqual([kept.size, deeds.size], [0, 0]);
});

test("what is heard meanwhile is not kept", async () => {
  const { kept, hear, forgotten } = phone();
  const alerts = async () => hear();
  await erasePhone({ ...forgotten, store: { erase: () => kept.delete("bookings") }, alerts });
  assert.ok(kept.delete("ticket"), "it was there before");
  hear();
  assert.ok(!kept.has("ticket"));
});

test("an answer that was on its way is forgotten, too", async () => {
  const { kept, forgotten } = phone();
  const deeds = async () => kept.add("bookings");
  await erasePhone({ ...forgotten, deeds });
  assert.equal(kept.size, 0);
});

test("where nobody waits, there is nothing to stop", async () => {
  const { kept, forgotten } = phone();
  await erasePhone({ ...forgotten, live: null });
  assert.equal(kept.size, 0);
});
