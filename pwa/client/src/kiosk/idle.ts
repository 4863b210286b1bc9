// Nobody there? After a minute it asks, and then starts again, so that nobody finds another's words.

export const ASK_AFTER = 60;
export const WIPE_AFTER = 20;

export type Idle = { is: "present" } | { is: "asked"; secondsLeft: number } | { is: "over" };

/** What is to be shown after so many seconds without a touch or a key. */
export function idleAfter(seconds: number): Idle {
  if (seconds < ASK_AFTER) return { is: "present" };
  const secondsLeft = Math.ceil(ASK_AFTER + WIPE_AFTER - seconds);
  return secondsLeft > 0 ? { is: "asked", secondsLeft } : { is: "over" };
}
