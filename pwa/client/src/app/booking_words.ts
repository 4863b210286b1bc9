// The texts of bookings in the chosen language, and why something was not done there.

import { computed, type ReadonlySignal } from "@preact/signals";

import { BOOKING_TEXTS, type BookingSaid } from "../shared/booking_texts.ts";
import { type Conflict, dateOf, hourOf } from "../shared/booking.ts";
import { dayOf, filled, formOf, listed } from "../shared/format.ts";
import { ProblemError } from "./api.ts";
import { language, texts } from "./language.ts";
import { reasonFor } from "./reasons.ts";

export const bookingTexts: ReadonlySignal<BookingSaid> = computed(() => BOOKING_TEXTS[language.value]);

const BY_CODE = new Map<string, Exclude<keyof BookingSaid, "free">>([
  ["change-too-late", "changeTooLate"],
  ["too-many-changes", "tooManyChanges"],
  ["booking-refused", "askProvider"],
  ["too-soon", "tooSoon"],
  ["too-far", "tooFar"],
  ["time-past", "timePast"],
  ["check-in-too-early", "tooEarly"],
  ["no-queue", "tellDesk"],
  ["not-on-site", "sayCode"],
  ["no-address", "noAddress"],
  ["queue-not-open", "isClosed"],
  ["appointment-state", "notAnyMore"],
  ["hold-expired", "keptNoMore"],
  ["offer-over", "offerOver"],
  ["not-bookable", "notOffered"],
  ["service-not-offered", "notOffered"],
  ["no-such-time", "timePast"],
  ["not-found", "notAnyMore"],
]);

/** Why something was not done; `startsAt` is the time that was wanted, with its offset. */
export function whyNot(error: unknown, startsAt = ""): string {
  const said = bookingTexts.value;
  const code = error instanceof ProblemError ? error.code : "";
  const first = { "slot-taken": said.taken, "outside-hours": said.nobodyWorks }[code];
  if (first !== undefined) {
    return `${filled(first, { time: hourOf(startsAt) })} ${areFree(freeOf(error), startsAt)}`.trim();
  }
  const reason = BY_CODE.get(code);
  return reason === undefined ? reasonFor(texts.value, error) : said[reason];
}

/** The times of a series that a refusal says are not free. */
export function conflictsOf(error: unknown): Conflict[] {
  const told = error instanceof ProblemError ? error.data["conflicts"] : null;
  return Array.isArray(told) ? (told as Conflict[]) : [];
}

/** Why a time of a series is not free, and what is near it. */
export function whyNotFree({ code, starts_at: startsAt, free }: Conflict): string {
  const problem = new ProblemError(0, code, "", { free });
  if (code !== "slot-taken") return whyNot(problem, startsAt);
  const said = filled(bookingTexts.value.isTaken, { time: hourOf(startsAt) });
  return `${said} ${areFree(free, startsAt)}`.trim();
}

/** The times that a refusal says are free, with their offsets. */
export function freeOf(error: unknown): string[] {
  const free = error instanceof ProblemError ? error.data["free"] : null;
  return Array.isArray(free) ? free.map(String) : [];
}

/** "10:40 and 11:00 are free."; of another day than the wanted time's, with the day. */
function areFree(free: readonly string[], startsAt: string): string {
  if (free.length === 0) return "";
  const times = listed(
    language.value,
    free.map((one) => timeBeside(one, startsAt)),
  );
  return filled(formOf(language.value, bookingTexts.value.free, free.length), { times });
}

/** "10:40", or with its day where that is not the other time's. */
export function timeBeside(startsAt: string, other: string): string {
  if (dateOf(startsAt) === dateOf(other)) return hourOf(startsAt);
  return `${dayOf(language.value, Date.parse(`${dateOf(startsAt)}T12:00`))}, ${hourOf(startsAt)}`;
}
