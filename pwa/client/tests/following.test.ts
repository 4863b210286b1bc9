// Following by push: subscribed with the platform's key, told with the token, anew when it changed.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { signal } from "@preact/signals";

import { mayPush, push, resumePush } from "../src/app/alerts.ts";
import { followedOf } from "../src/app/bookings.ts";
import { startFollowing } from "../src/app/following.ts";
import { language } from "../src/app/language.ts";
import { endPush, follow, type Followed, tryPush } from "../src/app/push.ts";
import { base64urlOf, recall } from "../src/shared/pushed.ts";

const API = "/api/v1/public/";
const SCOPE = "https://waitlessq.example/p/clinic/";
const TICKET: Followed = { kind: "ticket", token: "7:signed" };

interface Sent {
  url: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

let sent: Sent[] = [];
let publicKey: string | null = "AQID";
let status = 204;
let browser = { key: null as string | null, subscribed: 0, ended: 0 };

function subscription(): object | null {
  if (browser.key === null) return null;
  const endpoint = `https://push.example/${browser.subscribed}`;
  const bytes = Uint8Array.from(Buffer.from(browser.key, "base64url"));
  return {
    endpoint,
    options: { applicationServerKey: bytes.buffer },
    toJSON: () => ({ endpoint, keys: { p256dh: "p", auth: "a" } }),
    unsubscribe: async () => {
      browser.key = null;
      browser.ended += 1;
      return true;
    },
  };
}

const pushManager = {
  getSubscription: async () => subscription(),
  subscribe: async ({ applicationServerKey }: { applicationServerKey: Uint8Array }) => {
    browser.key = base64urlOf(applicationServerKey.buffer as ArrayBuffer);
    browser.subscribed += 1;
    return subscription();
  },
};

function install(worker: object | undefined): void {
  const serviceWorker = { getRegistration: async () => worker, ready: Promise.resolve(worker) };
  Object.defineProperty(globalThis, "navigator", { value: { serviceWorker }, configurable: true });
}

beforeEach(() => {
  sent = [];
  publicKey = "AQID";
  status = 204;
  browser = { key: null, subscribed: 0, ended: 0 };
  install({ scope: SCOPE, pushManager });
  const kept = new Map<string, Response>();
  const cache = {
    put: async (key: string, value: Response) => void kept.set(key, value),
    match: async (key: string) => kept.get(key)?.clone(),
    delete: async (key: string) => kept.delete(key),
  };
  Object.assign(globalThis, {
    window: { Notification: {} },
    Notification: { permission: "granted" },
    caches: { open: async () => cache },
    fetch: async (url: string, asked: { headers?: Record<string, string>; body?: string }) => {
      if (asked.body === undefined) return Response.json({ public_key: publicKey });
      sent.push({ url, headers: asked.headers ?? {}, body: JSON.parse(asked.body) as Sent["body"] });
      return new Response(null, { status });
    },
  });
});

/** What is started without waiting, and what that starts, is over. */
async function settled(): Promise<void> {
  await new Promise((done) => setTimeout(done, 20));
}

test("the platform is told with the ticket's token in a header", async () => {
  assert.equal(await follow(API, TICKET, "he"), true);
  const [only] = sent;
  assert.equal(only?.url, `${API}ticket/push`);
  assert.equal(only.headers["Ticket-Token"], "7:signed");
  assert.deepEqual(only.body, {
    endpoint: "https://push.example/1",
    keys: { p256dh: "p", auth: "a" },
    public_key: "AQID",
    language: "he",
  });
  const remembered = { api: API, endpoint: "https://push.example/1", publicKey, language: "he" };
  assert.deepEqual(await recall(SCOPE), remembered);
});

test("a browser subscribes once, and anew when the platform has another key", async () => {
  await follow(API, TICKET, "en");
  await follow(API, { kind: "appointment", token: "9:signed" }, "en");
  assert.equal(browser.subscribed, 1);
  assert.equal(sent[1]?.headers["Appointment-Token"], "9:signed");
  publicKey = "BAUG";
  await follow(API, TICKET, "en");
  assert.deepEqual([browser.subscribed, browser.ended], [2, 1]);
});

test("where it can not work, it does not say that it does", async () => {
  publicKey = null;
  assert.equal(await follow(API, TICKET, "en"), false);
  publicKey = "AQID";
  status = 409;
  assert.equal(await follow(API, TICKET, "en"), false);
  install({ scope: SCOPE });
  assert.equal(await follow(API, TICKET, "en"), false);
  install(undefined);
  assert.equal(await follow(API, TICKET, "en"), false);
  assert.equal(await recall(SCOPE), null);
});

test("without permission nothing is asked of the platform", async () => {
  const held = signal<readonly Followed[]>([TICKET]);
  const stop = startFollowing(API, held);
  await settled();
  stop();
  assert.deepEqual(sent, []);
});

test("what is held is followed, each once, and anew in another language", async () => {
  const held = signal<readonly Followed[]>([TICKET]);
  mayPush.value = true;
  const stop = startFollowing(API, held);
  await settled();
  held.value = [{ ...TICKET }];
  await settled();
  assert.equal(sent.length, 1);
  held.value = [{ kind: "ticket", token: "8:signed" }];
  await settled();
  language.value = "ar";
  await settled();
  stop();
  assert.deepEqual(
    sent.map(({ headers, body }) => [headers["Ticket-Token"], body.language]),
    [
      ["7:signed", "en"],
      ["8:signed", "en"],
      ["8:signed", "ar"],
    ],
  );
  mayPush.value = false;
});

test("it is tried by the whole way, and only where there is one", async () => {
  assert.equal(await tryPush(API, TICKET.token), false);
  await follow(API, TICKET, "en");
  assert.equal(await tryPush(API, TICKET.token), true);
  const { url, headers, body } = sent[1]!;
  assert.equal(url, `${API}ticket/push/test`);
  assert.equal(headers["Ticket-Token"], TICKET.token);
  assert.deepEqual(body, { endpoint: "https://push.example/1" });
});

test("who asked for it before on this browser need not ask again", async () => {
  mayPush.value = false;
  await resumePush();
  assert.equal(mayPush.value, false);
  await push(API, [TICKET], "en");
  await resumePush();
  assert.equal(mayPush.value, true);
  await endPush();
  assert.deepEqual([browser.key, await recall(SCOPE)], [null, null]);
  mayPush.value = false;
});

test("bookings are followed, and the times that are still waited for", () => {
  const kept = (item: object): never => ({ item, heardAt: 0 }) as never;
  const entries = [
    kept({ token: "2", state: "waiting" }),
    kept({ token: "3", state: "booked" }),
  ];
  assert.deepEqual(followedOf([kept({ token: "1" })], entries), [
    { kind: "appointment", token: "1" },
    { kind: "waitlist", token: "2" },
  ]);
});

test("a free time is asked for with the token of the wait", async () => {
  assert.equal(await follow(API, { kind: "waitlist", token: "2:signed" }, "en"), true);
  assert.equal(sent[0]?.url, `${API}waitlist/push`);
  assert.equal(sent[0]?.headers["Waitlist-Token"], "2:signed");
});
