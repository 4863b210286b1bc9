"""What this machine can hold, and what is taken back because of it: said, never silent."""

import os
import resource
from dataclasses import dataclass, replace
from math import ceil

import psutil

STREAMS_OF_A_SHARD = 16_500
# Of the files that a process may open, some are no streams.
OTHER_FILES = 300
# Both ends of a stream, in nginx, in the holder and in the kernel, and some to spare.
BYTES_OF_A_STREAM = 60_000
BYTES_OF_THE_REST = 3 * 2**30


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    streams: int
    queues: int
    rate: int
    seconds: int
    shards: int
    holders: int
    loads: int
    connections: int
    web_workers: int


@dataclass(frozen=True)
class Machine:
    """What counts of it."""

    processors: int
    memory_bytes: int
    available_bytes: int
    open_files: int
    load_before: float


def look() -> Machine:
    """The machine now."""
    memory = psutil.virtual_memory()
    return Machine(
        processors=os.cpu_count() or 1,
        memory_bytes=memory.total,
        available_bytes=memory.available,
        open_files=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        load_before=os.getloadavg()[0],
    )


def fit(asked: Sizes, machine: Machine) -> tuple[Sizes, list[str]]:
    """What can be run of what was asked for, and why it is less."""
    reasons = []
    sizes = asked
    room = max(0, machine.available_bytes - BYTES_OF_THE_REST) // BYTES_OF_A_STREAM
    if sizes.streams > room:
        reasons.append(
            f"{room} streams instead of {sizes.streams}: {machine.available_bytes / 2**30:.1f} GiB"
            " of memory are free"
        )
        sizes = replace(sizes, streams=room)
    each = min(STREAMS_OF_A_SHARD, machine.open_files - OTHER_FILES)
    needed = max(1, ceil(sizes.streams / each))
    if needed > sizes.shards > 0:
        reasons.append(
            f"{needed} shards and holders instead of {sizes.shards}: a process may open"
            f" {machine.open_files} files"
        )
    shards, holders = max(needed, sizes.shards), max(needed, sizes.holders)
    sizes = replace(sizes, shards=shards, holders=holders)
    connections = min(sizes.connections, machine.open_files - OTHER_FILES)
    return replace(sizes, connections=connections), reasons
