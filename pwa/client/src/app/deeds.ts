// Where deeds are kept on the phone: IndexedDB, or where that is refused, until the page closes.

import type { Deed } from "./outbox.ts";

export interface Deeds {
  /** The oldest first. */
  all: () => Promise<Deed[]>;
  put: (deed: Deed) => Promise<void>;
  remove: (key: string) => Promise<void>;
}

const STORE = "deeds";

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
