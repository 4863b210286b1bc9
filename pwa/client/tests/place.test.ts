import assert from "node:assert/strict";
import { test } from "node:test";

import { ahead, isBareName, isLive, newer, ticketIn } from "../src/shared/place.ts";
import type { TicketState } from "../src/shared/types.ts";
import { call, snapshot, ticket } from "./made.ts";

test("the place is the one in the line", () => {
  const seen = ticketIn(snapshot({ waiting: ["A011", "A012"] }), ticket());
  assert.equal(seen?.position, 2);
  assert.equal(seen?.sequence, 11);
  assert.equal(ahead(seen!), 1);
});

test("past the codes that are listed, the place is found in the runs", () => {
  const waiting = Array.from({ length: 300 }, (_, index) => `B${String(index).padStart(3, "0")}`);
  const seen = snapshot({ waiting, waiting_ranges: [["B900", "B904"], ["A010", "A020"]] });
  assert.equal(ticketIn(seen, ticket())?.position, 300 + 5 + 3);
});

test("numbers are compared as numbers, also past 999", () => {
  const seen = snapshot({ waiting: [], waiting_ranges: [["A998", "A1002"]] });
  assert.equal(ticketIn(seen, ticket({ code: "A1001" }))?.position, 4);
});

test("a run of other letters does not hold it", () => {
  const seen = snapshot({ waiting: [], waiting_ranges: [["AB010", "AB020"]] });
  assert.equal(ticketIn(seen, ticket()), null);
});

test("a call brings the counter with it", () => {
  const seen = ticketIn(snapshot({ waiting: [], called: [call("A012")] }), ticket());
  assert.equal(seen?.state, "called");
  assert.equal(seen?.counter, "2");
  assert.equal(seen?.position, null);
  assert.equal(ahead(seen!), null);
});

test("back in line, it is at no counter", () => {
  const called = ticket({ state: "called", counter: "2", position: null });
  assert.equal(ticketIn(snapshot(), called)?.state, "waiting");
  assert.equal(ticketIn(snapshot(), called)?.counter, null);
});

test("what is older than the ticket is passed over", () => {
  const known = ticket({ sequence: 12, position: 1 });
  assert.equal(ticketIn(snapshot({ sequence: 11 }), known), known);
});

test("neither waiting nor called: the snapshot does not tell", () => {
  assert.equal(ticketIn(snapshot({ waiting: ["A010"] }), ticket()), null);
});

test("a code that is there twice tells nothing", () => {
  assert.equal(ticketIn(snapshot({ called: [call("A012")] }), ticket()), null);
});

test("an ended ticket stays ended when its code comes back the next day", () => {
  const ended = ticket({ state: "completed", position: null });
  assert.equal(ticketIn(snapshot({ called: [call("A012")] }), ended), ended);
});

test("of two states the one with the lower sequence number is dropped", () => {
  const [older, later] = [ticket({ sequence: 9 }), ticket({ sequence: 10 })];
  assert.equal(newer(older, later), later);
  assert.equal(newer(later, older), later);
});

test("it lives until it is completed, missed or cancelled", () => {
  const states: TicketState[] = [
    "waiting",
    "called",
    "serving",
    "completed",
    "no_show",
    "cancelled",
  ];
  const living = states.filter((state) => isLive(ticket({ state })));
  assert.deepEqual(living, ["waiting", "called", "serving"]);
});

test("a counter's name that is no more than a number needs the word", () => {
  assert.deepEqual(["3", "12B", "Room 5", "Dr Levi"].map(isBareName), [true, true, false, false]);
});
