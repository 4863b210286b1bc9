// Tickets and snapshots for tests.

import type { HeldTicket, Snapshot } from "../src/shared/types.ts";

export function ticket(own: Partial<HeldTicket> = {}): HeldTicket {
  return {
    token: "secret",
    queue: 3,
    business_date: "2026-11-24",
    code: "A012",
    service: null,
    people: 1,
    state: "waiting",
    counter: null,
    call_count: 0,
    issued_at: "2026-11-24T10:00:00Z",
    called_at: null,
    position: 3,
    sequence: 10,
    come_by: null,
    rejoin_until: null,
    deferred_until: null,
    stream: "ticket-x",
    ...own,
  };
}

export function snapshot(own: Partial<Snapshot> = {}): Snapshot {
  return {
    queue: 3,
    name: "Permits",
    status: "open",
    sequence: 11,
    opens_at: null,
    open_counters: 2,
    called: [],
    waiting_total: own.waiting?.length ?? 3,
    waiting: ["A010", "A011", "A012"],
    waiting_ranges: [],
    as_of: "2026-11-24T10:00:00+00:00",
    waits: [],
    newcomer: null,
    ...own,
  };
}

export function call(code: string, own: Partial<Snapshot["called"][number]> = {}) {
  return {
    code,
    counter: "2",
    state: "called" as const,
    call_count: 1,
    called_at: "2026-11-24T10:05:00Z",
    come_by: null,
    date: null,
    ...own,
  };
}
