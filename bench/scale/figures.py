"""What was measured, added up."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.scale.holder import Heard
from bench.scale.load import KINDS, Done

PERCENTILES = (50, 90, 95, 99, 99.9)


def spread(seconds: Iterable[float]) -> dict[str, float]:
    """Percentiles in milliseconds."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    found = {f"p{p:g}": _at(ordered, p) for p in PERCENTILES}
    return {name: round(value * 1000, 2) for name, value in (found | {"max": ordered[-1]}).items()}


def _at(ordered: Sequence[float], percent: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def requests(done: Sequence[Done], seconds: float) -> dict[str, Any]:
    """Of all requests and of each kind: how many, how long from when they were due, what failed."""
    took: dict[str, list[float]] = defaultdict(list)
    for one in done:
        for kind, time in zip(one.kind, one.took, strict=True):
            took[KINDS[kind]].append(time)
    errors: dict[str, int] = defaultdict(int)
    for one in done:
        for what, count in one.errors.items():
            errors[what] += count
    everything = [time for times in took.values() for time in times]
    return {
        "answered": len(everything),
        "per_second": round(len(everything) / seconds, 1),
        "milliseconds": spread(everything),
        "kinds": {
            kind: {"answered": len(took[kind]), "milliseconds": spread(took[kind])}
            for kind in KINDS
            if took[kind]
        },
        "errors": dict(errors),
        "conflicts": sum(one.conflicts for one in done),
    }


def by_second(done: Sequence[Done]) -> list[dict[str, float]]:
    """The percentiles of each second's requests."""
    seconds: dict[int, list[float]] = defaultdict(list)
    for one in done:
        for due, took in zip(one.due, one.took, strict=True):
            seconds[int(due)].append(took)
    return [
        {"second": second, "count": len(times), **spread(times)}
        for second, times in sorted(seconds.items())
    ]


def streams(heard: Sequence[Heard]) -> dict[str, Any]:
    """What streams were told, and whether all of them were told everything."""
    return {
        "open": sum(one.opened for one in heard),
        "refused": sum(one.refused for one in heard),
        "dropped": sum(one.dropped for one in heard),
        "messages": sum(one.messages for one in heard),
        "heartbeats": sum(one.heartbeats for one in heard),
        "missed": sum(one.missed for one in heard),
        "behind_at_the_end": sum(one.behind for one in heard),
    }


def call_to_screen(done: Sequence[Done], heard: Sequence[Heard]) -> dict[str, Any]:
    """From when a "call next" was due until each stream of its queue showed the number."""
    due: Mapping[tuple[int, int], float] = {
        (queue, number): at for one in done for queue, number, at in one.calls
    }
    seen: set[tuple[int, int]] = set()
    took = []
    for one in heard:
        for queue, number, at in zip(
            one.called_queue, one.called_number, one.called_at, strict=True
        ):
            if (queue, number) in due:
                seen.add((queue, number))
                took.append(at - due[queue, number])
    return {"calls": len(due), "calls_seen": len(seen), "screens": len(took), **spread(took)}


def histogram(done: Sequence[Done], edges: Sequence[float]) -> list[int]:
    """How many requests took at most each of the edges (seconds), and longer than the last."""
    counts = [0] * (len(edges) + 1)
    for one in done:
        for took in one.took:
            counts[bisect_left(edges, took)] += 1
    return counts
