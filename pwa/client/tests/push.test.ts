// The worker and push: what comes is shown and receipted, a click leads to the ticket, a browser
// whose subscription changed says so.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { base64urlOf, bytesOf, type Pushed, recall, remember } from "../src/shared/pushed.ts";
import { listen } from "../src/sw/push.ts";

const SCOPE = "https://waitlessq.example/p/clinic/";
const API = "/api/v1/public/";
const PUSHED: Pushed = {
  title: "A012, it is your turn",
  body: "Clinic: please go to counter 3.",
  tag: "ticket-A012",
  url: "#/ticket",
  lang: "en",
  dir: "ltr",
  receipt: "7:signed",
  urgent: true,
};

/** A window of the app, or of something else. */
interface Page {
  url: string;
  focus: () => Promise<void>;
  navigate: (url: string) => Promise<void>;
}

let done: string[] = [];
let sent: { url: string; body: Record<string, unknown> }[] = [];
let pages: Page[] = [];

class FakeWorker extends EventTarget {
  clients = {
    matchAll: async () => pages,
    openWindow: async (url: string) => void done.push(`open ${url}`),
  };
  registration = {
    scope: SCOPE,
    showNotification: async (title: string, options: { tag: string; body: string }) =>
      void done.push(`show ${title} ${options.tag} ${options.body}`),
    pushManager: { subscribe: async () => subscription("https://push.example/subscribed") },
  };
}

function subscription(endpoint: string): object {
  const keys = { p256dh: "p", auth: "a" };
  return { endpoint, toJSON: () => ({ endpoint, keys, expirationTime: null }) };
}

function page(url: string): Page {
  return {
    url,
    focus: async () => void done.push(`focus ${url}`),
    navigate: async (to) => void done.push(`navigate ${to}`),
  };
}

/** Tells the worker, and waits for all that it promises. */
async function happens(type: string, fields: object): Promise<void> {
  const promises: Promise<unknown>[] = [];
  const event = new Event(type);
  Object.assign(event, fields, { waitUntil: (one: Promise<unknown>) => promises.push(one) });
  worker.dispatchEvent(event);
  await Promise.all(promises);
}

let worker = new FakeWorker();

beforeEach(() => {
  done = [];
  sent = [];
  pages = [];
  worker = new FakeWorker();
  listen(worker as unknown as ServiceWorkerGlobalScope);
  const kept = new Map<string, Response>();
  const cache = {
    put: async (key: string, value: Response) => void kept.set(key, value),
    match: async (key: string) => kept.get(key)?.clone(),
    delete: async (key: string) => kept.delete(key),
  };
  Object.assign(globalThis, {
    caches: { open: async () => cache },
    fetch: async (url: string, { body }: { body: string }) => {
      sent.push({ url, body: JSON.parse(body) as Record<string, unknown> });
      return new Response(null, { status: 204 });
    },
  });
});

async function subscribed(): Promise<void> {
  const endpoint = "https://push.example/old";
  await remember(SCOPE, { api: API, endpoint, publicKey: "BAAA", language: "he" });
}

test("shows what is pushed, and says that it did", async () => {
  await subscribed();
  await happens("push", { data: { json: () => PUSHED } });
  assert.deepEqual(done, [`show ${PUSHED.title} ${PUSHED.tag} ${PUSHED.body}`]);
  assert.deepEqual(sent, [{ url: `${API}push/shown`, body: { receipt: "7:signed" } }]);
});

test("shows it also where no receipt can be sent", async () => {
  await happens("push", { data: { json: () => PUSHED } });
  assert.equal(done.length, 1);
  assert.deepEqual(sent, []);
  await subscribed();
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  await happens("push", { data: { json: () => PUSHED } });
  assert.equal(done.length, 2);
});

test("does not show what the platform did not write", async () => {
  const broken = (): never => {
    throw new SyntaxError("Unexpected token");
  };
  await happens("push", { data: { json: broken } });
  await happens("push", { data: null });
  assert.deepEqual(done, []);
});

function clicked(url?: string): object {
  const close = (): void => void done.push("close");
  return { notification: { close, data: url === undefined ? undefined : { url } } };
}

test("a click opens the app at the screen behind it", async () => {
  pages = [page("https://waitlessq.example/p/salon/#/ticket")];
  await happens("notificationclick", clicked("#/bookings"));
  assert.deepEqual(done, ["close", `open ${SCOPE}#/bookings`]);
});

test("a click finds the app that is open, and leads it there", async () => {
  pages = [page(`${SCOPE}#/`)];
  await happens("notificationclick", clicked("#/ticket"));
  assert.deepEqual(done, ["close", `focus ${SCOPE}#/`, `navigate ${SCOPE}#/ticket`]);
});

test("a click on a notification of the release before leads to the ticket", async () => {
  pages = [page(`${SCOPE}#/ticket`)];
  await happens("notificationclick", clicked());
  assert.deepEqual(done, ["close", `focus ${SCOPE}#/ticket`]);
});

for (const given of [null, "https://push.example/given"]) {
  test(`a changed subscription is renewed, ${given ? "given" : "asked for"}`, async () => {
    await subscribed();
    await happens("pushsubscriptionchange", { newSubscription: given && subscription(given) });
    const endpoint = given ?? "https://push.example/subscribed";
    const [renewed] = sent;
    assert.equal(renewed?.url, `${API}push/renew`);
    assert.deepEqual(renewed.body, {
      endpoint,
      keys: { p256dh: "p", auth: "a" },
      public_key: "BAAA",
      language: "he",
      old_endpoint: "https://push.example/old",
    });
    assert.equal((await recall(SCOPE))?.endpoint, endpoint);
  });
}

test("who never subscribed renews nothing", async () => {
  await happens("pushsubscriptionchange", {});
  assert.deepEqual(sent, []);
});

test("keys are written as push services write them", () => {
  const bytes = Uint8Array.from([251, 255, 190, 0]);
  assert.equal(base64urlOf(bytes.buffer), "-_--AA");
  assert.deepEqual(bytesOf("-_--AA"), bytes);
  assert.equal(base64urlOf(null), "");
});
