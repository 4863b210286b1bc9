import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import {
  FakeEventSource,
  fakeBrowser,
  pass,
  restoreBrowser,
  settle,
} from "../../../waitlessq/client/tests/fakes.ts";
import { NoAnswerError, ProblemError } from "../src/app/api.ts";
import { type LiveTicket, watchTicket } from "../src/app/live.ts";
import type { TimeOffer } from "../src/shared/booking.ts";
import type { HeldTicket } from "../src/shared/types.ts";
import { call, snapshot, ticket } from "./made.ts";

let live: LiveTicket;
const api = {
  snapshot: mock.fn(async () => snapshot()),
  ticket: mock.fn(async () => ticket()),
  offer: mock.fn(async (): Promise<{ offer: TimeOffer | null }> => ({ offer: null })),
};
const changed = mock.fn();
const unknown = mock.fn();

beforeEach(() => {
  fakeBrowser();
  api.snapshot = mock.fn(async () => snapshot());
  api.ticket = mock.fn(async () => ticket());
  changed.mock.resetCalls();
  unknown.mock.resetCalls();
});

afterEach(() => {
  live.stop();
  restoreBrowser();
});

async function watch(held: HeldTicket = ticket(), heardAt = Date.now()): Promise<void> {
  live = watchTicket({ api, streams: "/streams/", held: { ticket: held, heardAt }, changed, unknown });
  FakeEventSource.last?.open();
  await settle();
}

test("listens to the queue, to its own stream and to the heartbeat", async () => {
  await watch();
  assert.equal(FakeEventSource.last.url, "/streams/queues-3,ticket-x,heartbeat");
});

test("takes its place from the snapshot, and need not ask for the ticket", async () => {
  await watch(ticket({ position: 9 }));
  assert.equal(live.ticket.value.position, 3);
  FakeEventSource.last.say("snapshot", snapshot({ sequence: 12, waiting: ["A012"] }));
  assert.equal(live.ticket.value.position, 1);
  assert.equal(api.ticket.mock.callCount(), 0);
});

test("a time that is offered instead of waiting is asked for once it is told of", async () => {
  await watch();
  assert.equal(live.offer.value, null);
  const offer = { id: 4, starts_at: "", ends_at: "", expires_at: "", resources: [] };
  api.offer = mock.fn(async () => ({ offer }));
  FakeEventSource.last.say("offer", { offer: 4 });
  await settle();
  assert.deepEqual(live.offer.value, offer);
  live.forgetOffer();
  assert.equal(live.offer.value, null);
});

test("drops a snapshot with a lower sequence number", async () => {
  await watch();
  FakeEventSource.last.say("snapshot", snapshot({ sequence: 5, waiting: ["A012"] }));
  assert.equal(live.ticket.value.position, 3);
  assert.equal(live.queue.value?.sequence, 11);
});

test("of snapshots with the same sequence number the newest counts", async () => {
  await watch();
  const later = snapshot({ as_of: "2026-11-24T10:00:20+00:00", newcomer: [1, 2, 3] });
  FakeEventSource.last.say("snapshot", later);
  assert.deepEqual(live.queue.value?.newcomer, [1, 2, 3]);
  FakeEventSource.last.say("snapshot", snapshot());
  assert.deepEqual(live.queue.value?.newcomer, [1, 2, 3]);
});

test("says why the wait changed", async () => {
  api.snapshot = mock.fn(async () => snapshot({ waits: [null, null, [60, 300, 600]] }));
  await watch();
  assert.equal(live.news.value, null);
  const own = { sequence: 12, open_counters: 1, as_of: "2026-11-24T10:01:00+00:00" };
  FakeEventSource.last.say("snapshot", snapshot({ ...own, waits: [null, null, [60, 600, 900]] }));
  assert.deepEqual(live.news.value, { minutes: 6, reason: "counterClosed" });
});

test("is called by the snapshot at once", async () => {
  await watch();
  const called = snapshot({ sequence: 12, waiting: [], called: [call("A012")] });
  FakeEventSource.last.say("snapshot", called);
  assert.equal(live.ticket.value.state, "called");
});

test("asks for the ticket that the snapshot does not show", async () => {
  await watch();
  api.ticket = mock.fn(async () => ticket({ state: "completed", position: null, sequence: 12 }));
  FakeEventSource.last.say("snapshot", snapshot({ sequence: 12, waiting: [] }));
  await settle();
  assert.equal(live.ticket.value.state, "completed");
});

