// Going through a month by arrow keys; Tab goes from day to day, and Enter opens it, without them.

import { daysOn } from "./days.ts";
import { isTyping } from "../keys.ts";

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
