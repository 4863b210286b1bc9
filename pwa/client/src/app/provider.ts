// The provider and its queues, as one or the other screen last heard of them.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { jittered } from "../../../../waitlessq/client/stream.ts";
import type { ProviderNow } from "../shared/types.ts";
import { type Api, NoAnswerError } from "./api.ts";
import { useApp } from "./context.ts";
import type { Store } from "./storage.ts";

const REFRESH_MILLISECONDS = 30_000;

export interface Heard {
  value: ProviderNow | null;
  /** When it was answered, in milliseconds since 1970. */
  heardAt: number;
  /** Why the last question was not answered; null when it was. */
  error: unknown;
}

const latest = signal<Heard>({ value: null, heardAt: 0, error: null });
let questions = 0;

/** What was last heard; asks now, on return to view and every half minute while somebody looks. */
export function useProvider(): Heard & { askAgain: () => void } {
  const { api, store } = useApp();
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === "visible") void ask(api, store);
    };
    const timer = setInterval(look, jittered(REFRESH_MILLISECONDS));
    document.addEventListener("visibilitychange", look);
    addEventListener("online", look);
    look();
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      removeEventListener("online", look);
    };
  }, [api, store]);
  const askAgain = (): void => {
    latest.value = { ...latest.value, error: null };
    void ask(api, store);
  };
  return { ...latest.value, askAgain };
}

async function ask(api: Api, store: Pick<Store, "provider">): Promise<void> {
  const question = ++questions;
  let heard: Partial<Heard>;
  try {
    const [item, heardAt] = [await api.provider(), Date.now()];
    heard = { value: item, heardAt, error: null };
    store.provider.write({ item, heardAt });
  } catch (error) {
    // Who opens the app without a connection sees how it was the last time.
    const isFirst = latest.value.value === null && error instanceof NoAnswerError;
    const kept = isFirst ? store.provider.read() : null;
    heard = kept === null ? { error } : { value: kept.item, heardAt: kept.heardAt, error };
  }
  // Of two answers the later question's counts.
  if (question === questions) latest.value = { ...latest.value, ...heard };
}
