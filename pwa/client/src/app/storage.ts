// What this phone remembers of a provider: the held ticket, bookings, and what is not finished yet.

import type { Booking, Draft, Entry, Kept } from "../shared/booking.ts";
import type { HeldTicket, PlaceNow, ProviderNow, Told } from "../shared/types.ts";

/** A ticket as it was when something was last heard of it, in milliseconds since 1970. */
export interface Held {
  ticket: HeldTicket;
  heardAt: number;
}

/** A join whose answer is not known; repeated as it was, it issues no second ticket. */
export interface Pending extends Told {
  queue: number;
  service: number | null;
  people: number;
  key: string;
  /** That the person reads, if they told anything of themselves. */
  language?: string;
}

export interface Store {
  /** The provider as it was last heard of, for who opens the app without a connection. */
  provider: Slot<Kept<ProviderNow>>;
  places: Slot<Kept<PlaceNow[]>>;
  held: Slot<Held>;
  pending: Slot<Pending>;
  bookings: Slot<Kept<Booking>[]>;
  /** What was asked for on waiting lists. */
  entries: Slot<Kept<Entry>[]>;
  /** A booking that is being filled in. */
  draft: Slot<Draft>;
  language: Slot<string>;
  textSize: Slot<TextSize>;
  quiet: Slot<boolean>;
  /** Forgets everything of the provider, and how this phone likes it. */
  erase: () => void;
}

export type TextSize = "normal" | "large" | "larger";

export interface Slot<T> {
  read: () => T | null;
  write: (value: T) => void;
  clear: () => void;
}

/** Browsers may refuse storage; the app then remembers until the page closes. */
export function createStore(slug: string, storage: Storage | null): Store {
  const slots = {
    provider: slot<Kept<ProviderNow>>(storage, `waitlessq:${slug}:provider`),
    places: slot<Kept<PlaceNow[]>>(storage, `waitlessq:${slug}:places`),
    held: slot<Held>(storage, `waitlessq:${slug}:ticket`),
    pending: slot<Pending>(storage, `waitlessq:${slug}:pending`),
    bookings: slot<Kept<Booking>[]>(storage, `waitlessq:${slug}:bookings`),
    entries: slot<Kept<Entry>[]>(storage, `waitlessq:${slug}:entries`),
    draft: slot<Draft>(storage, `waitlessq:${slug}:draft`),
    language: slot<string>(storage, "waitlessq:language"),
    textSize: slot<TextSize>(storage, "waitlessq:text-size"),
    quiet: slot<boolean>(storage, "waitlessq:quiet"),
  };
  return { ...slots, erase: () => Object.values(slots).forEach((one) => one.clear()) };
}

export function browserStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function slot<T>(storage: Storage | null, name: string): Slot<T> {
  // What the browser would not keep.
  let unkept: T | null = null;
  return {
    read: () => {
      try {
        return unkept ?? (JSON.parse(storage?.getItem(name) ?? "null") as T | null);
      } catch {
        return null;
      }
    },
    write: (value) => {
      try {
        if (storage === null) throw new Error("The browser refuses storage");
        storage.setItem(name, JSON.stringify(value));
        unkept = null;
      } catch {
        unkept = value;
      }
    },
    clear: () => {
      unkept = null;
      storage?.removeItem(name);
    },
  };
}
