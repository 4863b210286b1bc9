"""What four sizes would need: the arithmetic behind docs/scale.md.

`make projection` prints the tables; with `REPORT=build/bench-scale/report.json` the unit costs are
those of that run. Everything assumed is in `Customers`, `Costs` and `Prices`; nothing else is.
"""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import ceil
from pathlib import Path
from typing import Any

TIERS = {
    "1 thousand": 1_000,
    "10 thousand": 10_000,
    "100 thousand": 100_000,
    "1 million": 1_000_000,
}


@dataclass(frozen=True)
class Customers:
    """What people who are there at once do; times in seconds."""

    # They wait half an hour, and open the app when they come.
    visit: float = 1800.0
    files_of_an_app: float = 12.0
    # An open app (pwa/client/src/app/live.ts): asks for the queue, and for its own ticket.
    asks_queue_every: float = 25.0
    asks_ticket_every: float = 1800.0
    # Looks at the provider, and at free times, before joining.
    provider_reads: float = 3.0
    # Of a ticket: joined, called, started, completed.
    changes_of_a_ticket: float = 4.0
    people_in_a_queue: float = 50.0
    heartbeat_every: float = 3.0
    waits_told_every: float = 20.0
    # The busiest minute against the mean one: with it, 100,000 people ask 10,000 times a second.
    peak: float = 2.0


@dataclass(frozen=True)
class Costs:
    """What one of each costs: microseconds of a processor, bytes, kilobits."""

    edge_request: float = 60.0
    stream_message: float = 10.0
    web_read: float = 4_000.0
    web_write: float = 8_000.0
    relay_change: float = 3_000.0
    database_write: float = 1_500.0
    database_read: float = 400.0
    stream_bytes: float = 16_000.0
    web_process_bytes: float = 120e6
    # With TLS; a stream's keys and buffers.
    tls_stream_bytes: float = 25_000.0
    ticket_bytes: float = 3_000.0


@dataclass(frozen=True)
class Prices:
    """Dollars a month: 64 processors and 128 GB for $7,700, a processor for as much as 8 GB."""

    processor: float = 96.0
    gigabyte: float = 12.0


# Parts are not filled further than this, so that a burst or a lost pod is borne.
FILLED = 0.6
STREAMS_OF_A_SHARD = 15_000
WEB_PROCESSES_OF_A_PROCESSOR = 1
CONNECTIONS_OF_A_PROCESS = 6
OTHER_CONNECTIONS = 40
RETENTION_DAYS = 30
OPEN_HOURS = 10


@dataclass(frozen=True)
class Needs:
    """What one size needs. Processors are whole ones; memory in GB."""

    requests: float
    changes: float
    messages: float
    edge: int
    shards: int
    shard_processors: float
    web: int
    relay: float
    database: int
    replicas: int
    processors: int
    memory: int
    connections: int
    dollars: int


def project(
    people: int,
    customers: Customers = Customers(),
    costs: Costs = Costs(),
    prices: Prices = Prices(),
) -> Needs:
    """The needs of so many people at once."""
    joins = people / customers.visit * customers.peak
    changes = joins * customers.changes_of_a_ticket
    snapshots = people / customers.asks_queue_every * customers.peak
    tickets = people / customers.asks_ticket_every * customers.peak
    provider_reads = joins * customers.provider_reads
    files = joins * customers.files_of_an_app
    requests = snapshots + tickets + provider_reads + files + changes
    queues = people / customers.people_in_a_queue
    told = changes + queues / customers.waits_told_every
    messages = told * customers.people_in_a_queue + people / customers.heartbeat_every

    edge = _processors(requests * costs.edge_request)
    shards = max(2, ceil(people / STREAMS_OF_A_SHARD) + 1)
    shard_processors = messages * costs.stream_message / 1e6 / FILLED
    # Provider reads are the same for everybody: one a second and queue's provider at the most.
    reads = tickets + min(provider_reads, queues / 10)
    web = _processors(reads * costs.web_read + changes * costs.web_write)
    relay = told * costs.relay_change / 1e6
    database = _processors(changes * costs.database_write)
    replicas = max(1, ceil(reads * costs.database_read / 1e6 / FILLED / 8))
    others = 2  # worker, beat, Valkey
    processors = (
        edge
        + max(1, ceil(shard_processors))
        + web
        + max(1, ceil(relay))
        + database * (1 + replicas)
    ) + others
    memory = (
        people * (costs.stream_bytes + costs.tls_stream_bytes)
        + web * WEB_PROCESSES_OF_A_PROCESSOR * costs.web_process_bytes
        + edge * 512e6
        + _database_bytes(joins, customers.peak, costs) * (1 + replicas)
        + 2e9
    ) / 1e9
    gigabytes = ceil(memory)
    return Needs(
        requests=requests,
        changes=changes,
        messages=messages,
        edge=edge,
        shards=shards,
        shard_processors=shard_processors,
        web=web,
        relay=relay,
        database=database,
        replicas=replicas,
        processors=processors,
        memory=gigabytes,
        connections=web * WEB_PROCESSES_OF_A_PROCESSOR * CONNECTIONS_OF_A_PROCESS
        + OTHER_CONNECTIONS,
        dollars=round(processors * prices.processor + gigabytes * prices.gigabyte),
    )


