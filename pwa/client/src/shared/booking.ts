// Bookings: what the public API says of them, and what follows from it. Dates are those on the
// location's wall, written 2026-11-24.

import type { HeldTicket } from "./types.ts";

export interface Question {
  id: string;
  label: string;
  required: boolean;
}

export interface BookableService {
  id: number;
  name: string;
  /** "00:15:00", or "1 02:00:00" with days. */
  duration: string;
  needs_approval: boolean;
  /** How far ahead it can be booked, as the duration. */
  horizon: string;
  questions: Question[];
  /** The staff who can be asked for. */
  resources: number[];
}

export interface Place {
  id: number;
  name: string;
  address: string;
  time_zone: string;
}

/** What can be booked of a provider. */
export interface Offer {
  services: BookableService[];
  locations: Place[];
  staff: { id: number; name: string; location: number }[];
}

/** What somebody would like to book; of anybody unless a resource is named. */
export interface Wish {
  service: number;
  location: number;
  resource: number | null;
}

export interface Slot {
  /** With the offset of the location's wall. */
  starts_at: string;
}

export interface FreeTimes {
  time_zone: string;
  slots: Slot[];
}

export interface Hold {
  /** Books the time, or gives it back. */
  token: string;
  expires_at: string;
}

export type BookingState =
  | "pending"
  | "booked"
  | "arrived"
  | "fulfilled"
  | "cancelled"
  | "declined"
  | "no_show";

export interface Booking {
  /** The secret that proves it is ours; never part of an address. */
  token: string;
  /** Its name in calendars. */
  uid: string;
  /** Counts its versions. */
  sequence: number;
  service: string;
  service_id: number;
  location: string;
  location_id: number;
  address: string;
  time_zone: string;
  starts_at: string;
  ends_at: string;
  state: BookingState;
  /** The names of whom it is with, and where. */
  resources: string[];
  /** Null when it can not be cancelled any more. */
  cancel_until: string | null;
  reschedule_until: string | null;
}

/** Something as it was when it was last heard of, in milliseconds since 1970. */
export interface Kept<T> {
  item: T;
  heardAt: number;
}

/** A time that was freed, kept for whoever waits for one. */
export interface TimeOffer {
  id: number;
  starts_at: string;
  ends_at: string;
  /** Until when it is kept. */
  expires_at: string;
  /** The names of whom it is with, and where. */
  resources: string[];
}

/** That somebody waits for a time to become free. */
export interface Entry {
  /** The secret that proves it is ours; never part of an address. */
  token: string;
  service: string;
  service_id: number;
  location: string;
  time_zone: string;
  first: string;
  last: string;
  state: "waiting" | "booked" | "left";
  offer: TimeOffer | null;
}

/** Who comes, as the form has it. */
export interface Details {
  name: string;
  email: string;
  phone: string;
  note: string;
  /** By the id of their question. */
  answers: Record<string, string>;
}

/** That it comes again every so many weeks, so many times in all. */
export interface Repeat {
  weeks: number;
  times: number;
  /** Whether those that are not free are left out. */
  skips: boolean;
}

/** A time of a series that is not free, with its offset, and why. */
export interface Conflict {
  starts_at: string;
  /** One of docs/api.md. */
  code: string;
  /** What is free near it. */
  free: string[];
}

/** A booking that is being filled in, kept so that nothing typed is lost. */
export interface Draft {
  wish: Wish;
  starts_at: string;
  time_zone: string;
  hold: Hold | null;
  details: Details;
  /** Missing where it is booked once. */
  repeat?: Repeat | null;
  key: string;
  /** Whether it was sent without an answer: then only the very same may be sent again. */
  isSent: boolean;
}

/** What of a draft is sent to book it: the held time, or the time itself. */
export function bodyOf(draft: Draft, language: string): object {
  const { service, location, resource } = draft.wish;
  const time = { service, location, starts_at: draft.starts_at, ...(resource && { resource }) };
  return { ...(draft.hold ? { hold: draft.hold.token } : time), ...draft.details, language };
}

/** The same of a draft that repeats: its first time, held or not, and how often it comes. */
export function seriesBodyOf(draft: Draft, { weeks, times, skips }: Repeat, language: string): object {
  const first = bodyOf({ ...draft, hold: null }, language);
  const held = draft.hold && { hold: draft.hold.token };
  return { ...first, ...held, weeks, times, skip_conflicts: skips };
}

/** How often it can come every so many weeks, until the horizon (milliseconds since 1970). */
export function mostTimes(startsAt: string, weeks: number, horizon: number): number {
  const between = weeks * 7 * 86_400_000;
  return Math.min(MOST_TIMES, Math.floor((horizon - Date.parse(startsAt)) / between) + 1);
}

/** The date of the last one. */
export function lastOf(startsAt: string, { weeks, times }: Repeat): string {
  return later(dateOf(startsAt), weeks * 7 * (times - 1));
}

