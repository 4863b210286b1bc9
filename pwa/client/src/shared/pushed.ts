// What a page and its worker know of each other about push: the shape of a message, and how the
// browser is subscribed. A worker reads no localStorage, so this is kept in a cache of the browser.

/** A message as it is pushed; see notifications/messages.py. */
export interface Pushed {
  title: string;
  body: string;
  /** The same for all about one ticket: of those the last one shows. */
  tag: string;
  /** The fragment of the screen behind it. */
  url: string;
  lang: string;
  dir: "ltr" | "rtl";
  /** Proves that it was shown. */
  receipt: string;
  /** Whether it is for now: it is the person's turn. */
  urgent: boolean;
}

export interface Subscribed {
  /** Where the public API is; ends in a slash. */
  api: string;
  endpoint: string;
  /** The platform's key, base64url. */
  publicKey: string;
  language: string;
}

const CACHE = "push";

/** Remembers it for the app whose worker has this scope. */
export async function remember(scope: string, subscribed: Subscribed): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(placeOf(scope), new Response(JSON.stringify(subscribed)));
}

export async function recall(scope: string): Promise<Subscribed | null> {
  const kept = await (await caches.open(CACHE)).match(placeOf(scope));
  return kept === undefined ? null : ((await kept.json()) as Subscribed);
}

export async function forget(scope: string): Promise<void> {
  await (await caches.open(CACHE)).delete(placeOf(scope));
}

/** What a subscription says of itself, as the API takes it. */
export function described(subscription: PushSubscription, publicKey: string): object {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint, keys, public_key: publicKey };
}

/** Sends what has no answer but that it was done. */
export async function send(
  url: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<boolean> {
  const response = await fetch(url, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return response.ok;
}

export function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function base64urlOf(bytes: ArrayBuffer | null | undefined): string {
  const text = String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0)));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function placeOf(scope: string): string {
  return new URL("subscribed", scope).href;
}
