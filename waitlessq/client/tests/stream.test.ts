import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { follow, jittered } from "../stream.ts";
import { FakeEventSource, fakeBrowser, pass, restoreBrowser, settle } from "./fakes.ts";

let page: ReturnType<typeof fakeBrowser>;
let isServerUp: boolean;
let stop: () => void;

const ask = mock.fn(async () => {
  if (!isServerUp) throw new Error("No answer");
});
const told = mock.fn((_event: string, _data: unknown) => undefined);
const heard = mock.fn();

beforeEach(() => {
  page = fakeBrowser();
  isServerUp = true;
  for (const fake of [ask, told, heard]) fake.mock.resetCalls();
  stop = follow({ url: () => "/streams/a,heartbeat", ask, told, heard, silence: 10_000 });
});

afterEach(() => {
  stop();
  restoreBrowser();
});

async function connect(): Promise<void> {
  FakeEventSource.last.open();
  await settle();
}

/** Heartbeats every two seconds. */
async function passWithHeartbeats(seconds: number): Promise<void> {
  for (let gone = 0; gone < seconds; gone += 2) {
    FakeEventSource.last.say("heartbeat");
    await pass(2);
  }
}

test("asks when the stream opens", async () => {
  await connect();
  assert.equal(ask.mock.callCount(), 1);
  assert.equal(heard.mock.callCount(), 1);
});

test("asks by itself when the stream does not open", async () => {
  await pass(1);
  assert.equal(ask.mock.callCount(), 1);
});

test("hands on what the stream says", async () => {
  await connect();
  FakeEventSource.last.say("snapshot", { sequence: 7 });
  FakeEventSource.last.say("changed", { sequence: 8 });
  const calls = told.mock.calls.map((call) => call.arguments);
  assert.deepEqual(calls, [
    ["snapshot", { sequence: 7 }],
    ["changed", { sequence: 8 }],
  ]);
});

test("asks when the stream is silent, and goes on asking", async () => {
  await connect();
  isServerUp = false;
  await pass(15);
  const asked = ask.mock.callCount();
  assert.ok(asked > 1);
  await pass(10);
  assert.ok(ask.mock.callCount() > asked);
});

test("does not ask while heartbeats come, but twice a minute", async () => {
  await connect();
  await passWithHeartbeats(24);
  assert.equal(ask.mock.callCount(), 1);
  await passWithHeartbeats(10);
  assert.equal(ask.mock.callCount(), 2);
});

test("counts heartbeats only after an answer to this connect", async () => {
  await connect();
  FakeEventSource.last.fail();
  isServerUp = false;
  await pass(1);
  await connect();
  const before = heard.mock.callCount();
  FakeEventSource.last.say("heartbeat");
  assert.equal(heard.mock.callCount(), before);
  isServerUp = true;
  page.dispatchEvent(new Event("visibilitychange"));
  await settle();
  FakeEventSource.last.say("heartbeat");
  assert.equal(heard.mock.callCount(), before + 2);
});

test("an answer to a question from before the connect does not count for it", async () => {
  let answer = (): void => undefined;
  ask.mock.mockImplementationOnce(() => new Promise((done) => (answer = done)));
  await pass(1);
  FakeEventSource.last.open();
  isServerUp = false;
  answer();
  await settle();
  const before = heard.mock.callCount();
  FakeEventSource.last.say("heartbeat");
  assert.equal(heard.mock.callCount(), before);
});

test("comes back later and later, and soon again once it heard something", async () => {
  const delays: number[] = [];
  for (let failures = 0; failures < 7; failures += 1) {
    const [count, failedAt] = [FakeEventSource.all.length, Date.now()];
    FakeEventSource.last.open();
    FakeEventSource.last.fail();
    while (FakeEventSource.all.length === count) mock.timers.tick(100);
    delays.push(Date.now() - failedAt);
  }
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  await connect();
  FakeEventSource.last.say("heartbeat");
  const count = FakeEventSource.all.length;
  FakeEventSource.last.fail();
  mock.timers.tick(500);
  assert.equal(FakeEventSource.all.length, count + 1);
});

test("closes a failed stream, so that the browser does not come back by itself", () => {
  const failed = FakeEventSource.last;
  failed.fail();
  assert.ok(failed.isClosed);
});

test("leaves a stream that is silent for too long, though nobody closed it", async () => {
  await connect();
  const silent = FakeEventSource.last;
  await pass(40);
  assert.ok(silent.isClosed);
  assert.notEqual(FakeEventSource.last, silent);
});

test("asks on return to view, and connects at once", async () => {
  await connect();
  FakeEventSource.last.fail();
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(FakeEventSource.all.length, 1);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await settle();
  assert.equal(ask.mock.callCount(), 2);
  assert.equal(FakeEventSource.all.length, 2);
});

test("asks one question at a time, and once more for all that came up meanwhile", async () => {
  let answer = (): void => undefined;
  ask.mock.mockImplementationOnce(() => new Promise((done) => (answer = done)));
  await connect();
  for (let times = 0; times < 3; times += 1) page.dispatchEvent(new Event("online"));
  assert.equal(ask.mock.callCount(), 1);
  answer();
  await settle();
  assert.equal(ask.mock.callCount(), 2);
});

test("says and asks nothing once it is stopped", async () => {
  await connect();
  FakeEventSource.last.fail();
  stop();
  const asked = ask.mock.callCount();
  page.dispatchEvent(new Event("visibilitychange"));
  await pass(60);
  assert.equal(ask.mock.callCount(), asked);
  assert.equal(FakeEventSource.all.length, 1);
});

test("an answer after the stop is not heard", async () => {
  let answer = (): void => undefined;
  ask.mock.mockImplementationOnce(() => new Promise((done) => (answer = done)));
  await connect();
  stop();
  answer();
  await settle();
  assert.equal(heard.mock.callCount(), 0);
});

test("jitter stays between half and one and a half", () => {
  for (const chance of [0, 0.999]) {
    mock.method(Math, "random", () => chance);
    assert.equal(jittered(1000), 500 + 1000 * chance);
  }
});
