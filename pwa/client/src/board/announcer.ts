// One call after the other: each gets its moment, however many come at once.

import type { Call } from "./types.ts";

export const BETWEEN_CALLS = 4_000;
export const LIT = 10_000;
const LONGEST_SPEECH = 10_000;
// With so many calls waiting for their moment, speech would leave the screen too far behind.
const TOO_MANY_TO_SPEAK = 3;

export interface Announcing {
  /** Takes the next call, with how many come after it. */
  next: () => { call: Call; waiting: number } | undefined;
  /** Lights the call on the screen. */
  show: (call: Call) => void;
  chime: () => Promise<void>;
  /** Says the call in each language, once. */
  speak: (call: Call) => Promise<void>;
  /** Ends what is being said. */
  hush: () => void;
}

/** Announces until nothing is due; `wake` says that something may be. */
export class Announcer {
  #isAtWork = false;
  #parts: Announcing;

  constructor(parts: Announcing) {
    this.#parts = parts;
  }

  wake(): void {
    if (!this.#isAtWork) void this.#announce();
  }

  async #announce(): Promise<void> {
    this.#isAtWork = true;
    for (let due = this.#parts.next(); due !== undefined; due = this.#parts.next()) {
      this.#parts.show(due.call);
      await Promise.all([sleep(BETWEEN_CALLS), this.#say(due.call, due.waiting)]);
    }
    this.#isAtWork = false;
  }

  async #say(call: Call, waiting: number): Promise<void> {
    try {
      await this.#parts.chime();
      if (waiting >= TOO_MANY_TO_SPEAK) return;
      await Promise.race([this.#parts.speak(call), sleep(LONGEST_SPEECH)]);
    } catch {
      // A sound that fails must not keep the next call from being shown.
    } finally {
      this.#parts.hush();
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
