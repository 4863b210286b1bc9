// What the kiosk asks and tells the server. A lost answer is repeated with the same key.

import type { KioskDocument, Taken } from "./types.ts";

const PATIENCE = 8_000;

/** The device is not paired any more. */
export class NotPairedError extends Error {}

/** The server answered that it did not; `code` is one of docs/api.md. */
export class RefusedError extends Error {
  readonly code: string;
  /** Which answer cannot be used, if it is one. */
  readonly field: string | null;

  constructor(code: string, field: string | null) {
    super(code);
    this.code = code;
    this.field = field;
  }
}

export class KioskApi {
  #root: HTMLElement;
  #tag = "";

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** What is offered now; null when nothing changed. */
  async document(): Promise<KioskDocument | null> {
    const headers: HeadersInit = this.#tag === "" ? {} : { "If-None-Match": this.#tag };
    const answer = await this.#fetch("asks", { headers, cache: "no-store" });
    if (answer.status === 304) return null;
    if (!answer.ok) throw new Error(`The kiosk was answered ${answer.status}.`);
    this.#tag = answer.headers.get("ETag") ?? "";
    return (await answer.json()) as KioskDocument;
  }

  /** Takes a number; the same key gets the same one. */
  async take(joining: object, key: string): Promise<Taken> {
    const answer = await this.#post("take", { "Idempotency-Key": key }, JSON.stringify(joining));
    return (await answer.json()) as Taken;
  }

  /** Takes the number of a booking of today; the same key gets the same one. */
  async checkIn(phone: string, key: string): Promise<Taken> {
    const answer = await this.#post("checkIn", { "Idempotency-Key": key }, JSON.stringify({ phone }));
    return (await answer.json()) as Taken;
  }

  async help(): Promise<void> {
    await this.#post("help", {}, "{}");
  }

  async #post(what: string, headers: Record<string, string>, body: string): Promise<Response> {
    const token = this.#root.dataset["token"]!;
    const sent = { "X-CSRFToken": token, "Content-Type": "application/json", ...headers };
    const answer = await this.#fetch(what, { method: "POST", headers: sent, body });
    if (answer.ok) return answer;
    if (answer.status >= 500) throw new Error(`The kiosk was answered ${answer.status}.`);
    const told = (await answer.json()) as { code?: string; errors?: { field: string }[] };
    if (told.code === "request-running") throw new Error("The first try still runs.");
    throw new RefusedError(told.code ?? "", told.errors?.[0]?.field ?? null);
  }

  async #fetch(what: string, options: RequestInit): Promise<Response> {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(this.#root.dataset[what]!, { ...options, signal });
    if (answer.status === 403) throw new NotPairedError();
    return answer;
  }
}
