// How old is what is shown? Live data says it.

import { signal } from "@preact/signals";

/** Unheard for longer than this, nothing is shown as live. */
export const STALE_AFTER_MILLISECONDS = 30_000;

/** Now, in milliseconds since 1970; it ticks every second. */
export const now = signal(Date.now());

/** By how much the server's clock is ahead of this device's, in milliseconds. */
export const serverAhead = signal(0);

export type Age = "live" | "as-of" | "cut";

/** Live; not asked yet how it is; or asked without an answer. Times in milliseconds. */
export function ageOf(heardAt: number, hasFailed: boolean, at: number): Age {
  if (at - heardAt <= STALE_AFTER_MILLISECONDS) return "live";
  return hasFailed ? "cut" : "as-of";
}

/** Lets the clock tick. */
export function startClock(): void {
  const tick = (): void => {
    now.value = Date.now();
  };
  setInterval(tick, 1000);
  // Where nobody looked, the clock may have stood still.
  document.addEventListener("visibilitychange", tick);
}
