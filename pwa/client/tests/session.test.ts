import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { signal } from "@preact/signals";

import {
  FakeEventSource,
  fakeBrowser,
  restoreBrowser,
  settle,
} from "../../../waitlessq/client/tests/fakes.ts";
import { now } from "../src/app/age.ts";
import { type Api, NoAnswerError, ProblemError } from "../src/app/api.ts";
import type { Deed } from "../src/app/deeds.ts";
import { createSession, type Session } from "../src/app/session.ts";
import type { Held, Slot } from "../src/app/storage.ts";
import { isAlerting, startTelling, stopAlerting } from "../src/app/turn.ts";
import { call, snapshot, ticket } from "./made.ts";

let kept: Held | null;
let session: Session;
let api: Api;
const slot: Slot<Held> = {
  read: () => kept,
  write: (held) => (kept = held),
  clear: () => (kept = null),
};
const deeds = signal<readonly Deed[]>([]);
const outbox = {
  deeds,
  add: mock.fn(async (deed: Omit<Deed, "askedAt" | "refused">) => {
    deeds.value = [{ ...deed, askedAt: 0, refused: null }];
  }),
};
const otherTab = new EventTarget();
const vibrate = mock.fn();

beforeEach(() => {
  fakeBrowser();
  now.value = Date.now();
  globalThis.addEventListener = otherTab.addEventListener.bind(otherTab);
  Object.defineProperty(navigator, "vibrate", { value: vibrate, configurable: true });
  vibrate.mock.resetCalls();
  outbox.add.mock.resetCalls();
  deeds.value = [];
  kept = null;
  api = {
    provider: mock.fn(),
    places: mock.fn(),
    join: mock.fn(),
    snapshot: mock.fn(async () => snapshot()),
    ticket: mock.fn(async () => ticket()),
    offer: mock.fn(async () => ({ offer: null })),
    why: mock.fn(async () => ({ code: "A011", reason: "by_hand" as const, minutes: null })),
    leave: mock.fn(async () => ticket({ state: "cancelled", position: null, sequence: 12 })),
    rejoin: mock.fn(async () => ticket({ sequence: 14 })),
    defer: mock.fn(async () => ticket({ position: 5, sequence: 12 })),
    tenMinutes: mock.fn(async () => deferred()),
    fiveMinutes: mock.fn(async () => deferred()),
    comeBack: mock.fn(async () => ticket({ position: 1, sequence: 13 })),
  };
  session = createSession(api, "/streams/", slot, outbox);
});

function deferred() {
  const deferred_until = "2026-11-24T10:15:00Z";
  return ticket({ state: "deferred", position: null, sequence: 12, deferred_until });
}

afterEach(() => {
  stopAlerting();
  session.live.value?.stop();
  restoreBrowser();
});

async function say(seen: ReturnType<typeof snapshot>): Promise<void> {
  FakeEventSource.last.say("snapshot", seen);
  await settle();
}

async function hold(): Promise<void> {
  session.hold(ticket());
  FakeEventSource.last.open();
  await settle();
}

/** Buzzes, without the calls that end one. */
function buzzes(): number {
  return vibrate.mock.calls.filter((buzz) => buzz.arguments[0] !== 0).length;
}

test("a ticket that was joined for is kept and followed", async () => {
  await hold();
  assert.equal(kept?.ticket.code, "A012");
  assert.equal(session.isHolding.value, true);
  assert.equal(FakeEventSource.all.length, 1);
});

test("what was kept is followed again", () => {
  kept = { ticket: ticket(), heardAt: Date.now() };
  const again = createSession(api, "/streams/", slot, outbox);
  assert.equal(again.isHolding.value, true);
  again.live.value?.stop();
});

test("leaving ends the following", async () => {
  await hold();
  await session.change("leave");
  assert.equal(session.isHolding.value, false);
  assert.equal(outbox.add.mock.callCount(), 0);
});

test("without an answer, leaving waits for a connection as the same request", async () => {
  await hold();
  const leave = mock.fn(async () => {
    throw new NoAnswerError();
  });
  api.leave = leave;
  await session.change("leave");
  assert.equal(session.isHolding.value, true);
  const [kept] = outbox.add.mock.calls[0]!.arguments as unknown as [{ key: string; path: string }];
  assert.deepEqual(leave.mock.calls[0]?.arguments, ["secret", kept.key]);
  assert.equal(kept.path, "ticket/cancel");
});

test("what waits for a connection and is asked for again is one request", async () => {
  await hold();
  const defer = mock.fn(api.defer);
  api.defer = defer;
  defer.mock.mockImplementationOnce(async () => {
    throw new NoAnswerError();
  });
  for (const _ of [1, 2]) await session.change("defer");
  assert.deepEqual(defer.mock.calls[0]?.arguments, defer.mock.calls[1]?.arguments);
  deeds.value = [];
  await session.change("defer");
  assert.notEqual(defer.mock.calls[1]?.arguments[1], defer.mock.calls[2]?.arguments[1]);
});

