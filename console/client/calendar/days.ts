// Where an arrow key leads in a month.

const DAYS_OF_WEEK = 7;

/** How many days on, from where it is, a key leads; null if it leads nowhere. */
export function daysOn(key: string, isMirrored: boolean): number | null {
  const forward = isMirrored ? -1 : 1;
  const steps: Record<string, number> = {
    ArrowUp: -DAYS_OF_WEEK,
    ArrowDown: DAYS_OF_WEEK,
    ArrowLeft: -forward,
    ArrowRight: forward,
  };
  return steps[key] ?? null;
}
