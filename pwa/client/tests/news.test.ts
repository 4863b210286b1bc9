import assert from "node:assert/strict";
import { test } from "node:test";

import { newsOf } from "../src/shared/news.ts";
import { call, snapshot, ticket } from "./made.ts";

const START = Date.UTC(2026, 10, 24, 10);

/** Tells of a wait in minutes, so many minutes after the start. */
function teller() {
  const news = newsOf();
  return (after: number, middle: number, own: { counters?: number; place?: number; calledAt?: number[] } = {}) => {
    const { counters = 2, place = 3, calledAt = [] } = own;
    const waiting = Array.from({ length: place }, (_, index) => `B${index}`);
    waiting[place - 1] = "A012";
    const seen = snapshot({
      as_of: new Date(START + after * 60_000).toISOString(),
      open_counters: counters,
      called: calledAt.map((minutes, index) => call(`C${index}`, { called_at: new Date(START + minutes * 60_000).toISOString() })),
      waiting,
      waits: waiting.map(() => [0, middle * 60, 9e4]),
    });
    return news(seen, ticket({ position: place }));
  };
}

test("the first wait is no news", () => {
  assert.equal(teller()(0, 20), null);
});

test("time that goes by is no news, and neither is noise", () => {
  const tell = teller();
  tell(0, 20);
  assert.equal(tell(5, 15, { counters: 1 }), null);
  assert.equal(tell(6, 17, { counters: 1 }), null);
});

test("a closed counter is why it is longer", () => {
  const tell = teller();
  tell(0, 20);
  assert.equal(tell(1, 20, { counters: 1 }), null);
  assert.deepEqual(tell(4, 22, { counters: 1 }), { minutes: 6, reason: "counterClosed" });
});

test("an opened counter is why it is shorter", () => {
  const tell = teller();
  tell(0, 20);
  assert.deepEqual(tell(2, 10, { counters: 3 }), { minutes: 8, reason: "counterOpened" });
});

test("who was placed ahead is why it is longer, though others were called meanwhile", () => {
  const tell = teller();
  tell(0, 20, { place: 5 });
  tell(1, 20, { place: 3 });
  tell(2, 20, { place: 4 });
  assert.deepEqual(tell(3, 22, { place: 4 }), { minutes: 5, reason: "placedAhead" });
});

test("when nobody was called since, somebody at a counter takes long", () => {
  const tell = teller();
  tell(0, 20, { calledAt: [-4, -9] });
  assert.deepEqual(tell(8, 18, { calledAt: [-4, -9] }), { minutes: 6, reason: "takesLong" });
});

test("with a counter that is free, or that called meanwhile, nobody takes long", () => {
  for (const calledAt of [[-4], [-4, 3]]) {
    const tell = teller();
    tell(0, 20, { calledAt: [-4, -9] });
    assert.equal(tell(8, 18, { calledAt }), null);
  }
});

test("without anything to see, it says nothing", () => {
  const tell = teller();
  tell(0, 20);
  assert.equal(tell(1, 40), null);
  assert.equal(tell(2, 5), null);
});

test("a counter that opened does not make it longer", () => {
  const tell = teller();
  tell(0, 20);
  assert.equal(tell(1, 40, { counters: 3 }), null);
});

test("what was said stays until the wait moves again", () => {
  const tell = teller();
  tell(0, 20);
  const said = tell(1, 30, { counters: 1 });
  assert.equal(tell(2, 29, { counters: 1 }), said);
  assert.equal(tell(3, 50, { counters: 1 }), null);
});

test("what happened long ago is no reason", () => {
  const tell = teller();
  tell(0, 60);
  tell(1, 59, { counters: 1 });
  tell(12, 48, { counters: 1 });
  assert.equal(tell(13, 70, { counters: 1 }), null);
});