test("to be back in line does not wait, and a repeat is the same request", async () => {
  await hold();
  const comeBack = mock.fn(api.comeBack);
  api.comeBack = comeBack;
  comeBack.mock.mockImplementationOnce(async () => {
    throw new NoAnswerError();
  });
  await assert.rejects(session.change("comeBack"));
  await session.change("comeBack");
  assert.deepEqual(comeBack.mock.calls[0]?.arguments, comeBack.mock.calls[1]?.arguments);
  assert.equal(outbox.add.mock.callCount(), 0);
});

test("two turns to let others go first are two requests", async () => {
  await hold();
  const defer = mock.fn(api.defer);
  api.defer = defer;
  for (const _ of [1, 2]) await session.change("defer");
  assert.notEqual(defer.mock.calls[0]?.arguments[1], defer.mock.calls[1]?.arguments[1]);
  assert.equal(session.live.value?.ticket.value.position, 5);
});

test("an unknown ticket is forgotten, and that is said", async () => {
  api.ticket = async () => {
    throw new ProblemError(404, "not-found", "");
  };
  await hold();
  await say(snapshot({ sequence: 12, waiting: [] }));
  assert.equal(kept, null);
  assert.equal(session.live.value, null);
  assert.equal(session.wasUnknown.value, true);
});

test("another tab's ticket is taken over, its own news are not", async () => {
  await hold();
  const before = session.live.value;
  otherTab.dispatchEvent(new Event("storage"));
  assert.equal(session.live.value, before);
  kept = { ticket: ticket({ token: "other", code: "A050" }), heardAt: Date.now() };
  otherTab.dispatchEvent(new Event("storage"));
  assert.equal(session.live.value?.ticket.value.code, "A050");
});

test("a call alerts, and the next one again", async () => {
  startTelling(session, "Clinic");
  await hold();
  assert.equal(isAlerting.value, false);
  await say(snapshot({ sequence: 12, waiting: [], called: [call("A012")] }));
  assert.equal(isAlerting.value, true);
  stopAlerting();
  await say(snapshot({ sequence: 13, waiting: [], called: [call("A012", { call_count: 2 })] }));
  assert.equal(isAlerting.value, true);
});

test("the alert ends when the counter starts to serve", async () => {
  startTelling(session, "Clinic");
  await hold();
  await say(snapshot({ sequence: 12, waiting: [], called: [call("A012")] }));
  await say(snapshot({ sequence: 13, waiting: [], called: [call("A012", { state: "serving" })] }));
  assert.equal(isAlerting.value, false);
});

test("a call that is no longer known to hold does not alert", () => {
  const called = ticket({ state: "called", counter: "2", call_count: 1, position: null });
  const stale = { ...session, age: signal<"as-of">("as-of") };
  startTelling(stale, "Clinic");
  session.hold(called);
  assert.equal(isAlerting.value, false);
});

test("one is told once when few are left, not when few were from the start", async () => {
  startTelling(session, "Clinic");
  await hold();
  assert.equal(buzzes(), 0);
  const far = ["A007", "A008", "A010", "A011", "A012"];
  await say(snapshot({ sequence: 12, waiting: far }));
  assert.equal(buzzes(), 0);
  await say(snapshot({ sequence: 13, waiting: far.slice(2) }));
  await say(snapshot({ sequence: 14, waiting: far.slice(3) }));
  assert.equal(buzzes(), 1);
});

test("who asked for more time is told when it is over", async () => {
  startTelling(session, "Clinic");
  await hold();
  await session.change("tenMinutes");
  assert.equal(session.live.value?.ticket.value.state, "deferred");
  assert.equal(buzzes(), 0);
  await say(snapshot({ sequence: 13, waiting: ["A012"] }));
  assert.equal(session.live.value?.ticket.value.deferred_until, null);
  assert.equal(buzzes(), 1);
});

test("who was called by mistake is told so, once", async () => {
  startTelling(session, "Clinic");
  await hold();
  await say(snapshot({ sequence: 12, waiting: [], called: [call("A012")] }));
  stopAlerting();
  const before = buzzes();
  const waiting = ["A012", "A013"];
  await say(snapshot({ sequence: 13, waiting, called_by_mistake: ["A012"] }));
  assert.equal(session.live.value?.ticket.value.called_by_mistake, true);
  assert.equal(buzzes(), before + 1);
  await say(snapshot({ sequence: 40, waiting }));
  assert.equal(session.live.value?.ticket.value.called_by_mistake, true);
  assert.equal(buzzes(), before + 1);
});
