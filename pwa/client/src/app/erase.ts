// Forgetting whoever used this phone; there is no way back.

import type { LiveTicket } from "./live.ts";
import type { Store } from "./storage.ts";

/** What is to be forgotten; `alerts` and `deeds` are asked for once nothing new is heard. */
export interface Forgotten {
  live: Pick<LiveTicket, "stop"> | null;
  store: Pick<Store, "erase">;
  alerts: () => Promise<unknown>;
  deeds: () => Promise<unknown>;
}

/** Forgets all of it. */
export async function erasePhone({ live, store, alerts, deeds }: Forgotten): Promise<void> {
  // What is heard from now on is not kept.
  live?.stop();
  store.erase();
  // Without an answer it is gone here all the same.
  await alerts().catch(() => undefined);
  await deeds();
  // An answer that was on its way may have been kept meanwhile.
  store.erase();
}
