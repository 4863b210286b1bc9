// Push: being told of a ticket, a booking or a free time, also while the app is closed.
//
// A browser has one subscription; the platform is told, with a token, what to use it for.

import {
  base64urlOf,
  bytesOf,
  described,
  forget,
  recall,
  remember,
  send,
} from "../shared/pushed.ts";

/** What somebody wants to hear of, by the token that proves that it is theirs. */
export interface Followed {
  kind: "ticket" | "appointment" | "waitlist";
  token: string;
}

const HEADERS = {
  ticket: "Ticket-Token",
  appointment: "Appointment-Token",
  waitlist: "Waitlist-Token",
};

/**
 * Has the platform tell this browser of it; whether it will. Permission must have been given.
 *
 * Where there is no push (a tab on iOS, an address without TLS, a platform without keys) it says no.
 */
export async function follow(api: string, about: Followed, language: string): Promise<boolean> {
  const worker = await activeWorker();
  if (worker === null || !("pushManager" in worker)) return false;
  const publicKey = await askForKey(api);
  if (publicKey === null) return false;
  const subscription = await subscribe(worker.pushManager, publicKey);
  const body = { ...described(subscription, publicKey), language };
  const isDone = await send(`${api}${about.kind}/push`, body, headerOf(about));
  const { endpoint } = subscription;
  if (isDone) await remember(worker.scope, { api, endpoint, publicKey, language });
  return isDone;
}

/** Has the platform send a message to try it; whether it will. */
export async function tryPush(api: string, token: string): Promise<boolean> {
  const worker = await activeWorker();
  const subscribed = worker && (await recall(worker.scope));
  if (!subscribed) return false;
  const { endpoint } = subscribed;
  return send(`${api}ticket/push/test`, { endpoint }, { [HEADERS.ticket]: token });
}

/** Ends the browser's subscription: nothing is pushed to it any more, whatever it followed. */
export async function endPush(): Promise<void> {
  const worker = await activeWorker();
  if (worker === null || !("pushManager" in worker)) return;
  await (await worker.pushManager.getSubscription())?.unsubscribe();
  await forget(worker.scope);
}

/** Whether this browser is subscribed. */
export async function isPushOn(): Promise<boolean> {
  const worker = await activeWorker();
  if (worker === null || !("pushManager" in worker)) return false;
  return (await worker.pushManager.getSubscription()) !== null;
}

// `ready` never answers where there is no worker.
async function activeWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!("serviceWorker" in navigator)) return null;
  const found = await navigator.serviceWorker.getRegistration();
  return found === undefined ? null : await navigator.serviceWorker.ready;
}

async function askForKey(api: string): Promise<string | null> {
  const response = await fetch(`${api}push`, { credentials: "omit" });
  if (!response.ok) return null;
  return ((await response.json()) as { public_key: string | null }).public_key;
}

/** The browser's subscription; a new one if the platform has another key by now. */
async function subscribe(manager: PushManager, publicKey: string): Promise<PushSubscription> {
  const known = await manager.getSubscription();
  if (known !== null) {
    if (base64urlOf(known.options.applicationServerKey) === publicKey) return known;
    await known.unsubscribe();
  }
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) });
}

function headerOf(about: Followed): Record<string, string> {
  return { [HEADERS[about.kind]]: about.token };
}
