// The bookings that this phone holds and the times it waits for, and what they are asked for by.

import { computed, signal, type ReadonlySignal } from "@preact/signals";

import type { Booking, BookingApi, Entry, Kept } from "../shared/booking.ts";
import { NoAnswerError, ProblemError } from "./api.ts";
import { createBookingApi } from "./booking_api.ts";
import { type App, useApp } from "./context.ts";
import { startFollowing } from "./following.ts";
import type { Followed } from "./push.ts";
import type { Slot } from "./storage.ts";

const DAY = 86_400_000;

/** What this phone holds of one kind. */
export interface Holdings<T> {
  /** By their time. */
  kept: ReadonlySignal<readonly Kept<T>[]>;
  /** Whether the last question got no answer. */
  hasFailed: ReadonlySignal<boolean>;
  /** Whether the server knew nothing of one that was kept. */
  wasUnknown: ReadonlySignal<boolean>;
  /** Keeps one, or what became of it. */
  keep: (item: T) => void;
  forget: (item: T) => void;
  /** Asks how all of them are now. */
  refresh: () => Promise<void>;
}

/** `spanOf` says from when to when something is, in ISO 8601; a day later it is forgotten. */
export function createHoldings<T extends { token: string }>(
  find: (token: string) => Promise<T>,
  slot: Slot<Kept<T>[]>,
  spanOf: (item: T) => [from: string, until: string],
): Holdings<T> {
  const read = (): Kept<T>[] =>
    (slot.read() ?? []).filter(({ item }) => Date.parse(spanOf(item)[1]) > Date.now() - DAY);
  const kept = signal<readonly Kept<T>[]>(read());
  const hasFailed = signal(false);
  const wasUnknown = signal(false);

  const write = (next: Kept<T>[]): void => {
    kept.value = next.sort((one, other) => startOf(one.item) - startOf(other.item));
    if (next.length === 0) slot.clear();
    else slot.write(next);
  };
  const startOf = (item: T): number => Date.parse(spanOf(item)[0]);
  // Another tab may have kept one.
  const without = (token: string): Kept<T>[] => read().filter((one) => one.item.token !== token);
  const keep = (item: T): void => write([...without(item.token), { item, heardAt: Date.now() }]);
  const forget = (item: T): void => write(without(item.token));
  const ask = async ({ item }: Kept<T>): Promise<void> => {
    try {
      keep(await find(item.token));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (error.status !== 404) return;
      forget(item);
      wasUnknown.value = true;
    }
  };
  return {
    kept,
    hasFailed,
    wasUnknown,
    keep,
    forget,
    refresh: async () => {
      write(read());
      const answers = await Promise.allSettled(kept.value.map(ask));
      hasFailed.value = answers.some(
        (answer) => answer.status === "rejected" && answer.reason instanceof NoAnswerError,
      );
    },
  };
}

/** What the platform can tell of: all bookings, and what is still waited for. */
export function followedOf(
  bookings: readonly Kept<Booking>[],
  entries: readonly Kept<Entry>[],
): Followed[] {
  return [
    ...bookings.map(({ item }): Followed => ({ kind: "appointment", token: item.token })),
    ...entries
      .filter(({ item }) => item.state === "waiting")
      .map(({ item }): Followed => ({ kind: "waitlist", token: item.token })),
  ];
}

interface Tools {
  bookingApi: BookingApi;
  bookings: Holdings<Booking>;
  entries: Holdings<Entry>;
}

const made = new WeakMap<App, Tools>();

/** What the screens of bookings share. */
export function useBookings(): Tools {
  const app = useApp();
  let tools = made.get(app);
  if (tools === undefined) {
    const bookingApi = createBookingApi(app.config);
    tools = {
      bookingApi,
      bookings: createHoldings(bookingApi.booking, app.store.bookings, ({ starts_at, ends_at }) => [
        starts_at,
        ends_at,
      ]),
      entries: createHoldings(bookingApi.entry, app.store.entries, ({ first, last }) => [first, last]),
    };
    made.set(app, tools);
    const { bookings, entries } = tools;
    startFollowing(
      app.config.api,
      computed(() => followedOf(bookings.kept.value, entries.kept.value)),
    );
  }
  return tools;
}