test("far back, where nobody is listed, it does not ask at each change", async () => {
  await watch(ticket({ position: 900 }));
  api.ticket = mock.fn(async () => ticket({ position: 899, sequence: 99 }));
  const cut = { waiting: ["A001"], waiting_total: 1000 };
  for (const sequence of [20, 21, 22]) {
    FakeEventSource.last.say("snapshot", snapshot({ sequence, ...cut }));
  }
  await settle();
  assert.equal(api.ticket.mock.callCount(), 0);
  FakeEventSource.last.say("changed", { queue: 3, sequence: 23 });
  await settle();
  assert.equal(api.ticket.mock.callCount(), 1);
});

test("asks for the ticket when its stream says that it changed", async () => {
  await watch();
  api.ticket = mock.fn(async () => ticket({ state: "no_show", position: null, sequence: 13 }));
  FakeEventSource.last.say("changed", { queue: 3, sequence: 13 });
  await settle();
  assert.equal(live.ticket.value.state, "no_show");
});

test("follows a ticket that ended on its own stream, and not for ever", async () => {
  await watch();
  live.accept(ticket({ state: "no_show", position: null, sequence: 12 }));
  assert.equal(changed.mock.calls.at(-1)?.arguments[0].ticket.state, "no_show");
  assert.equal(FakeEventSource.last.url, "/streams/ticket-x,heartbeat");
  await pass(15 * 60);
  assert.ok(FakeEventSource.last.isClosed);
});

test("a ticket that is taken up again is followed as before", async () => {
  await watch();
  live.accept(ticket({ state: "no_show", position: null, sequence: 12 }));
  api.ticket = mock.fn(async () => ticket({ sequence: 13 }));
  FakeEventSource.last.say("changed", { queue: 3, sequence: 13 });
  await settle();
  assert.equal(live.ticket.value.state, "waiting");
  assert.equal(FakeEventSource.last.url, "/streams/queues-3,ticket-x,heartbeat");
});

test("a ticket that was sent to another queue follows that one", async () => {
  await watch();
  const sent = ticket({ queue: 4, position: 1, sequence: 2 });
  api.ticket = mock.fn(async () => sent);
  api.snapshot = mock.fn(async () => snapshot({ queue: 4, sequence: 3, waiting: ["A012"] }));
  FakeEventSource.last.say("changed", { queue: 4, sequence: 2 });
  await settle();
  assert.equal(FakeEventSource.last.url, "/streams/queues-4,ticket-x,heartbeat");
  FakeEventSource.last.open();
  await settle();
  assert.equal(live.queue.value?.queue, 4);
  const called = snapshot({ queue: 4, sequence: 4, waiting: [], called: [call("A012")] });
  FakeEventSource.last.say("snapshot", called);
  assert.equal(live.ticket.value.state, "called");
});

test("does not follow a ticket that has ended already", async () => {
  await watch(ticket({ state: "completed", position: null }));
  assert.equal(FakeEventSource.all.length, 0);
});

test("a ticket not heard of for long is asked for, though its code is in the line", async () => {
  api.ticket = mock.fn(async () => ticket({ state: "completed", position: null, sequence: 90 }));
  await watch(ticket(), Date.now() - 86_400_000);
  assert.equal(live.ticket.value.state, "completed");
});

test("a token that the server does not know is given up", async () => {
  api.ticket = mock.fn(async () => {
    throw new ProblemError(404, "not-found", "");
  });
  await watch(ticket(), Date.now() - 60 * 60_000);
  assert.equal(unknown.mock.callCount(), 1);
  assert.ok(FakeEventSource.last.isClosed);
});

test("no answer is no reason to give the ticket up, and is said", async () => {
  api.snapshot = mock.fn(async () => {
    throw new NoAnswerError();
  });
  const heardAt = Date.now() - 60_000;
  await watch(ticket(), heardAt);
  assert.equal(unknown.mock.callCount(), 0);
  assert.equal(live.hasFailed.value, true);
  assert.equal(live.heardAt.value, heardAt);
});

test("without a snapshot, the ticket itself tells", async () => {
  api.snapshot = mock.fn(async () => {
    throw new ProblemError(404, "not-found", "");
  });
  api.ticket = mock.fn(async () => ticket({ position: 1, sequence: 14 }));
  await watch();
  assert.equal(live.ticket.value.position, 1);
});

test("remembers what it heard, with the time", async () => {
  await watch();
  await pass(5);
  FakeEventSource.last.say("heartbeat");
  const held = changed.mock.calls.at(-1)?.arguments[0];
  assert.equal(held.ticket.position, 3);
  assert.equal(held.heardAt, Date.now());
});
