// Who is called, and which of it was announced: each call once, each recall once more.

import type { Snapshot } from "../shared/types.ts";
import type { Call } from "./types.ts";

// Far more than are called at a time, so that one which comes back (an undone press) is known.
const REMEMBERED = 500;

export class Calls {
  #queues = new Map<number, Snapshot>();
  /** By visit to a counter: how many of its calls were announced. The oldest is forgotten first. */
  #announced = new Map<string, number>();
  /** Calls that were announced and taken back, which is still to be said. */
  #mistakes: Call[] = [];

  /** Takes what is newer than what it has. What stands when a queue is first heard of is old news. */
  take(snapshot: Snapshot): void {
    const known = this.#queues.get(snapshot.queue);
    if (known !== undefined && snapshot.sequence < known.sequence) return;
    this.#queues.set(snapshot.queue, snapshot);
    if (known !== undefined) this.#mistakes.push(...this.#takenBack(known, snapshot));
    for (const call of callsOf(snapshot)) {
      // Who is being served needs no call any more.
      if (known === undefined || call.state === "serving") this.#note(call);
    }
  }

  /** Forgets the queues that are not the board's any more. */
  keep(queues: number[]): void {
    for (const queue of this.#queues.keys()) {
      if (!queues.includes(queue)) this.#queues.delete(queue);
    }
  }

  get queues(): Snapshot[] {
    return [...this.#queues.values()];
  }

  /** What is still to be announced, the earliest first. */
  get due(): Call[] {
    const calls = this.queues.flatMap(callsOf).filter((call) => !this.#isAnnounced(call));
    return [...this.#mistakes, ...calls.sort((one, other) => byTime(one, other))];
  }

  /** Takes the next call to announce; it is announced from then on. */
  next(): Call | undefined {
    const call = this.due[0];
    if (call?.isMistake) this.#mistakes.shift();
    else if (call !== undefined) this.#note(call);
    return call;
  }

  /** Who is at a counter, except those whose first announcement is still to come; latest first. */
  get shown(): Call[] {
    const calls = this.queues.flatMap(callsOf).filter((call) => this.#announced.has(visitOf(call)));
    return calls.sort(
      (one, other) =>
        Number(one.state === "serving") - Number(other.state === "serving") || byTime(other, one),
    );
  }

  /** The numbers that come next, the first of each queue before the second of any. */
  upcoming(most: number): string[] {
    const lines = this.queues.map((queue) => queue.waiting);
    const longest = Math.min(most, Math.max(0, ...lines.map((line) => line.length)));
    const places = Array.from({ length: longest }, (_, place) => place);
    const codes = places.flatMap((place) => lines.map((line) => line[place]));
    return codes.filter((code) => code !== undefined).slice(0, most);
  }

  /** How many visits it remembers to have announced. */
  get remembered(): number {
    return this.#announced.size;
  }

  get areAllClosed(): boolean {
    const queues = this.queues;
    return queues.length > 0 && queues.every((queue) => queue.status === "closed");
  }

  /** When the first of the queues opens, if any says so: ISO 8601. */
  get opensAt(): string | null {
    const times = this.queues.flatMap(({ opens_at }) => opens_at ?? []);
    return times.sort((one, other) => Date.parse(one) - Date.parse(other))[0] ?? null;
  }

  /** Who was heard to be called, and waits again because nobody meant it. */
  #takenBack(known: Snapshot, seen: Snapshot): Call[] {
    return callsOf(known)
      .filter((call) => this.#announced.has(visitOf(call)))
      .filter((call) => seen.called_by_mistake?.includes(call.code))
      .map((call) => ({ ...call, isMistake: true }));
  }

  #isAnnounced(call: Call): boolean {
    return call.call_count <= (this.#announced.get(visitOf(call)) ?? 0);
  }

  #note(call: Call): void {
    const visit = visitOf(call);
    const times = Math.max(call.call_count, this.#announced.get(visit) ?? 0);
    this.#announced.delete(visit);
    this.#announced.set(visit, times);
    for (const oldest of this.#announced.keys()) {
      if (this.#announced.size <= REMEMBERED) break;
      this.#announced.delete(oldest);
    }
  }
}

/** A ticket's way to a counter: the same for a recall, another one when it is called anew. */
export function visitOf(call: Call): string {
  return `${call.queue} ${call.code} ${call.called_at}`;
}

function callsOf(snapshot: Snapshot): Call[] {
  return snapshot.called.map((ticket) => ({ ...ticket, queue: snapshot.queue }));
}

function byTime(one: Call, other: Call): number {
  return Date.parse(one.called_at) - Date.parse(other.called_at);
}
