// The one ticket that this phone holds of the provider, whichever screen is open.

import { computed, signal, type ReadonlySignal } from "@preact/signals";

import { isLive } from "../shared/place.ts";
import type { HeldTicket } from "../shared/types.ts";
import { type Age, ageOf, now } from "./age.ts";
import { type Api, CHANGES, newKey, NoAnswerError } from "./api.ts";
import { type LiveTicket, watchTicket } from "./live.ts";
import type { TicketDeed } from "./deeds.ts";
import type { Outbox } from "./outbox.ts";
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
  /** Rejects when it is not known to be done, nor kept until there is a connection. */
  change: (how: Change) => Promise<void>;
  /** Takes what was answered of a ticket later on. */
  accept: (told: HeldTicket) => void;
}

export type Change = keyof typeof CHANGES;

// These mean the same a little later; to be back in line, somebody has to be told at once.
const MAY_WAIT: readonly Change[] = ["leave", "defer", "tenMinutes", "fiveMinutes"];

export function createSession(
  api: Api,
  streams: string,
  slot: Slot<Held>,
  outbox: Pick<Outbox, "add" | "deeds">,
): Session {
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
    const { token } = held.ticket.peek();
    // What still waits to be sent may have been done: asked for again, it is the same request.
    const waiting = outbox.deeds
      .peek()
      .find((deed) => deed.refused === null && deed.how === how && deed.token === token);
    const key = waiting?.key ?? keys.get(how) ?? newKey();
    keys.set(how, key);
    try {
      held.accept(await api[how](token, key));
    } catch (error) {
      if (!(error instanceof NoAnswerError && MAY_WAIT.includes(how))) throw error;
      await outbox.add({ key, how: how as TicketDeed, token, ...CHANGES[how] });
    }
    keys.delete(how);
  };
  const accept = (told: HeldTicket): void => {
    const held = live.peek();
    if (held?.ticket.peek().token === told.token) held.accept(told);
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
    accept,
    age: computed(() => {
      const held = live.value;
      return held === null ? "live" : ageOf(held.heardAt.value, held.hasFailed.value, now.value);
    }),
    isHolding: computed(() => live.value !== null && isLive(live.value.ticket.value)),
  };
}