def _database_bytes(joins: float, peak: float, costs: Costs) -> float:
    """What a server keeps in memory to be quick: a tenth of a month's tickets, 1 GB at least."""
    tickets = joins / peak * 3600 * OPEN_HOURS * RETENTION_DAYS
    return max(1e9, tickets * costs.ticket_bytes / 10)


def _processors(microseconds_a_second: float) -> int:
    return max(1, ceil(microseconds_a_second / 1e6 / FILLED))


def costs_of(report: Mapping[str, Any]) -> Costs:
    """The unit costs that a run of `make bench-scale` found, where it had enough of something."""
    used = {name: part["processors"] * 1e6 for name, part in report["parts"].items()}
    seconds = report["ran"]["seconds"]
    kinds = {name: one["answered"] / seconds for name, one in report["requests"]["kinds"].items()}
    asked = report["requests"]["per_second"]
    told = (report["streams"]["messages"] + report["streams"]["heartbeats"]) / seconds
    shards = sum(spent for name, spent in used.items() if name.startswith("shard"))
    writes = kinds.get("join", 0.0) + kinds.get("call", 0.0)
    # A write costs the web processes about twice what a read does.
    read = used["web"] / (kinds.get("ticket", 0.0) + kinds.get("provider", 0.0) + 2 * writes)
    queues = report["ran"]["queues"]
    retold = queues / Customers().waits_told_every
    return replace(
        Costs(),
        edge_request=used["edge"] / asked,
        stream_message=shards / told,
        web_read=read,
        web_write=2 * read,
        relay_change=used["relay"] / (writes + retold),
        database_write=used["primary"] / (writes + retold),
    )


def tables(costs: Costs) -> str:
    """The assumptions and the four sizes, as docs/scale.md has them."""
    needs = {name: project(people, costs=costs) for name, people in TIERS.items()}
    rows: list[tuple[str, list[str]]] = [
        ("requests a second", [f"{one.requests:,.0f}" for one in needs.values()]),
        ("changes a second", [f"{one.changes:,.1f}" for one in needs.values()]),
        ("stream messages a second", [f"{one.messages:,.0f}" for one in needs.values()]),
        ("processors: edge", [f"{one.edge}" for one in needs.values()]),
        (
            "processors: streams, in shards",
            [f"{one.shard_processors:.1f} in {one.shards}" for one in needs.values()],
        ),
        ("processors: web", [f"{one.web}" for one in needs.values()]),
        ("processors: relay, busy", [f"{one.relay:.2f}" for one in needs.values()]),
        (
            "processors: primary, and each of the replicas",
            [f"{one.database}, {one.replicas} × {one.database}" for one in needs.values()],
        ),
        ("processors in all", [f"{one.processors}" for one in needs.values()]),
        ("memory, GB", [f"{one.memory}" for one in needs.values()]),
        ("connections to the primary", [f"{one.connections}" for one in needs.values()]),
        ("dollars a month", [f"{one.dollars:,}" for one in needs.values()]),
    ]
    assumed = [
        (field.name.replace("_", " "), f"{getattr(thing, field.name):,g}")
        for thing in (Customers(), costs, Prices())
        for field in fields(thing)
    ]
    sizes = _table(("", *TIERS), ((name, *cells) for name, cells in rows))
    return "\n".join([*sizes, "", *_table(("assumed", ""), assumed)])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", type=Path, help="a report of bench-scale to take costs from")
    options = parser.parse_args()
    found = costs_of(json.loads(options.report.read_text())) if options.report else Costs()
    print(tables(found))
