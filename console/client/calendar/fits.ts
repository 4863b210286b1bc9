// Where a booking could stand, as the server knows it, and how that is said.

/** By resource and date: minutes on the wall. */
type Starts = Record<string, Record<string, number[]>>;

export interface Places {
  /** Bookings start every so many minutes. */
  step: number;
  free: Starts;
  /** What would be free if nothing were booked. */
  open: Starts;
}

export type Verdict = "free" | "taken" | "closed" | "notOffered";

const SHOWN = 3;

/** Whether a booking could stand there, and else why not. */
export function verdictOf(places: Places, resource: string, day: string, start: number): Verdict {
  const free = places.free[resource];
  if (free === undefined) return "notOffered";
  if (free[day]?.includes(start)) return "free";
  return places.open[resource]?.[day]?.includes(start) ? "taken" : "closed";
}

/** The free starts of that day that are nearest, in their order. */
export function nearest(places: Places, resource: string, day: string, start: number): number[] {
  const free = [...(places.free[resource]?.[day] ?? [])];
  free.sort((one, other) => Math.abs(one - start) - Math.abs(other - start));
  return free.slice(0, SHOWN).sort((one, other) => one - other);
}

/** The start of a step that is next, up (1) or down (-1), inside the day. */
export function stepped(start: number, step: number, direction: 1 | -1): number {
  const steps = direction > 0 ? Math.floor(start / step) + 1 : Math.ceil(start / step) - 1;
  return Math.min(Math.max(steps * step, 0), 24 * 60 - step);
}
