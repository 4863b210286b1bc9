"""What if counters opened or closed? The line is played through, with and without.

A counter takes on average as long from call to call as the line's own rate says: as many counters
as are open make that rate. How long it takes each time is exponential about that, in proportion to
the service, and so is patience: that needs no knowledge of what went before, and it is what the
queue-length estimators assume (Ibrahim & Whitt 2009). Both lines see the same services and the same
patience, so what differs is the counters' doing (common random numbers).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from random import Random

from queues.forecast.bookings import Coming
from queues.forecast.estimate import Estimate
from queues.forecast.fluid import Outlook
from queues.forecast.ratios import LEVELS

STEPS = 20_000
"""About so many calls are played in all: a tenth of a second."""

FEWEST_RUNS, MOST_RUNS = 40, 400

SHORTEST = 1.0
"""Shorter waits, in seconds, are not compared: a part of nothing says nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """So many counters more, or fewer if below 0, from ``start`` until ``end`` in seconds from now.

    Without an end it stays so. Who is being served is served: a counter closes after that.
    """

    counters: int
    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an estimator knows of the time to come: who has to be called, by how many counters.

    ``weights`` are how long each one in line takes, 1 being usual; ``estimates`` what they are
    told, and last of all what who would join now is told. ``coming`` are the bookings that may go
    before some of them, by place.
    """

    outlook: Outlook
    counters: int
    weights: Sequence[float]
    estimates: Sequence[Estimate]
    coming: Sequence[Coming] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """What somebody is told now, and would be told then; None if nobody would call them."""

    now: Estimate
    then: Estimate | None


def what_if(prospect: Prospect, change: Change, *, seed: int = 0) -> list[Compared]:
    """Everybody in line, and last who would join now, without and with a change.

    The same seed gives the same answer.
    """
    without = _waits(prospect, None, seed)
    then = _waits(prospect, change, seed)
    return [
        Compared(now, _scaled(now, before, after, change.counters))
        for now, before, after in zip(prospect.estimates, without, then, strict=True)
    ]


def play(prospect: Prospect, change: Change | None, random: Random) -> list[float | None]:
    """Seconds to each call in one possible future; None for who is not called.

    A place in line that is given up takes no counter, but its time is what it would have been.
    """
    outlook, counters = prospect.outlook, prospect.counters
    usual = outlook.start
    free = [
        usual + random.expovariate(1) * counters / outlook.calls_per_second(usual)
        for _ in range(counters)
    ]
    closings: list[float] = []
    if change is not None:
        ends = (change.start, change.end)
        opens, closes = ends if change.counters > 0 else reversed(ends)
        free += _times(opens, change)
        closings = _times(closes, change)
    heapify(free)
    booked = deque(
        (one.place, one.seconds, random.expovariate(1))
        for one in prospect.coming
        if random.random() < one.chance
    )
    there: list[tuple[float, float]] = []
    waits: list[float | None] = []
    for place, weight in enumerate((*prospect.weights, 1.0)):
        service, patience = random.expovariate(1) * weight, random.expovariate(outlook.abandonment)
        at = _next_free(free, closings)
        while booked and booked[0][0] <= place:
            heappush(there, booked.popleft()[1:])
        while at is not None and there and there[0][0] <= at:
            _, its_service = heappop(there)
            heappush(free, at + its_service * counters / outlook.calls_per_second(at))
            at = _next_free(free, closings)
        waits.append(at)
        if at is None:
            continue
        if patience < at:
            heappush(free, at)
        else:
            heappush(free, at + service * counters / outlook.calls_per_second(at))
    return waits


def _times(at: float | None, change: Change) -> list[float]:
    return [] if at is None else [at] * abs(change.counters)


def _next_free(free: list[float], closings: list[float]) -> float | None:
    """Takes the counter that is free first; those that are to close do so when they are free."""
    while free:
        at = heappop(free)
        if not closings or at < closings[-1]:
            return at
        closings.pop()
    return None


def _waits(prospect: Prospect, change: Change | None, seed: int) -> list[list[float] | None]:
    """Of each place the waits of all futures, sorted; None if in some nobody calls it."""
    places = len(prospect.weights) + 1
    runs = min(max(STEPS // (places + prospect.counters), FEWEST_RUNS), MOST_RUNS)
    # A future has its own random numbers, so that the change does not shift those of the next.
    futures = [
        play(prospect, change, Random(f"{seed}/{run}"))  # noqa: S311 (chance, no secret)
        for run in range(runs)
    ]
    by_place = (list(waits) for waits in zip(*futures, strict=True))
    return [_sorted(waits) for waits in by_place]


def _sorted(waits: list[float | None]) -> list[float] | None:
    known = [wait for wait in waits if wait is not None]
    return sorted(known) if len(known) == len(waits) else None


def _scaled(
    now: Estimate, before: list[float] | None, after: list[float] | None, counters: int
) -> Estimate | None:
    """What is told now, times by how much each quantile of the played waits moves."""
    if before is None or after is None:
        return None
    low, middle, high = (_factor(before, after, level, counters) for level in LEVELS)
    ends = sorted((now.low * low, now.middle * middle, now.high * high))
    return now._replace(raw=now.raw * middle, low=ends[0], middle=ends[1], high=ends[2])


def _factor(before: list[float], after: list[float], level: float, counters: int) -> float:
    place = int(level * len(before))
    factor = max(after[place], 0.0) / max(before[place], SHORTEST)
    # More counters make nobody wait longer, whatever chance says, nor do fewer help.
    return min(factor, 1.0) if counters > 0 else max(factor, 1.0)
