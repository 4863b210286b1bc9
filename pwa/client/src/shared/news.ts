// Why a wait is another one than it was: only what the queue itself shows.

import type { HeldTicket, Snapshot } from "./types.ts";
import { waitOf } from "./wait.ts";

export interface News {
  minutes: number;
  reason: "counterClosed" | "counterOpened" | "placedAhead" | "takesLong";
}

/** Less than this, in seconds and of what was said, is noise. */
const LEAST_SECONDS = 180;
const LEAST_SHARE = 0.2;
/** What happened longer ago is no reason any more. */
const REMEMBERED_MILLISECONDS = 10 * 60_000;

/** Follows one ticket: told of each snapshot in turn, it says why the wait changed, or null. */
export function newsOf(): (seen: Snapshot, ticket: HeldTicket) => News | null {
  let at = 0;
  let said = 0;
  let counters = 0;
  let place = Infinity;
  let wasPassed = false;
  let news: News | null = null;
  return (seen, ticket) => {
    const wait = waitOf(seen, ticket);
    if (wait === null) return news;
    const passed = Date.parse(seen.as_of) - at;
    const slip = wait[1] - Math.max(said - passed / 1000, 0);
    const isOther = Math.abs(slip) >= Math.max(LEAST_SECONDS, said * LEAST_SHARE);
    wasPassed ||= ticket.position! > place;
    place = ticket.position!;
    if (isOther || passed > REMEMBERED_MILLISECONDS) {
      const opened = seen.open_counters - counters;
      const reason = at > 0 && isOther && reasonFor(slip, opened, wasPassed, areAllBusy(seen, at));
      news = reason ? { minutes: Math.round(Math.abs(slip) / 60), reason } : null;
      at += passed;
      [, said] = wait;
      counters = seen.open_counters;
      wasPassed = false;
    }
    return news;
  };
}

function reasonFor(
  slip: number,
  opened: number,
  wasPassed: boolean,
  areBusy: boolean,
): News["reason"] | null {
  if (slip < 0) return opened > 0 ? "counterOpened" : null;
  if (wasPassed) return "placedAhead";
  if (opened < 0) return "counterClosed";
  return areBusy ? "takesLong" : null;
}

/** Whether every open counter has had the same ticket ever since: somebody's service takes long. */
function areAllBusy({ open_counters, called }: Snapshot, since: number): boolean {
  return (
    open_counters > 0 &&
    called.length >= open_counters &&
    called.every((one) => Date.parse(one.called_at) <= since)
  );
}
