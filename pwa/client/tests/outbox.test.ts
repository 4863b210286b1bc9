import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { NoAnswerError, ProblemError } from "../src/app/api.ts";
import type { Deed, Deeds } from "../src/app/deeds.ts";
import { createOutbox } from "../src/app/outbox.ts";
import { sendKept } from "../src/sw/outbox.ts";

const LEAVE = { key: "k1", how: "leave", token: "mine", path: "ticket/cancel", body: {} } as const;
const CANCEL = {
  key: "k2",
  how: "cancelBooking",
  token: "7:x",
  path: "appointment/cancel",
  body: {},
} as const;

let kept: Map<string, Deed>;
let deeds: Deeds;
const answered = mock.fn();

beforeEach(() => {
  kept = new Map();
  deeds = {
    all: async () => [...kept.values()],
    put: async (deed) => void kept.set(deed.key, deed),
    remove: async (key) => void kept.delete(key),
  };
  answered.mock.resetCalls();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
});

afterEach(() => mock.timers.reset());

function door(answer: () => Promise<unknown>) {
  const sent: unknown[][] = [];
  const post = async <T>(...request: unknown[]): Promise<T> => {
    sent.push(request);
    return (await answer()) as T;
  };
  return { post, sent };
}

test("a deed is sent once, by its own key, to whom it concerns", async () => {
  const { post, sent } = door(async () => ({ state: "cancelled" }));
  const outbox = createOutbox({ post }, deeds, answered);
  await outbox.add(LEAVE);
  await outbox.add(CANCEL);
  assert.equal(sent.length, 0);
  await Promise.all([outbox.send(), outbox.send()]);
  await outbox.send();
  assert.deepEqual(sent, [
    ["ticket/cancel", { "Ticket-Token": "mine", "Idempotency-Key": "k1" }, {}],
    ["appointment/cancel", { "Appointment-Token": "7:x", "Idempotency-Key": "k2" }, {}],
  ]);
  assert.equal(answered.mock.callCount(), 2);
  assert.equal(kept.size, 0);
});

test("without an answer it waits, and goes out again as it was", async () => {
  let isBack = false;
  const { post, sent } = door(async () => {
    if (!isBack) throw new NoAnswerError();
    return {};
  });
  const outbox = createOutbox({ post }, deeds, answered);
  await outbox.add(LEAVE);
  await outbox.send();
  assert.equal(outbox.deeds.value.length, 1);
  isBack = true;
  await outbox.send();
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[0], sent[1]);
  assert.equal(outbox.deeds.value.length, 0);
});

test("whoever is turned away for now has been refused nothing", async () => {
  for (const [status, code] of [[429, "too-many-requests"], [503, "unavailable"]] as const) {
    const { post } = door(async () => {
      throw new ProblemError(status, code, "");
    });
    const outbox = createOutbox({ post }, deeds, answered);
    await outbox.add(LEAVE);
    await outbox.send();
    assert.deepEqual(outbox.deeds.value.map((deed) => deed.refused), [null]);
  }
});

test("what is refused later says so until that was seen", async () => {
  const { post } = door(async () => {
    throw new ProblemError(409, "change-too-late", "");
  });
  const outbox = createOutbox({ post }, deeds, answered);
  await outbox.add(CANCEL);
  await outbox.send();
  assert.deepEqual(outbox.deeds.value.map((deed) => deed.refused), ["change-too-late"]);
  await outbox.dismiss("k2");
  assert.equal(kept.size, 0);
  assert.equal(answered.mock.callCount(), 0);
});

test("the same deed waits only once", async () => {
  const outbox = createOutbox(door(async () => ({})), deeds, answered);
  await outbox.add(LEAVE);
  await outbox.add({ ...LEAVE, key: "k3" });
  assert.deepEqual([...kept.keys()], ["k1"]);
});

test("what servers may have forgotten the key of is not sent any more", async () => {
  const { post, sent } = door(async () => ({}));
  const outbox = createOutbox({ post }, deeds, answered);
  await outbox.add(LEAVE);
  mock.timers.setTime(1_000_000 + 24 * 3_600_000);
  await outbox.send();
  assert.equal(sent.length, 0);
  assert.equal(outbox.deeds.value[0]?.refused, "too-late");
});

test("a page that opens later takes up what was kept", async () => {
  const first = createOutbox(door(async () => ({})), deeds, answered);
  await first.add(LEAVE);
  const { post, sent } = door(async () => ({}));
  await createOutbox({ post }, deeds, answered).send();
  assert.equal(sent.length, 1);
});

test("the worker is told where to send a deed, and to wake for it", async () => {
  let woken = 0;
  const worker = { api: "/api/", wake: () => void woken++ };
  const outbox = createOutbox(door(async () => ({})), deeds, answered, worker);
  await outbox.add(LEAVE);
  await outbox.add(LEAVE);
  assert.equal(woken, 1);
  assert.equal(kept.get("k1")?.api, "/api/");
});

function answers(status: number, body: object = {}): unknown[][] {
  const sent: unknown[][] = [];
  globalThis.fetch = async (url, options) => {
    const { method, headers, body: said } = options as RequestInit & { headers: object };
    sent.push([method, url, headers, said]);
    return Response.json(body, { status });
  };
  return sent;
}

function keep(deed: object = {}): void {
  kept.set("k1", { ...LEAVE, askedAt: 1_000_000, refused: null, api: "/api/", ...deed });
}

test("the worker sends a deed as the page would have", async () => {
  keep();
  const sent = answers(200);
  await sendKept(deeds);
  const headers = {
    "Content-Type": "application/json",
    "Ticket-Token": "mine",
    "Idempotency-Key": "k1",
  };
  assert.deepEqual(sent, [["POST", "/api/ticket/cancel", headers, "{}"]]);
  assert.equal(kept.size, 0);
});

test("what the worker is refused is said by the next page", async () => {
  keep();
  answers(409, { code: "change-too-late" });
  await sendKept(deeds);
  assert.equal(kept.get("k1")?.refused, "change-too-late");
});

test("the browser wakes the worker again while nothing is settled", async () => {
  keep();
  for (const status of [429, 503]) {
    answers(status);
    await assert.rejects(sendKept(deeds));
  }
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  await assert.rejects(sendKept(deeds));
  assert.equal(kept.get("k1")?.refused, null);
});

test("the worker sends nothing old, refused, or of a release before", async () => {
  const sent = answers(200);
  for (const deed of [{ refused: "not-found" }, { api: undefined }, { askedAt: -1e9 }]) {
    keep(deed);
    await sendKept(deeds);
  }
  assert.deepEqual(sent, []);
  assert.equal(kept.get("k1")?.refused, "too-late");
});
