// The held ticket, kept up to date: by the queue's snapshot, and by its token where that is silent.

import { batch, signal, type ReadonlySignal } from "@preact/signals";

import { follow, type Followed } from "../../../../waitlessq/client/stream.ts";
import { type News, newsOf } from "../shared/news.ts";
import { isLive, listsAll, newer, ticketIn } from "../shared/place.ts";
import type { TimeOffer } from "../shared/booking.ts";
import type { HeldTicket, Snapshot } from "../shared/types.ts";
import { type Api, ProblemError } from "./api.ts";
import type { Held } from "./storage.ts";

const SILENCE_MILLISECONDS = 10_000;
// So long somebody who was missed, or finished by mistake, may be taken up again.
const AFTERWARDS_MILLISECONDS = 15 * 60_000;
// A code comes back on another day, so the ticket itself is asked for now and then; seldom, since
// nobody but the platform itself can answer that.
const TRUSTED_MILLISECONDS = 30 * 60_000;

export interface LiveTicket {
  ticket: ReadonlySignal<HeldTicket>;
  /** The queue; null until it was heard of. */
  queue: ReadonlySignal<Snapshot | null>;
  /** Why the wait became another one; null when it did not, or nobody knows. */
  news: ReadonlySignal<News | null>;
  /** A freed time that is kept for whoever waits here; null for none. */
  offer: ReadonlySignal<TimeOffer | null>;
  /** That it was answered. */
  forgetOffer: () => void;
  /** When something was last heard, in milliseconds since 1970. */
  heardAt: ReadonlySignal<number>;
  /** Whether the last question got no answer. */
  hasFailed: ReadonlySignal<boolean>;
  /** Takes what another answer said of the ticket. */
  accept: (told: HeldTicket) => void;
  stop: () => void;
}

export interface Watch {
  api: Pick<Api, "snapshot" | "ticket" | "offer">;
  streams: string;
  held: Held;
  /** Called with each change, to remember it. */
  changed: (held: Held) => void;
  /** Called when the server knows no such ticket. */
  unknown: () => void;
  follow?: (followed: Followed) => () => void;
}

/** Keeps a ticket up to date until it ends or is stopped. */
export function watchTicket(watch: Watch): LiveTicket {
  const { api } = watch;
  const ticket = signal(watch.held.ticket);
  const queue = signal<Snapshot | null>(null);
  const news = signal<News | null>(null);
  const offer = signal<TimeOffer | null>(null);
  const heardAt = signal(watch.held.heardAt);
  const hasFailed = signal(false);
  const { token } = ticket.value;
  let ticketAskedAt = watch.held.heardAt;
  let unfollow = (): void => undefined;
  let isStopped = false;
  let afterwards: ReturnType<typeof setTimeout> | undefined;
  const newsNow = newsOf();

  const stop = (): void => {
    isStopped = true;
    clearTimeout(afterwards);
    unfollow();
  };
  const heard = (): void => {
    if (isStopped) return;
    batch(() => {
      heardAt.value = Date.now();
      hasFailed.value = false;
    });
    watch.changed({ ticket: ticket.value, heardAt: heardAt.value });
  };
  const accept = (told: HeldTicket): void => {
    if (isStopped) return;
    const before = ticket.value;
    batch(() => {
      ticket.value = newer(before, told);
      // What is known of the queue before says nothing of the one that it was sent to.
      if (ticket.value.queue !== before.queue) queue.value = null;
    });
    watch.changed({ ticket: ticket.value, heardAt: heardAt.value });
    if (channelsOf(ticket.value) !== channelsOf(before)) start();
  };
  const askTicket = async (): Promise<void> => {
    try {
      accept(await api.ticket(token));
      ticketAskedAt = Date.now();
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 404)) throw error;
      if (isStopped) return;
      stop();
      watch.unknown();
    }
  };
  const askOffer = async (): Promise<void> => {
    const told = await api.offer(token);
    if (!isStopped) offer.value = told.offer;
  };
  /** Whether the snapshot told how the ticket stands. */
  const see = (seen: Snapshot): boolean => {
    if (seen.queue !== ticket.value.queue || isOlder(seen, queue.value)) return true;
    const found = ticketIn(seen, ticket.value);
    batch(() => {
      queue.value = seen;
      if (found !== null) accept(found);
      news.value = newsNow(seen, ticket.value);
    });
    return found !== null;
  };
  const seeNow = async (): Promise<boolean> => {
    try {
      return see(await api.snapshot(ticket.value.queue));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return false;
    }
  };
  const ask = async (): Promise<void> => {
    try {
      const isTold = isLive(ticket.value) && (await seeNow());
      const isTrusted = Date.now() - ticketAskedAt < TRUSTED_MILLISECONDS;
      if (!isStopped && !(isTold && isTrusted)) await askTicket();
    } catch (error) {
      hasFailed.value = true;
      throw error;
    }
  };
  const told = (event: string, data: unknown): void => {
    if (isStopped) return;
    if (event === "offer") {
      // It is kept for minutes, and the place in line stays: unanswered, nothing is lost.
      askOffer().catch(() => undefined);
      return;
    }
    if (event === "snapshot") {
      const seen = data as Snapshot;
      if (see(seen)) return;
      // Far back nobody is listed: so many must not all ask at each change.
      if (!listsAll(seen) && Date.now() - ticketAskedAt < SILENCE_MILLISECONDS) return;
    }
    // Unanswered, the next question of the watchdog settles it.
    askTicket().catch(() => undefined);
  };

  /** Follows what there is to hear now; an ended ticket for a while, as it may be taken up again. */
  const start = (): void => {
    clearTimeout(afterwards);
    unfollow();
    unfollow = (watch.follow ?? follow)({
      url: () => `${watch.streams}${channelsOf(ticket.value)}`,
      ask,
      told,
      heard,
      silence: SILENCE_MILLISECONDS,
    });
    if (!isLive(ticket.value)) afterwards = setTimeout(stop, AFTERWARDS_MILLISECONDS);
  };

  if (isLive(ticket.value) || ticket.value.rejoin_until) start();
  // One may have been made while nobody listened.
  if (ticket.value.state === "waiting") askOffer().catch(() => undefined);
  const forgetOffer = (): void => {
    offer.value = null;
  };
  return { ticket, queue, news, offer, forgetOffer, heardAt, hasFailed, accept, stop };
}

/** At one sequence number the waits are told anew now and then. */
function isOlder(seen: Snapshot, known: Snapshot | null): boolean {
  if (seen.sequence !== known?.sequence) return seen.sequence < (known?.sequence ?? 0);
  return seen.as_of < known.as_of;
}

function channelsOf(ticket: HeldTicket): string {
  const queue = isLive(ticket) ? `queues-${ticket.queue}` : "";
  return [queue, ticket.stream, "heartbeat"].filter(Boolean).join(",");
}
