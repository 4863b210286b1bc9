// The provider and its queues, as one or the other screen last heard of them.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { jittered } from "../../../../waitlessq/client/stream.ts";
import type { ProviderNow } from "../shared/types.ts";
import type { Api } from "./api.ts";
import { useApp } from "./context.ts";

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
  const { api } = useApp();
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === "visible") void ask(api);
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
  }, [api]);
  const askAgain = (): void => {
    latest.value = { ...latest.value, error: null };
    void ask(api);
  };
  return { ...latest.value, askAgain };
}

async function ask(api: Api): Promise<void> {
  const question = ++questions;
  let heard: Partial<Heard>;
  try {
    heard = { value: await api.provider(), heardAt: Date.now(), error: null };
  } catch (error) {
    heard = { error };
  }
  // Of two answers the later question's counts.
  if (question === questions) latest.value = { ...latest.value, ...heard };
}