/** Empty details. */
export const NOBODY: Details = { name: "", email: "", phone: "", note: "", answers: {} };

/** So many times the API lets customers repeat a booking. */
const MOST_TIMES = 12;

export interface BookingApi {
  offer: () => Promise<Offer>;
  /** Free times of so many days from a date on. */
  times: (wish: Wish, first: string, days: number) => Promise<FreeTimes>;
  /** The times that a booking could have instead; its own is not in the way. */
  otherTimes: (token: string, first: string, days: number) => Promise<FreeTimes>;
  hold: (wish: Wish, startsAt: string) => Promise<Hold>;
  release: (token: string) => Promise<void>;
  /** The same key books once, however often it is sent. */
  book: (body: object, key: string) => Promise<Booking>;
  /** Books all of them or none; the same key does it once. */
  bookSeries: (body: object, key: string) => Promise<Booking[]>;
  booking: (token: string) => Promise<Booking>;
  move: (token: string, key: string, startsAt: string) => Promise<Booking>;
  cancel: (token: string, key: string) => Promise<Booking>;
  /** With the code that the screens there show, where one is asked for. */
  checkIn: (token: string, key: string, code: string) => Promise<HeldTicket>;
  /** Has the address of a calendar with all bookings mailed to whom the booking is of. */
  mailCalendar: (token: string) => Promise<void>;
  /** Waits for a time that starts from the first date to the last. */
  waitFor: (wish: Wish, who: Who, dates: [first: string, last: string], key: string) => Promise<Entry>;
  entry: (token: string) => Promise<Entry>;
  leaveWaitlist: (token: string, key: string) => Promise<Entry>;
  accept: (token: string, key: string, offer: number, details: Answers) => Promise<Booking>;
  refuse: (token: string, key: string, offer: number) => Promise<Entry>;
  /** Books what is kept for a ticket, which leaves the line. */
  acceptForTicket: (token: string, key: string, offer: number) => Promise<Booking>;
  refuseForTicket: (token: string, key: string, offer: number) => Promise<HeldTicket>;
}

/** Who waits. */
export type Who = Pick<Details, "name" | "email" | "phone"> & { language: string };
export type Answers = Pick<Details, "note" | "answers">;

/** The date of a time that is written with its offset, on that clock. */
export function dateOf(startsAt: string): string {
  return startsAt.slice(0, 10);
}

/** "10:30", of a time that is written with its offset, on that clock. */
export function hourOf(startsAt: string): string {
  return startsAt.slice(11, 16);
}

/** The date so many days later. */
export function later(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The date in a time zone; `at` in milliseconds since 1970. */
export function dateIn(timeZone: string, at: number): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** Puts the slots of `days` dates from `first` on under their dates; of each of them, also none. */
export function byDate(slots: readonly Slot[], first: string, days: number): Map<string, Slot[]> {
  const found = new Map<string, Slot[]>();
  for (let day = 0; day < days; day += 1) found.set(later(first, day), []);
  for (const slot of slots) found.get(dateOf(slot.starts_at))?.push(slot);
  return found;
}

/** So many minutes, of a duration as the API writes it. */
export function minutesOf(duration: string): number {
  const [time = "", days = "0"] = duration.split(" ").reverse();
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return (Number(days) * 24 + hours) * 60 + minutes;
}

/** Whether it is still to come, or is going on. */
export function isAhead(booking: Booking, at: number): boolean {
  const states: readonly BookingState[] = ["pending", "booked", "arrived"];
  return states.includes(booking.state) && Date.parse(booking.ends_at) > at;
}

/** The name by which this phone calls a booking in addresses: no secret. */
export function nameOf(booking: Booking): string {
  return booking.token.split(":")[0] ?? "";
}

/** A booking for a calendar (RFC 5545); `summary` is its title there, `at` now. */
export function calendarOf(booking: Booking, summary: string, at: number): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "PRODID:-//WaitLessQ//App//EN",
    "VERSION:2.0",
    "METHOD:PUBLISH",
    "BEGIN:VEVENT",
    `UID:${booking.uid}`,
    `SEQUENCE:${booking.sequence}`,
    `DTSTAMP:${stamp(at)}`,
    `DTSTART:${stamp(Date.parse(booking.starts_at))}`,
    `DTEND:${stamp(Date.parse(booking.ends_at))}`,
    `SUMMARY:${escaped(summary)}`,
    `LOCATION:${escaped([booking.location, booking.address].filter(Boolean).join(", "))}`,
    `STATUS:${booking.state === "pending" ? "TENTATIVE" : "CONFIRMED"}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ];
  return lines.map(folded).join("\r\n");
}

function stamp(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");
}

/** No line is longer than 75 octets, whatever script it is in. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let done = "";
  let length = 0;
  for (const character of line) {
    const more = encoder.encode(character).length;
    if (length + more > 75) {
      done += "\r\n ";
      length = 1;
    }
    done += character;
    length += more;
  }
  return done;
}
