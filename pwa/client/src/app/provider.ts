// The provider and its queues, as one or the other screen last heard of them.

import { signal } from "@preact/signals";
import { useCallback, useEffect } from "preact/hooks";

import { jittered } from "../../../../waitlessq/client/stream.ts";
import type { ProviderNow } from "../shared/types.ts";
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
  const ask = useCallback(async () => {
    if (document.visibilityState !== "visible") return;
    const question = ++questions;
    try {
      const value = await api.provider();
      // Of two answers the later question's counts.
      if (question === questions) latest.value = { value, heardAt: Date.now(), error: null };
    } catch (error) {
      if (question === questions) latest.value = { ...latest.value, error };
    }
  }, [api]);
  const askAgain = useCallback(() => {
    latest.value = { ...latest.value, error: null };
    void ask();
  }, [ask]);

  useEffect(() => {
    const timer = setInterval(ask, jittered(REFRESH_MILLISECONDS));
    document.addEventListener("visibilitychange", ask);
    addEventListener("online", ask);
    void ask();
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ask);
      removeEventListener("online", ask);
    };
  }, [ask]);
  return { ...latest.value, askAgain };
}
