// What was asked for without a connection: kept on the phone, and sent once when there is one.
//
// Each deed has its Idempotency-Key, so that one whose answer was lost is not done twice.

import { signal, type ReadonlySignal } from "@preact/signals";

import { type Door, ProblemError } from "./api.ts";
import type { Deeds } from "./deeds.ts";
import { isUncertain } from "./reasons.ts";

const AGAIN_MILLISECONDS = 15_000;
// Servers know a key for a day; a repeat after that might be done a second time.
const KNOWN_MILLISECONDS = 23 * 3_600_000;

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
}

export interface Outbox {
  /** What waits, and what was refused and not yet seen; oldest first. */
  deeds: ReadonlySignal<readonly Deed[]>;
  /** Keeps a deed until it is sent; the same of one ticket or booking waits only once. */
  add: (deed: Omit<Deed, "askedAt" | "refused">) => Promise<void>;
  /** Sends what waits; resolves when no more can be sent now. */
  send: () => Promise<void>;
  /** That a refusal was seen. */
  dismiss: (key: string) => Promise<void>;
}

/** Takes up what was kept; `answered` hears what a deed led to. */
export function createOutbox(
  door: Pick<Door, "post">,
  kept: Deeds,
  answered: (deed: Deed, answer: unknown) => void,
): Outbox {
  const deeds = signal<readonly Deed[]>([]);
  let sending: Promise<void> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const read = async (): Promise<void> => {
    deeds.value = await kept.all();
  };
  const waiting = (): Deed | undefined => deeds.value.find((deed) => deed.refused === null);
  const over = async (deed: Deed, refused: string | null): Promise<void> => {
    await (refused === null ? kept.remove(deed.key) : kept.put({ ...deed, refused }));
    await read();
  };
  /** Whether its outcome is known now. */
  const sent = async (deed: Deed): Promise<boolean> => {
    if (Date.now() - deed.askedAt > KNOWN_MILLISECONDS) {
      await over(deed, "too-late");
      return true;
    }
    const header = headerOf(deed.how);
    try {
      const answer = await door.post(
        deed.path,
        { [header]: deed.token, "Idempotency-Key": deed.key },
        deed.body,
      );
      await over(deed, null);
      answered(deed, answer);
      return true;
    } catch (error) {
      if (isUncertain(error)) return false;
      await over(deed, (error as ProblemError).code);
      return true;
    }
  };
  const sendAll = async (): Promise<void> => {
    // Another tab may have sent some.
    await read();
    for (let deed = waiting(); deed !== undefined; deed = waiting()) {
      if (!(await sent(deed))) break;
    }
    clearTimeout(timer);
    if (waiting()) timer = setTimeout(() => void send(), AGAIN_MILLISECONDS);
  };
  const send = (): Promise<void> => {
    sending ??= alone(sendAll).finally(() => {
      sending = null;
    });
    return sending;
  };
  return {
    deeds,
    send,
    add: async (deed) => {
      await read();
      const isSame = (one: Deed): boolean => one.how === deed.how && one.token === deed.token;
      // What was refused before and is asked for again is not told twice.
      const same = deeds.value.find(isSame);
      if (same?.refused != null) await kept.remove(same.key);
      if (same === undefined || same.refused !== null) {
        await kept.put({ ...deed, askedAt: Date.now(), refused: null });
      }
      await read();
      clearTimeout(timer);
      timer = setTimeout(() => void send(), AGAIN_MILLISECONDS);
    },
    dismiss: async (key) => {
      await kept.remove(key);
      await read();
    },
  };
}

/** Sends on return of the connection, or of whoever looks. */
export function startSending(outbox: Outbox): void {
  const send = (): void => void outbox.send();
  addEventListener("online", send);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") send();
  });
  send();
}

function headerOf(how: Deed["how"]): string {
  return how === "checkIn" || how === "cancelBooking" ? "Appointment-Token" : "Ticket-Token";
}

/** One tab at a time, where browsers can tell; else the keys see to it. */
async function alone(work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  await navigator.locks.request("waitlessq-outbox", work);
}
