// What was asked for without a connection, and where it is kept on the phone: IndexedDB, or where
// that is refused, until the page closes. Pages and the worker share it.

export type TicketDeed = "leave" | "defer" | "tenMinutes" | "fiveMinutes";
export type BookingDeed = "cancelBooking" | "checkIn";

/** Something to be done, and what to send for it. */
export interface Deed {
  key: string;
  how: TicketDeed | BookingDeed;
  /** Of the ticket or booking. */
  token: string;
  path: string;
  body: object;
  /** When it was asked for, in milliseconds since 1970. */
  askedAt: number;
  /** Why it was not done, once that is known; "too-late" when it could not be sent in time. */
  refused: string | null;
  /** Where the public API is, for the worker; one of a release before does not say. */
  api?: string;
}

export interface Deeds {
  /** The oldest first. */
  all: () => Promise<Deed[]>;
  put: (deed: Deed) => Promise<void>;
  remove: (key: string) => Promise<void>;
}

const STORE = "deeds";
// Servers know a key for a day; a repeat after that might be done a second time.
const KNOWN_MILLISECONDS = 23 * 3_600_000;
const TAG = "waitlessq-outbox:";

/** Whether its key may be forgotten by now. */
export function isTooOld(deed: Deed): boolean {
  return Date.now() - deed.askedAt > KNOWN_MILLISECONDS;
}

/** What it is sent with: whose it is, and a key by which it is done once. */
export function headersOf({ how, token, key }: Deed): Record<string, string> {
  const isOfBooking = how === "checkIn" || how === "cancelBooking";
  return { [isOfBooking ? "Appointment-Token" : "Ticket-Token"]: token, "Idempotency-Key": key };
}

/** Whether an answer that is no success settles nothing: it may have been done, or will be. */
export function isUnsettled(status: number, code: string): boolean {
  // Who asks too often is turned away before anything is looked at.
  return status >= 500 || status === 429 || code === "request-running";
}

/** One tab or worker at a time, where browsers can tell; else the keys see to it. */
export async function alone(work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  let isStarted = false;
  try {
    await navigator.locks.request("waitlessq-outbox", () => {
      isStarted = true;
      return work();
    });
  } catch (error) {
    if (isStarted) throw error;
    // In a frame of another site browsers refuse locks, as they refuse storage.
    await work();
  }
}

/** Has the browser wake our worker once there is a connection, though no page is open; in Chromium. */
export async function wakeLater(slug: string): Promise<void> {
  const worker = await navigator.serviceWorker?.getRegistration();
  const { sync } = (worker ?? {}) as { sync?: { register: (tag: string) => Promise<void> } };
  await sync?.register(TAG + slug).catch(() => undefined);
}

/** Whose deeds the worker was woken for; null if for something else. */
export function slugOf(tag: string): string | null {
  return tag.startsWith(TAG) ? tag.slice(TAG.length) : null;
}

export function createDeeds(slug: string): Deeds {
  const memory = new Map<string, Deed>();
  let opened: Promise<IDBDatabase | null> | undefined;
  const run = async <T>(
    mode: IDBTransactionMode,
    what: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | null> => {
    opened ??= open(databaseOf(slug), () => (opened = undefined));
    const database = await opened;
    return database && answerTo(what(database.transaction(STORE, mode).objectStore(STORE)));
  };
  return {
    all: async () => {
      const found = (await run<Deed[]>("readonly", (store) => store.getAll())) ?? [];
      return [...found, ...memory.values()].sort((one, other) => one.askedAt - other.askedAt);
    },
    put: async (deed) => {
      if ((await run("readwrite", (store) => store.put(deed))) === null) memory.set(deed.key, deed);
    },
    remove: async (key) => {
      memory.delete(key);
      await run("readwrite", (store) => store.delete(key));
    },
  };
}

function databaseOf(slug: string): string {
  return `waitlessq:${slug}`;
}

/** Removes the database of a provider with all that is in it. */
export async function eraseDeeds(slug: string): Promise<void> {
  try {
    await answerTo(indexedDB.deleteDatabase(databaseOf(slug)));
  } catch {
    // Where it is refused there is none.
  }
}

/** Opens it; `closed` hears that it was closed so that another tab could erase it. */
async function open(name: string, closed: () => void): Promise<IDBDatabase | null> {
  try {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    const database = await answerTo(request);
    if (database) {
      database.onversionchange = () => {
        database.close();
        closed();
      };
    }
    return database;
  } catch {
    return null;
  }
}

function answerTo<T>(request: IDBRequest<T>): Promise<T | null> {
  return new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  });
}
