// What a queue asks of whoever joins.

import type { Ask, Told } from "./types.ts";

export const FIELDS = ["name", "phone"] as const;
export type Field = (typeof FIELDS)[number];

/** What a queue asks for, as its document says; nothing by a server that knows no such thing. */
export interface Asking {
  asks_name?: Ask;
  asks_phone?: Ask;
}

/** How it asks for a field. */
export function asks(queue: Asking, field: Field): Ask {
  return queue[`asks_${field}`] ?? "no";
}

export function isAnonymous(queue: Asking): boolean {
  return FIELDS.every((field) => asks(queue, field) === "no");
}

/** The fields that have to be filled in and are not. */
export function missing(queue: Asking, told: Told): Field[] {
  return FIELDS.filter((field) => asks(queue, field) === "required" && !told[field]?.trim());
}
