// A wait as people read it: a range in honest minutes, by the rules of queues/forecast/shown.py.

import type { HeldTicket, Snapshot, Wait } from "./types.ts";

export interface ShownWait {
  /** In minutes. */
  low: number;
  middle: number;
  high: number;
  isNext: boolean;
  /** Whether both ends are said; else only the upper one. */
  isRange: boolean;
  isAnyMinute: boolean;
}

const ANY_MINUTE = 3;
/** Longer waits are said in hours. */
export const MINUTES_UP_TO = 120;
// Up to so many minutes, steps of so many.
const STEPS = [
  [10, 1],
  [60, 5],
  [120, 10],
] as const;
const LONGEST_STEP = 30;

/** Rounds a wait in seconds: the ends outwards, the middle to the nearest. */
export function shown([low, middle, high]: Wait, ahead: number): ShownWait {
  const step = stepOf(Math.ceil(high / 60));
  const from = Math.floor(low / 60 / step) * step;
  const to = Math.max(Math.ceil(high / 60 / step) * step, 1);
  const isLong = to > MINUTES_UP_TO;
  const finer = isLong ? step : stepOf(Math.ceil(middle / 60));
  const nearest = Math.floor(middle / 60 / finer + 0.5) * finer;
  return {
    low: from,
    middle: Math.min(Math.max(nearest, from, isLong ? step : 1), to),
    high: to,
    isNext: ahead === 0,
    isRange: ahead > 0 && from > 0 && from < to,
    isAnyMinute: to <= ANY_MINUTE,
  };
}

/** What a snapshot says of a waiting ticket; null when it says nothing. */
export function waitOf(snapshot: Snapshot | null, { code, position }: HeldTicket): Wait | null {
  const place = (position ?? 0) - 1;
  return snapshot?.waiting[place] === code ? (snapshot.waits[place] ?? null) : null;
}

function stepOf(minutes: number): number {
  return STEPS.find(([upTo]) => minutes <= upTo)?.[1] ?? LONGEST_STEP;
}
