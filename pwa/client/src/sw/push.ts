// What the worker does with push: shows what comes, says that it did, leads to the ticket.

import { bytesOf, described, type Pushed, recall, remember, send } from "../shared/pushed.ts";

const VIBRATION = [400, 150, 400];

/** `renotify` and `vibrate` are not in TypeScript's own types. */
interface Shown extends NotificationOptions {
  renotify: boolean;
  vibrate?: number[];
}

/** Newer than TypeScript's types: what a browser's subscription became. */
interface SubscriptionChange extends ExtendableEvent {
  readonly newSubscription?: PushSubscription | null;
}

export function listen(worker: ServiceWorkerGlobalScope): void {
  worker.addEventListener("push", (event) => {
    const pushed = read(event.data);
    if (pushed !== null) event.waitUntil(show(worker.registration, pushed));
  });
  worker.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const { url } = (event.notification.data ?? {}) as { url?: string };
    event.waitUntil(openScreen(worker, url ?? "#/ticket"));
  });
  worker.addEventListener("pushsubscriptionchange", ((event: SubscriptionChange) => {
    event.waitUntil(renew(worker.registration, event.newSubscription ?? null));
  }) as EventListener);
}

// Others than the platform can not push here; what it did not write is not shown.
function read(data: PushMessageData | null): Pushed | null {
  try {
    return (data?.json() as Pushed | undefined) ?? null;
  } catch {
    return null;
  }
}

async function show(registration: ServiceWorkerRegistration, pushed: Pushed): Promise<void> {
  const { title, body, tag, lang, dir, url, urgent } = pushed;
  const options: Shown = {
    body,
    tag,
    lang,
    dir,
    data: { url },
    renotify: true,
    requireInteraction: urgent,
    icon: "icons/icon-192.png",
    badge: "icons/monochrome-512.png",
    ...(urgent && { vibrate: VIBRATION }),
  };
  await registration.showNotification(title, options);
  const subscribed = await recall(registration.scope);
  if (subscribed === null) return;
  // Only a figure for whoever runs the platform.
  await send(`${subscribed.api}push/shown`, { receipt: pushed.receipt }).catch(() => false);
}

async function openScreen(worker: ServiceWorkerGlobalScope, url: string): Promise<void> {
  const { scope } = worker.registration;
  const pages = await worker.clients.matchAll({ type: "window" });
  const open = pages.find((page) => page.url.startsWith(scope));
  if (open === undefined) {
    await worker.clients.openWindow(scope + url);
    return;
  }
  await open.focus();
  // A page that this worker does not have yet stays where it is.
  if (open.url !== scope + url) await open.navigate(scope + url).catch(() => null);
}

/** The push service gave the browser another address, maybe while no page is open. */
async function renew(
  registration: ServiceWorkerRegistration,
  given: PushSubscription | null,
): Promise<void> {
  const before = await recall(registration.scope);
  if (before === null) return;
  const applicationServerKey = bytesOf(before.publicKey);
  const subscription =
    given ??
    (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
  const { publicKey, language } = before;
  const isDone = await send(`${before.api}push/renew`, {
    ...described(subscription, publicKey),
    language,
    old_endpoint: before.endpoint,
  });
  if (isDone) {
    await remember(registration.scope, { ...before, endpoint: subscription.endpoint });
  }
}
