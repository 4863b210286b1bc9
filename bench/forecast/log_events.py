"""A queue log as the events of its queues, in the order in which they happened."""

import csv
import gzip
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from integrations.replay.log import LogRow, Outcome
from queues.forecast import Booking, Called, CounterChanged, Event, Finished, Joined, Left
from queues.forecast.bookings import COMES_LATE, LOOKED_AHEAD, chance_of, expected_at


@dataclass(frozen=True, slots=True)
class Extra:
    """What a log may say beyond its columns: the call order, group sizes, times that were booked.

    By line of the file; empty where the log does not say it.
    """

    order_keys: Mapping[int, datetime] = field(default_factory=dict)
    people: Mapping[int, int] = field(default_factory=dict)
    booked: Mapping[int, datetime] = field(default_factory=dict)


NOTHING = Extra()

SHOW_RATE = 0.88
"""Of the simulated log's bookings."""

AWAY = timedelta(minutes=20)
"""Whoever calls nobody for longer had closed their counter."""


class Phase(IntEnum):
    """What comes first at one moment: counters get free, then call, then people come."""

    OPEN = -1
    FINISH = 0
    CALL = 1
    LEAVE = 2
    JOIN = 3
    # Of a ticket that joined at that very moment.
    CALL_AT_ONCE = 4
    LEAVE_AT_ONCE = 5
    FINISH_AT_ONCE = 6
    CLOSE = 7


class _Booked(NamedTuple):
    starts_at: datetime
    joined_at: datetime
    early: timedelta


@dataclass(frozen=True, slots=True)
class LogEvent:
    """An event, and the row that it comes from."""

    row: LogRow
    event: Event


def log_events(
    rows: Sequence[LogRow],
    head_start: timedelta,
    extra: Extra = NOTHING,
    first_number: int = 1,
    *,
    with_counters: bool = False,
) -> Iterator[LogEvent]:
    """The events of ``rows`` in order; tickets and events are numbered from ``first_number``.

    Each step of priority is worth ``head_start`` in line; ``extra.order_keys`` go before that. With
    counters, each server is one, see ``_stretches``.
    """
    due = _Due(rows, extra)
    moments = [
        (at, phase, number, row)
        for number, row in enumerate(rows, start=first_number)
        for phase, at in _phases(row)
    ]
    counters: dict[str, int] = {}
    if with_counters:
        for row, opened_at, closed_at in _stretches(rows):
            number = counters.setdefault(row.server, len(counters) + 1)
            moments += [
                (opened_at, Phase.OPEN, number, row),
                (closed_at, Phase.CLOSE, number, row),
            ]
    moments.sort(key=lambda moment: moment[:3])
    for sequence, (at, phase, number, row) in enumerate(moments, start=first_number):
        event = _event(phase, sequence, at, number, row)
        if isinstance(event, Joined):
            key = extra.order_keys.get(row.line, row.joined_at - row.priority * head_start)
            people = extra.people.get(row.line, 1)
            event = replace(event, order_key=key, people=people, bookings=due.at(row))
        yield LogEvent(row, event)


def read_extra(path: Path, zone: ZoneInfo) -> Extra:
    """What a log says in the columns order_key, people and appt_at, if it has them."""
    opener = gzip.open if path.suffix == ".gz" else open
    order_keys, people, booked = {}, {}, {}
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            line = reader.line_num
            if text := row.get("order_key"):
                order_keys[line] = datetime.fromisoformat(text).replace(tzinfo=zone)
            if text := row.get("people"):
                people[line] = int(text)
            if text := row.get("appt_at"):
                booked[line] = datetime.fromisoformat(text).replace(tzinfo=zone)
    return Extra(order_keys, people, booked)


class _Due:
    """The bookings of a log that somebody who joins finds due: of who has not come so far.

    A log has only those who came, so how many do not is not in it: a usual share is taken.
    """

    def __init__(self, rows: Sequence[LogRow], extra: Extra) -> None:
        self._by_queue: dict[str, list[_Booked]] = defaultdict(list)
        for row in rows:
            if row.line in extra.booked:
                starts_at, key = extra.booked[row.line], extra.order_keys.get(row.line)
                # Who comes in time stands so much before the time that was booked.
                early = starts_at - key if key and row.joined_at <= starts_at else timedelta()
                self._by_queue[row.queue].append(_Booked(starts_at, row.joined_at, early))
        for booked in self._by_queue.values():
            booked.sort()

    def at(self, row: LogRow) -> tuple[Booking, ...]:
        """Those of the row's queue, as of its joining."""
        now, booked = row.joined_at, self._by_queue.get(row.queue, ())
        first = bisect_left(booked, (now - COMES_LATE,))
        last = bisect_right(booked, (now + LOOKED_AHEAD,))
        return tuple(
            Booking(
                expected_at(one.starts_at, now),
                one.starts_at - one.early,
                chance_of(SHOW_RATE, one.starts_at, now),
            )
            for one in booked[first:last]
            if one.joined_at > now
        )


def _phases(row: LogRow) -> Iterator[tuple[Phase, datetime]]:
    yield Phase.JOIN, row.joined_at
    if row.called_at is None:
        leaves_at_once = row.finished_at == row.joined_at
        yield Phase.LEAVE_AT_ONCE if leaves_at_once else Phase.LEAVE, row.finished_at
        return
    yield (
        Phase.CALL_AT_ONCE if row.called_at == row.joined_at else Phase.CALL,
        row.called_at,
    )
    yield (
        Phase.FINISH_AT_ONCE if row.finished_at == row.called_at else Phase.FINISH,
        row.finished_at,
    )


def _stretches(rows: Sequence[LogRow]) -> Iterator[tuple[LogRow, datetime, datetime]]:
    """When each server was there: from a call to a service's end that no call follows for long.

    A log has no word of it; it is the least that must have been.
    """
    served = [
        (row.queue, row.server, row.called_at, row)
        for row in rows
        if row.server and row.called_at is not None
    ]
    served.sort(key=lambda each: each[:3])
    for _, group in groupby(served, lambda each: each[:2]):
        (_, _, opened_at, first), *others = group
        closed_at = first.finished_at
        for _, _, called_at, row in others:
            if called_at - closed_at > AWAY:
                yield first, opened_at, closed_at
                opened_at = called_at
            closed_at = max(closed_at, row.finished_at)
        yield first, opened_at, closed_at


def _event(phase: Phase, sequence: int, at: datetime, ticket: int, row: LogRow) -> Event:
    match phase:
        case Phase.OPEN | Phase.CLOSE:
            return CounterChanged(sequence, at, ticket, is_open=phase == Phase.OPEN)
        case Phase.JOIN:
            return Joined(sequence, at, ticket, at, row.service, row.priority)
        case Phase.CALL | Phase.CALL_AT_ONCE:
            return Called(sequence, at, ticket)
        case Phase.LEAVE | Phase.LEAVE_AT_ONCE:
            return Left(sequence, at, ticket)
        case Phase.FINISH | Phase.FINISH_AT_ONCE:
            return Finished(sequence, at, ticket, served=row.outcome == Outcome.SERVED)
