// Going through a month by arrow keys; Tab goes from day to day, and Enter opens it, without them.

import { isTyping } from "../keys.ts";

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

/** Listens to arrow keys on the days of a month. */
export function followDays(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || isTyping(event.target)) return;
    const from = (event.target as Element).closest?.(".month__day");
    const on = from && daysOn(event.key, document.documentElement.dir === "rtl");
    if (!from || on === null) return;
    const days = [...document.querySelectorAll<HTMLElement>(".month__day")];
    const next = days[days.indexOf(from as HTMLElement) + on];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  });
}
