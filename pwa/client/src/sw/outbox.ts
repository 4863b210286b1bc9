// Background Sync: what was asked for without a connection is sent once there is one, also when no
// page is open any more. Browsers without it leave that to the next page (app/outbox.ts).

import {
  alone,
  createDeeds,
  type Deed,
  type Deeds,
  headersOf,
  isTooOld,
  isUnsettled,
  slugOf,
} from "../app/deeds.ts";

const PATIENCE_MILLISECONDS = 20_000;

/** Newer than TypeScript's types. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

export function sendOnceOnline(worker: ServiceWorkerGlobalScope): void {
  worker.addEventListener("sync", ((event: SyncEvent) => {
    const slug = slugOf(event.tag);
    if (slug !== null) event.waitUntil(alone(() => sendKept(createDeeds(slug))));
  }) as EventListener);
}

/** Sends what waits, the oldest first; fails while that is not settled, so that it is tried again. */
export async function sendKept(kept: Deeds): Promise<void> {
  for (const deed of await kept.all()) {
    // What was refused the next page tells; what a release before kept it sends.
    if (deed.refused !== null || deed.api === undefined) continue;
    const refused = isTooOld(deed) ? "too-late" : await send(deed);
    await (refused === null ? kept.remove(deed.key) : kept.put({ ...deed, refused }));
  }
}

/** Why it was refused; null when it was done. */
async function send(deed: Deed): Promise<string | null> {
  const response = await fetch(`${deed.api}${deed.path}`, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json", ...headersOf(deed) },
    body: JSON.stringify(deed.body),
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  });
  if (response.ok) return null;
  const { code = "" } = (await response.json().catch(() => ({}))) as { code?: string };
  if (isUnsettled(response.status, code)) throw new Error(`Not settled: ${response.status}`);
  return code;
}
