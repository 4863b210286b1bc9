// The public API. What goes wrong is one of two errors: no answer, or an answer that says why.

import { serverAhead } from "./age.ts";
import type { Pending } from "./storage.ts";
import type { Config, HeldTicket, ProviderNow, Snapshot, Why } from "../shared/types.ts";

const PATIENCE_MILLISECONDS = 10_000;

/** Nobody answered in time: whether it was done is not known. */
export class NoAnswerError extends Error {}

/** The server answered that it did not; `code` is one of docs/api.md. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** Changes the ticket of a token; the same key gets the same answer. */
type Change = (token: string, key: string) => Promise<HeldTicket>;

export interface Api {
  provider: () => Promise<ProviderNow>;
  /** The browser keeps its ETag, and asks whether it changed. */
  snapshot: (queue: number) => Promise<Snapshot>;
  /** Takes a number; the same key gets the same ticket, however often it is sent. */
  join: (joining: Omit<Pending, "key">, key: string) => Promise<HeldTicket>;
  ticket: (token: string) => Promise<HeldTicket>;
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

export function createApi(config: Pick<Config, "api" | "provider">): Api {
  const get = <T>(path: string, headers = {}): Promise<T> =>
    ask<T>(config.api + path, { cache: "no-cache", headers });
  const post = <T>(path: string, headers: Record<string, string>, body = {}): Promise<T> =>
    ask<T>(config.api + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const change =
    (what: string, body = {}): Change =>
    (token, key) =>
      post(`ticket/${what}`, { "Ticket-Token": token, "Idempotency-Key": key }, body);
  return {
    provider: () => get(`providers/${config.provider.slug}`),
    snapshot: (queue) => get(`queues/${queue}/snapshot`),
    join: ({ queue, ...body }, key) =>
      post(`queues/${queue}/tickets`, { "Idempotency-Key": key }, body),
    ticket: (token) => get("ticket", { "Ticket-Token": token }),
    why: (token, code) =>
      get(`ticket/why?code=${encodeURIComponent(code)}`, { "Ticket-Token": token }),
    leave: change("cancel"),
    rejoin: change("rejoin"),
    defer: change("defer", { people: 2 }),
    tenMinutes: change("postpone", { minutes: 10 }),
    fiveMinutes: change("postpone", { minutes: 5 }),
    comeBack: change("return"),
  };
}

async function ask<T>(url: string, options: RequestInit): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
    // No cookies: who asks is in the headers, and pages of staff share the host.
    response = await fetch(url, { ...options, signal, credentials: "omit" });
    body = await response.json();
    hearTime(response);
  } catch (cause) {
    throw new NoAnswerError("No answer", { cause });
  }
  if (!response.ok) {
    const { code = "", detail = "" } = body as { code?: string; detail?: string };
    throw new ProblemError(response.status, code, detail);
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
