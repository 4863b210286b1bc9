"""Which times are free: a pure function over stretches of time.

Times are whole seconds since 1970 in UTC, stretches half-open (start, end). What the walls of a
place show comes in only as the offset from UTC, of which the grid of starting times is made.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

FOREVER = 1 << 40
HOUR = 3600


class Stretch(NamedTuple):
    """From the first second to just before the second one."""

    start: int
    end: int


class Busy(NamedTuple):
    """A seat of a resource that is taken, buffers included."""

    start: int
    end: int
    seat: int = 1
    session: str = ""


NEVER = Busy(FOREVER, FOREVER)


class Offset(NamedTuple):
    """From when on the wall is so many seconds ahead of UTC."""

    since: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Demand:
    """What a booking takes: its length, buffers and step in seconds.

    ``class_size`` is how many customers share a session; ``class_of`` names the sessions of the
    service, and is empty where customers come one by one.
    """

    length: int
    before: int
    after: int
    step: int
    class_of: str = ""
    class_size: int = 1

    def session_at(self, start: int) -> str:
        """What the session that starts then is called; empty where there is none."""
        return f"{self.class_of}@{start}" if self.class_of else ""

    def busy_at(self, start: int) -> Stretch:
        """What a booking at ``start`` occupies."""
        return Stretch(start - self.before, start + self.length + self.after)


@dataclass(frozen=True, slots=True)
class Supply:
    """A resource: when it works, in order and apart, and when it is taken, by start."""

    id: int
    open: Sequence[Stretch]
    busy: Sequence[Busy] = field(default=())
    capacity: int = 1


# A time that can be booked, and the ids of who is free then, of all kinds that are needed. It is
# plain, as there are thousands in a search.
Slot = tuple[int, list[int]]


def offsets_between(zone: ZoneInfo, first: int, last: int) -> list[Offset]:
    """The offsets of a zone from ``first`` to ``last``; the first counts from ``first``.

    Changes are found hour by hour and then by halving: zones change at most once in an hour.
    """
    found = [Offset(first, _offset(zone, first))]
    step = 24 * HOUR
    for start, end in pairwise([*range(first, last, step), last]):
        # A day may hold a change and its reverse nowhere on earth.
        if _offset(zone, end) != found[-1].seconds:
            found.append(_change(zone, start, end))
    return found


def _offset(zone: ZoneInfo, at: int) -> int:
    there = datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset() or timedelta()
    return int(there.total_seconds())


def _change(zone: ZoneInfo, low: int, high: int) -> Offset:
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return Offset(high, _offset(zone, high))


def on_grid(start: int, step: int, offsets: Sequence[Offset]) -> bool:
    """Whether the wall shows a whole number of steps since midnight; a step divides a day."""
    place = bisect_right(offsets, (start, FOREVER)) - 1
    return (start + offsets[max(place, 0)].seconds) % step == 0


def free_starts(
    supply: Supply, demand: Demand, within: Stretch, offsets: Sequence[Offset]
) -> dict[int, int]:
    """The times at which a booking can start, each with the first seat that is free then.

    ``within`` bounds the starts. A booking must lie in the open hours as a whole; its buffers need
    not, but keep away from what is taken.
    """
    if demand.class_of:
        return dict(_class_starts(supply, demand, within, offsets))
    if supply.capacity == 1:
        return dict.fromkeys(_seat_starts(supply.open, supply.busy, demand, within, offsets), 1)
    found: dict[int, int] = {}
    # A class has the resource to itself: its rows are in the way at every seat.
    for seat in range(supply.capacity, 0, -1):
        busy = [taken for taken in supply.busy if taken.seat == seat or taken.session]
        for start in _seat_starts(supply.open, busy, demand, within, offsets):
            found[start] = seat
    return found


def _seat_starts(
    opened: Iterable[Stretch],
    busy: Sequence[Busy],
    demand: Demand,
    within: Stretch,
    offsets: Sequence[Offset],
) -> list[int]:
    if len(offsets) == 1:
        return _starts_on_one_wall(opened, busy, demand, within, offsets[0].seconds)
    found: list[int] = []
    for low, high in _spans(opened, busy, demand, within):
        for starts in _grid(low, high, demand.step, offsets):
            found.extend(starts)
    return found


def _starts_on_one_wall(
    opened: Iterable[Stretch],
    busy: Sequence[Busy],
    demand: Demand,
    within: Stretch,
    ahead: int,
) -> list[int]:
    """As most searches are: no change of clocks is near. ``_spans`` and ``_grid`` in one.

    Ten thousand bookings pass here in a search, so it asks for each of them as little as it can.
    """
    found: list[int] = []
    length, before, step = demand.length, demand.before, demand.step
    needs = length + demand.after
    # The first and the last start of each stretch, if nothing were taken.
    bounds = iter(
        (low + -(low + ahead) % step, min(end - length, within.end - 1))
        for start, end in opened
        for low in (max(start, within.start),)
    )
    low, last = 0, -1
    for taken_at, free_at, _, _ in (*busy, NEVER):
        latest = taken_at - needs
        while latest >= last:
            # What else is taken comes after this stretch.
            found += range(low, last + 1, step)
            following = next(bounds, None)
            if following is None:
                return found
            low, last = max(low, following[0]), following[1]
        if low <= latest:
            found += range(low, latest + 1, step)
        after = free_at + before
        if after > low:
            low = after + -(after + ahead) % step
    return found


def _spans(
    opened: Iterable[Stretch], busy: Sequence[Busy], demand: Demand, within: Stretch
) -> Iterator[tuple[int, int]]:
    """The first and the last second of each stretch in which a booking could start."""
    place, count = 0, len(busy)
    length, before, after = demand.length, demand.before, demand.after
    for start, end in opened:
        low, last = max(start, within.start), min(end - length, within.end - 1)
        # What ends before the first booking's buffer is in nobody's way any more.
        while place < count and busy[place][1] <= low - before:
            place += 1
        ahead = place
        while low <= last:
            if ahead == count:
                yield low, last
                break
            taken = busy[ahead]
            high = min(last, taken[0] - after - length)
            if low <= high:
                yield low, high
            low = max(low, taken[1] + before)
            ahead += 1


def _grid(low: int, high: int, step: int, offsets: Sequence[Offset]) -> Iterator[range]:
    """The times on the grid from ``low`` to ``high``, both included."""
    place = max(bisect_right(offsets, (low, FOREVER)) - 1, 0)
    while low <= high:
        ends = offsets[place + 1].since - 1 if place + 1 < len(offsets) else high
        first = low + -(low + offsets[place].seconds) % step
        yield range(first, min(high, ends) + 1, step)
        low = ends + 1
        place += 1


def _class_starts(
    supply: Supply, demand: Demand, within: Stretch, offsets: Sequence[Offset]
) -> Iterator[tuple[int, int]]:
    """Times at which nothing but a session of that very time is in the way, and has room."""
    size = min(demand.class_size, supply.capacity) if supply.capacity > 1 else demand.class_size
    sessions: dict[str, set[int]] = defaultdict(set)
    for taken in supply.busy:
        sessions[taken.session].add(taken.seat)
    for start in _seat_starts(supply.open, (), demand, within, offsets):
        session = demand.session_at(start)
        low, high = demand.busy_at(start)
        if any(
            taken.start < high and taken.end > low and taken.session != session
            for taken in supply.busy
        ):
            continue
        seat = next((n for n in range(1, size + 1) if n not in sessions[session]), None)
        if seat is not None:
            yield start, seat


def find_slots(
    demand: Demand,
    groups: Sequence[Sequence[Supply]],
    within: Stretch,
    offsets: Sequence[Offset],
) -> list[Slot]:
    """All times that can be booked, in order; of each group one resource must be free.

    ``groups`` are the resources of each kind that is needed, ``within`` bounds the starts.
    """
    if not groups:
        return []
    first, *others = (_by_start(group, demand, within, offsets) for group in groups)
    for free in others:
        first = {start: ids + free[start] for start, ids in first.items() if start in free}
    return sorted(first.items())


def _by_start(
    group: Iterable[Supply], demand: Demand, within: Stretch, offsets: Sequence[Offset]
) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for supply in group:
        if supply.capacity == 1 and not demand.class_of:
            # Most are, and their seats need not be told apart.
            starts: Iterable[int] = _seat_starts(supply.open, supply.busy, demand, within, offsets)
        else:
            starts = free_starts(supply, demand, within, offsets)
        for start in starts:
            found[start].append(supply.id)
    return found


def union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time in stretches that are in order and do not touch."""
    merged: list[Stretch] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1].end:
            if end > merged[-1].end:
                merged[-1] = Stretch(merged[-1].start, end)
        elif start < end:
            merged.append(Stretch(start, end))
    return merged


def intersection(some: Sequence[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    """The time that is in both; each in order and apart."""
    found, place = [], 0
    for start, end in some:
        while place < len(others) and others[place].end <= start:
            place += 1
        ahead = place
        while ahead < len(others) and others[ahead].start < end:
            found.append(Stretch(max(start, others[ahead].start), min(end, others[ahead].end)))
            ahead += 1
    return found


def difference(some: Sequence[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    """The time of the first that is not in the second; each in order and apart."""
    found, place = [], 0
    for start, end in some:
        while place < len(others) and others[place].end <= start:
            place += 1
        low, ahead = start, place
        while ahead < len(others) and others[ahead].start < end:
            if low < others[ahead].start:
                found.append(Stretch(low, others[ahead].start))
            low = others[ahead].end
            ahead += 1
        if low < end:
            found.append(Stretch(low, end))
    return found
