// Where a ticket stands, read from what everybody is told about the queue.

import type { HeldTicket, Snapshot, TicketState } from "./types.ts";

const ENDED: readonly TicketState[] = ["completed", "no_show", "cancelled", "expired"];

/** With so few before it, one should stay near. */
export const NEAR = 2;

export function isLive(ticket: HeldTicket): boolean {
  return !ENDED.includes(ticket.state);
}

/** How many are called before it; null when it does not wait. */
export function ahead(ticket: HeldTicket): number | null {
  return ticket.state === "waiting" && ticket.position !== null ? ticket.position - 1 : null;
}

/** Whether a counter's name needs the word before it, as "3" does and "Room 5" does not. */
export function isBareName(counter: string): boolean {
  return /^\S{1,3}$/.test(counter);
}

/** The newer of two states of one ticket; numbers of two queues say nothing of each other. */
export function newer(known: HeldTicket, told: HeldTicket): HeldTicket {
  return told.queue === known.queue && told.sequence < known.sequence ? known : told;
}

/**
 * The ticket as a snapshot shows it; null when the snapshot does not tell.
 *
 * An ended ticket stays ended: its code may be somebody else's the next day. For the same reason
 * a code that stands in the snapshot twice tells nothing.
 */
export function ticketIn(snapshot: Snapshot, ticket: HeldTicket): HeldTicket | null {
  if (snapshot.sequence < ticket.sequence || !isLive(ticket)) return ticket;
  const places = placesOf(ticket.code, snapshot);
  const calls = snapshot.called.filter((call) => call.code === ticket.code);
  const [place] = places;
  const [call] = calls;
  if (places.length + calls.length !== 1) return null;
  const { sequence } = snapshot;
  if (call === undefined) {
    const isListed = snapshot.called_by_mistake?.includes(ticket.code) ?? false;
    const wasSaid = ticket.state === "waiting" && (ticket.called_by_mistake ?? false);
    const called_by_mistake = isListed || wasSaid;
    const position = place ?? null;
    const inLine = { state: "waiting", position, counter: null, called_by_mistake } as const;
    return { ...ticket, sequence, ...inLine, come_by: null, deferred_until: null };
  }
  const { state, counter, call_count, called_at, come_by } = call;
  const called_by_mistake = false;
  const atCounter = { state, counter, call_count, called_at, come_by, called_by_mistake };
  return { ...ticket, sequence, ...atCounter, position: null, deferred_until: null };
}

/** Whether everybody who waits is listed, by code or in a range. */
export function listsAll(snapshot: Snapshot): boolean {
  const inRanges = snapshot.waiting_ranges.reduce(
    (sum, [first, last]) => sum + parsed(last).number - parsed(first).number + 1,
    0,
  );
  return snapshot.waiting.length + inRanges >= snapshot.waiting_total;
}

function placesOf(code: string, snapshot: Snapshot): number[] {
  const places = snapshot.waiting.flatMap((waiting, index) => (waiting === code ? index + 1 : []));
  const mine = parsed(code);
  let before = snapshot.waiting.length;
  for (const [first, last] of snapshot.waiting_ranges) {
    const [from, to] = [parsed(first), parsed(last)];
    const isInside =
      mine.letters === from.letters && mine.number >= from.number && mine.number <= to.number;
    if (isInside) places.push(before + mine.number - from.number + 1);
    before += to.number - from.number + 1;
  }
  return places;
}

function parsed(code: string): { letters: string; number: number } {
  const letters = code.replace(/\d+$/, "");
  return { letters, number: Number(code.slice(letters.length)) };
}
