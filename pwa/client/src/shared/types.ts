// What the public API says, as far as this app reads it.

export interface Config {
  provider: { slug: string; name: string };
  /** Where the public API is; ends in a slash. */
  api: string;
  /** Where streams are; ends in a slash. */
  streams: string;
}

export interface Service {
  id: number;
  name: string;
}

/** Seconds: in eight of ten cases between the first and the last; most likely the middle. */
export type Wait = [low: number, middle: number, high: number];

export type QueueStatus = "open" | "paused" | "closing" | "closed";

/** Whether somebody who joins is asked for something. */
export type Ask = "no" | "optional" | "required";

/** What whoever joins told of themselves. */
export interface Told {
  name?: string;
  phone?: string;
}

export interface QueueNow {
  id: number;
  name: string;
  location: string;
  status: QueueStatus;
  services: Service[];
  /** The largest group that one number is given to. */
  max_people: number;
  waiting_total: number;
  open_counters: number;
  /** Of who would join now; null while nobody can tell. */
  wait: Wait | null;
  asks_name: Ask;
  asks_phone: Ask;
  /** Of a queue that takes nobody now. */
  opens_at: string | null;
  /** When one can join before that. */
  joins_from: string | null;
  /** Whether one can join from a phone. */
  remote_join: boolean;
}

export interface ProviderNow {
  slug: string;
  name: string;
  queues: QueueNow[];
  /** Whether a time can be booked; a server of before does not say. */
  takes_bookings?: boolean;
}

/** On a date like 2026-11-24; closed without spans, "00:00" to "00:00" is all day. */
export interface OpenDay {
  date: string;
  /** Why it is not as usual; "" if it is. */
  name: string;
  spans: { opens: string; closes: string }[];
}

/** A location; the days are a week from today on, there. */
export interface PlaceNow {
  id: number;
  name: string;
  address: string;
  time_zone: string;
  days: OpenDay[];
}

export interface CalledTicket {
  code: string;
  counter: string;
  state: "called" | "serving";
  call_count: number;
  called_at: string;
  /** Then it is a no-show by itself; null for never. */
  come_by: string | null;
  /** Of a number of an earlier day, which somebody else may have today; null for today's. */
  date: string | null;
}

export interface Snapshot {
  queue: number;
  name: string;
  status: QueueStatus;
  sequence: number;
  /** Of a queue that takes nobody now; on the location's clock. */
  opens_at: string | null;
  open_counters: number;
  /** The latest first. */
  called: CalledTicket[];
  waiting_total: number;
  /** The first 300 codes, in call order. */
  waiting: string[];
  /** Whoever comes after those: runs of codes, first and last. */
  waiting_ranges: [string, string][];
  /** What the waits are counted from. */
  as_of: string;
  /** Of `waiting`, in its order; empty while nobody can tell. */
  waits: (Wait | null)[];
  /** Who waits after a call that was just taken back. */
  called_by_mistake?: string[];
  /** Of who would join now. */
  newcomer: Wait | null;
}

export type WhyReason =
  | "before_you_came"
  | "came_earlier"
  | "priority"
  | "you_let_ahead"
  | "you_asked_for_time"
  | "you_were_called"
  | "you_were_elsewhere"
  | "other_service"
  | "by_hand";

/** Why another number was called before this one. */
export interface Why {
  code: string;
  reason: WhyReason;
  /** Of a priority: how many minutes of waiting it counts as. */
  minutes: number | null;
}

export type TicketState =
  | "waiting"
  | "called"
  | "serving"
  | "deferred"
  | "on_hold"
  | "completed"
  | "no_show"
  | "cancelled"
  | "expired";

export interface HeldTicket {
  /** The secret that proves it is ours; never part of an address. */
  token: string;
  queue: number;
  /** The day whose number it is: 2026-11-24. */
  business_date: string;
  code: string;
  service: number | null;
  /** How many come with this number. */
  people: number;
  state: TicketState;
  counter: string | null;
  call_count: number;
  issued_at: string;
  called_at: string | null;
  /** While called: until when to come; null for no end. */
  come_by: string | null;
  /** From 1; null when it does not wait. */
  position: number | null;
  /** Whether its last call was taken back, and nothing happened since. */
  called_by_mistake?: boolean;
  /** The queue's sequence number that this is the state at. */
  sequence: number;
  /** After a missed call: until when its place is kept. */
  rejoin_until: string | null;
  /** When it is back in line, while it asked for more time. */
  deferred_until: string | null;
  /** The channel of its own stream. */
  stream: string;
}
