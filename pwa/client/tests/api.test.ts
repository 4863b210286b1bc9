import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { createApi, newKey, NoAnswerError, ProblemError } from "../src/app/api.ts";
import { isUncertain, reasonFor } from "../src/app/reasons.ts";
import { TEXTS } from "../src/shared/texts.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const api = createApi({ api: "/api/v1/public/", provider: { slug: "clinic", name: "Clinic" } });

afterEach(() => mock.restoreAll());

function answer(status: number, body: unknown) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return mock.method(globalThis, "fetch", async () => new Response(text, { status }));
}

function requestOf(fake: ReturnType<typeof answer>): { url: string; options: RequestInit } {
  const [url, options = {}] = fake.mock.calls[0]!.arguments;
  return { url: String(url), options };
}

test("joins with its key, without cookies", async () => {
  const fake = answer(201, { code: "A012" });
  await api.join({ queue: 3, service: 5, people: 2 }, "the-key");
  const { url, options } = requestOf(fake);
  assert.equal(url, "/api/v1/public/queues/3/tickets");
  assert.equal(new Headers(options.headers).get("Idempotency-Key"), "the-key");
  assert.equal(options.body, '{"service":5,"people":2}');
  assert.equal(options.credentials, "omit");
});

test("the ticket's token is in no address", async () => {
  const fake = answer(200, {});
  await api.ticket("secret");
  const { url, options } = requestOf(fake);
  assert.doesNotMatch(url, /secret/);
  assert.equal(new Headers(options.headers).get("Ticket-Token"), "secret");
});

test("lets the browser ask with the ETag that it keeps", async () => {
  const fake = answer(200, {});
  await api.snapshot(3);
  assert.equal(requestOf(fake).options.cache, "no-cache");
});

test("gives up on an answer that does not come", async () => {
  const fake = answer(200, {});
  const patience = mock.method(AbortSignal, "timeout");
  await api.provider();
  assert.equal(patience.mock.calls[0]?.arguments[0], 10_000);
  assert.equal(requestOf(fake).options.signal, patience.mock.calls[0]?.result);
});

test("a problem is an error with its code", async () => {
  answer(409, { code: "queue-full", detail: "Full" });
  await assert.rejects(api.join({ queue: 3, service: null, people: 1 }, "key"), (error: unknown) => {
    assert.ok(error instanceof ProblemError);
    assert.deepEqual([error.status, error.code, error.message], [409, "queue-full", "Full"]);
    return true;
  });
});

test("a dead line and a page of somebody in between are no answer", async () => {
  mock.method(globalThis, "fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await assert.rejects(api.provider(), NoAnswerError);
  mock.restoreAll();
  answer(502, "<h1>Bad gateway</h1>");
  await assert.rejects(api.provider(), NoAnswerError);
});

test("what may have been done all the same is tried again only as it was", () => {
  assert.ok(isUncertain(new NoAnswerError()));
  assert.ok(isUncertain(new ProblemError(500, "server-error", "")));
  assert.ok(isUncertain(new ProblemError(409, "request-running", "")));
  assert.ok(isUncertain(new ProblemError(429, "too-many-requests", "")));
  assert.ok(!isUncertain(new ProblemError(409, "queue-full", "")));
});

test("each problem is said in the reader's words", () => {
  const said = (code: string): string => reasonFor(TEXTS.he, new ProblemError(409, code, ""));
  assert.equal(said("queue-full"), TEXTS.he.isFull);
  assert.equal(said("queue-not-open"), TEXTS.he.isPaused);
  assert.equal(said("something-new"), TEXTS.he.failed);
  assert.equal(said("constructor"), TEXTS.he.failed);
  assert.equal(reasonFor(TEXTS.ar, new NoAnswerError()), TEXTS.ar.noAnswer);
});

test("a key is a random UUID, also where the browser makes none", () => {
  assert.match(newKey(), UUID);
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  try {
    assert.match(newKey(), UUID);
    assert.notEqual(newKey(), newKey());
  } finally {
    Reflect.deleteProperty(crypto, "randomUUID");
  }
});
