// The one ticket that this phone holds of the provider, whichever screen is open.

import { computed, signal, type ReadonlySignal } from "@preact/signals";

import { isLive } from "../shared/place.ts";
import type { HeldTicket } from "../shared/types.ts";
import { type Age, ageOf, now } from "./age.ts";
import { type Api, newKey } from "./api.ts";
import { type LiveTicket, watchTicket } from "./live.ts";
import type { Held, Slot } from "./storage.ts";

export interface Session {
  live: ReadonlySignal<LiveTicket | null>;
  age: ReadonlySignal<Age>;
  /** Whether it holds a ticket that waits, is called or is served. */
  isHolding: ReadonlySignal<boolean>;
  /** Whether the server knew nothing of the ticket that was held. */
  wasUnknown: ReadonlySignal<boolean>;
  /** Holds what joining gave, and nothing else from then on. */
  hold: (ticket: HeldTicket) => void;
  /** Rejects when it is not known to be done. */
  change: (how: Change) => Promise<void>;
}

export type Change = "leave" | "rejoin" | "defer" | "tenMinutes" | "fiveMinutes" | "comeBack";

export function createSession(api: Api, streams: string, slot: Slot<Held>): Session {
  const live = signal<LiveTicket | null>(null);
  const wasUnknown = signal(false);
  // One for each change until it is answered, so that a repeat has no second effect.
  const keys = new Map<Change, string>();

  const watch = (held: Held | null): void => {
    live.peek()?.stop();
    keys.clear();
    const unknown = (): void => {
      slot.clear();
      live.value = null;
      wasUnknown.value = true;
    };
    live.value =
      held && watchTicket({ api, streams, held, changed: slot.write, unknown });
  };
  const hold = (ticket: HeldTicket): void => {
    const held = { ticket, heardAt: Date.now() };
    slot.write(held);
    wasUnknown.value = false;
    watch(held);
  };
  const change = async (how: Change): Promise<void> => {
    const held = live.peek();
    if (held === null) return;
    const key = keys.get(how) ?? newKey();
    keys.set(how, key);
    held.accept(await api[how](held.ticket.peek().token, key));
    keys.delete(how);
  };

  watch(slot.read());
  // Another tab may have joined or left.
  addEventListener("storage", () => {
    const held = slot.read();
    if (held?.ticket.token !== live.peek()?.ticket.peek().token) watch(held);
  });

  return {
    live,
    wasUnknown,
    hold,
    change,
    age: computed(() => {
      const held = live.value;
      return held === null ? "live" : ageOf(held.heardAt.value, held.hasFailed.value, now.value);
    }),
    isHolding: computed(() => live.value !== null && isLive(live.value.ticket.value)),
  };
}
