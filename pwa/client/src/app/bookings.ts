// The bookings that this phone holds, and what they are asked for by.

import { computed, signal, type ReadonlySignal } from "@preact/signals";

import type { Booking, BookingApi, KeptBooking } from "../shared/booking.ts";
import { NoAnswerError, ProblemError } from "./api.ts";
import { createBookingApi } from "./booking_api.ts";
import { type App, useApp } from "./context.ts";
import { startFollowing } from "./following.ts";
import type { Followed } from "./push.ts";
import type { Slot } from "./storage.ts";

const DAY = 86_400_000;

export interface Bookings {
  /** By their time. */
  kept: ReadonlySignal<readonly KeptBooking[]>;
  /** Whether the last question got no answer. */
  hasFailed: ReadonlySignal<boolean>;
  /** Whether the server knew nothing of one that was kept. */
  wasUnknown: ReadonlySignal<boolean>;
  /** Keeps a booking, or what became of it. */
  keep: (booking: Booking) => void;
  forget: (booking: Booking) => void;
  /** Asks how all of them are now. */
  refresh: () => Promise<void>;
}

export function createBookings(
  api: Pick<BookingApi, "booking">,
  slot: Slot<KeptBooking[]>,
): Bookings {
  const kept = signal<readonly KeptBooking[]>(recent(slot.read() ?? []));
  const hasFailed = signal(false);
  const wasUnknown = signal(false);

  const write = (next: KeptBooking[]): void => {
    kept.value = next.sort((one, other) => startOf(one) - startOf(other));
    if (next.length === 0) slot.clear();
    else slot.write(next);
  };
  const without = (token: string): KeptBooking[] =>
    // Another tab may have booked one.
    recent(slot.read() ?? []).filter((one) => one.booking.token !== token);
  const keep = (booking: Booking): void =>
    write([...without(booking.token), { booking, heardAt: Date.now() }]);
  const forget = (booking: Booking): void => write(without(booking.token));
  const ask = async ({ booking }: KeptBooking): Promise<void> => {
    try {
      keep(await api.booking(booking.token));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (error.status !== 404) return;
      forget(booking);
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
      write(recent(slot.read() ?? []));
      const answers = await Promise.allSettled(kept.value.map(ask));
      hasFailed.value = answers.some(
        (answer) => answer.status === "rejected" && answer.reason instanceof NoAnswerError,
      );
    },
  };
}

/** Without those that are over for a day. */
function recent(bookings: KeptBooking[]): KeptBooking[] {
  return bookings.filter(({ booking }) => Date.parse(booking.ends_at) > Date.now() - DAY);
}

function startOf({ booking }: KeptBooking): number {
  return Date.parse(booking.starts_at);
}

interface Tools {
  bookingApi: BookingApi;
  bookings: Bookings;
}

const made = new WeakMap<App, Tools>();

/** What the screens of bookings share. */
export function useBookings(): Tools {
  const app = useApp();
  let tools = made.get(app);
  if (tools === undefined) {
    const bookingApi = createBookingApi(app.config);
    tools = { bookingApi, bookings: createBookings(bookingApi, app.store.bookings) };
    made.set(app, tools);
    const { kept } = tools.bookings;
    startFollowing(
      app.config.api,
      computed(() =>
        kept.value.map(({ booking }): Followed => ({ kind: "appointment", token: booking.token })),
      ),
    );
  }
  return tools;
}
