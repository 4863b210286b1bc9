// What was asked for without a connection: kept on the phone, and sent once when there is one.
//
// Each deed has its Idempotency-Key, so that one whose answer was lost is not done twice.

import { signal, type ReadonlySignal } from "@preact/signals";

import { type Door, ProblemError } from "./api.ts";
import { alone, type Deed, type Deeds, headersOf, isTooOld } from "./deeds.ts";
import { isUncertain } from "./reasons.ts";

const AGAIN_MILLISECONDS = 15_000;
export interface Outbox {
  /** What waits, and what was refused and not yet seen; oldest first. */
  deeds: ReadonlySignal<readonly Deed[]>;
  /** Keeps a deed until it is sent; the same of one ticket or booking waits only once. */
  add: (deed: Omit<Deed, "askedAt" | "refused" | "api">) => Promise<void>;
  /** Sends what waits; resolves when no more can be sent now. */
  send: () => Promise<void>;
  /** That a refusal was seen. */
  dismiss: (key: string) => Promise<void>;
}

/** What else sends what is kept, when no page is open: it needs the API, and is to be woken. */
export interface Worker {
  api: string;
  wake: () => void;
}

/** Takes up what was kept; `answered` hears what a deed led to. */
export function createOutbox(
  door: Pick<Door, "post">,
  kept: Deeds,
  answered: (deed: Deed, answer: unknown) => void,
  worker?: Worker,
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
    if (isTooOld(deed)) {
      await over(deed, "too-late");
      return true;
    }
    try {
      const answer = await door.post(deed.path, headersOf(deed), deed.body);
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
        const api = worker && { api: worker.api };
        await kept.put({ ...deed, askedAt: Date.now(), refused: null, ...api });
        worker?.wake();
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
