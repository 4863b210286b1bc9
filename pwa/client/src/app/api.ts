// The public API. What goes wrong is one of two errors: no answer, or an answer that says why.

import { serverAhead } from "./age.ts";
import type { Pending } from "./storage.ts";
import type { TimeOffer } from "../shared/booking.ts";
import type { Config, HeldTicket, PlaceNow, ProviderNow, Snapshot, Why } from "../shared/types.ts";

const PATIENCE_MILLISECONDS = 10_000;

/** Nobody answered in time: whether it was done is not known. */
export class NoAnswerError extends Error {}

/** The server answered that it did not; `code` is one of docs/api.md. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  /** What it says besides, to act on. */
  readonly data: Record<string, unknown>;

  constructor(status: number, code: string, detail: string, data: Record<string, unknown> = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.data = data;
  }
}

/** Changes the ticket of a token; the same key gets the same answer. */
type Change = (token: string, key: string) => Promise<HeldTicket>;

export interface Api {
  provider: () => Promise<ProviderNow>;
  /** Where it is, and when it is open. */
  places: () => Promise<PlaceNow[]>;
  /** The browser keeps its ETag, and asks whether it changed. */
  snapshot: (queue: number) => Promise<Snapshot>;
  /** Takes a number; the same key gets the same ticket, however often it is sent. */
  join: (joining: Omit<Pending, "key">, key: string) => Promise<HeldTicket>;
  ticket: (token: string) => Promise<HeldTicket>;
  /** A freed time that is kept for this ticket instead of waiting. */
  offer: (token: string) => Promise<{ offer: TimeOffer | null }>;
  /** Why another number was called before this ticket. */
  why: (token: string, code: string) => Promise<Why>;
  leave: Change;
  /** Takes up the place again after a missed call. */
  rejoin: Change;
  /** Lets two people go first. */
  defer: Change;
  /** Leaves the line for some minutes, and keeps the place. */
  tenMinutes: Change;
  fiveMinutes: Change;
  /** Is ready before those are over. */
  comeBack: Change;
}

/** Asks and tells what is below one address. */
export interface Door {
  get: <T>(path: string, headers?: Record<string, string>) => Promise<T>;
  post: <T>(path: string, headers: Record<string, string>, body?: object) => Promise<T>;
}

export function openDoor(base: string): Door {
  return {
    get: (path, headers = {}) => ask(base + path, { cache: "no-cache", headers }),
    post: (path, headers, body = {}) =>
      ask(base + path, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
  };
}

/** Where a change of a ticket is sent, and with what. */
export const CHANGES = {
  leave: { path: "ticket/cancel", body: {} },
  rejoin: { path: "ticket/rejoin", body: {} },
  defer: { path: "ticket/defer", body: { people: 2 } },
  tenMinutes: { path: "ticket/postpone", body: { minutes: 10 } },
  fiveMinutes: { path: "ticket/postpone", body: { minutes: 5 } },
  comeBack: { path: "ticket/return", body: {} },
} as const;

export function createApi(config: Pick<Config, "api" | "provider">): Api {
  const { get, post } = openDoor(config.api);
  const change =
    ({ path, body }: { path: string; body: object }): Change =>
    (token, key) =>
      post(path, { "Ticket-Token": token, "Idempotency-Key": key }, body);
  return {
    provider: () => get(`providers/${config.provider.slug}`),
    places: () => get(`providers/${config.provider.slug}/places`),
    snapshot: (queue) => get(`queues/${queue}/snapshot`),
    join: ({ queue, ...body }, key) =>
      post(`queues/${queue}/tickets`, { "Idempotency-Key": key }, body),
    ticket: (token) => get("ticket", { "Ticket-Token": token }),
    offer: (token) => get("ticket/offer", { "Ticket-Token": token }),
    why: (token, code) =>
      get(`ticket/why?code=${encodeURIComponent(code)}`, { "Ticket-Token": token }),
    leave: change(CHANGES.leave),
    rejoin: change(CHANGES.rejoin),
    defer: change(CHANGES.defer),
    tenMinutes: change(CHANGES.tenMinutes),
    fiveMinutes: change(CHANGES.fiveMinutes),
    comeBack: change(CHANGES.comeBack),
  };
}

async function ask<T>(url: string, options: RequestInit): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
    // No cookies: who asks is in the headers, and pages of staff share the host.
    response = await fetch(url, { ...options, signal, credentials: "omit" });
    // Some answers say no more than that it was done.
    body = JSON.parse((await response.text()) || "null");
    hearTime(response);
  } catch (cause) {
    throw new NoAnswerError("No answer", { cause });
  }
  if (!response.ok) {
    const { code = "", detail = "", ...data } = body as { code?: string; detail?: string };
    throw new ProblemError(response.status, code, detail, data);
  }
  return body as T;
}

/** What the server's clock said; a phone's may be wrong. */
function hearTime(response: Response): void {
  const said = Date.parse(response.headers.get("Date") ?? "");
  // In whole seconds, rounded down; an answer out of the browser's cache is old.
  if (!Number.isNaN(said) && !response.headers.has("Age")) serverAhead.value = said + 500 - Date.now();
}

/** A random UUID, also on an address without TLS, where `randomUUID` is missing. */
export function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
