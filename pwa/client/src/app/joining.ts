// Joining so that a repeat issues no second ticket, also after a reload.

import type { HeldTicket } from "../shared/types.ts";
import type { Api } from "./api.ts";
import { isUncertain } from "./reasons.ts";
import type { Pending, Slot } from "./storage.ts";

/** The join of this queue whose answer was lost. */
export function unanswered(slot: Slot<Pending>, queue: number): Pending | null {
  const left = slot.read();
  return left?.queue === queue ? left : null;
}

/** Joins; a try that may have worked is remembered until its answer is known. */
export async function join(
  api: Pick<Api, "join">,
  slot: Slot<Pending>,
  pending: Pending,
): Promise<HeldTicket> {
  slot.write(pending);
  try {
    const { key, ...joining } = pending;
    const ticket = await api.join(joining, key);
    slot.clear();
    return ticket;
  } catch (error) {
    if (!isUncertain(error)) slot.clear();
    throw error;
  }
}
