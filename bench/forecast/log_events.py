"""A queue log as the events of its queues, in the order in which they happened."""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from integrations.replay.log import LogRow, Outcome
from queues.forecast import Called, CounterChanged, Event, Finished, Joined, Left

ORDER_KEY = "order_key"

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


@dataclass(frozen=True, slots=True)
class LogEvent:
    """An event, and the row that it comes from."""

    row: LogRow
    event: Event


def log_events(
    rows: Sequence[LogRow],
    head_start: timedelta,
    order_keys: Mapping[int, datetime] | None = None,
    first_number: int = 1,
    *,
    with_counters: bool = False,
) -> Iterator[LogEvent]:
    """The events of ``rows`` in order; tickets and events are numbered from ``first_number``.

    Each step of priority is worth ``head_start`` in line; ``order_keys``, by line of the file, go
    before that. With counters, each server is one, see ``_stretches``.
    """
    known = order_keys or {}
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
        key = known.get(row.line, row.joined_at - row.priority * head_start)
        yield LogEvent(row, _event(phase, sequence, at, number, row, key))


def read_order_keys(path: Path, zone: ZoneInfo) -> dict[int, datetime]:
    """The call order that a log gives in a column of its own, by line; empty if it has none."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if ORDER_KEY not in (reader.fieldnames or ()):
            return {}
        texts = ((reader.line_num, row[ORDER_KEY]) for row in reader)
        return {
            line: datetime.fromisoformat(text).replace(tzinfo=zone) for line, text in texts if text
        }


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


def _event(
    phase: Phase, sequence: int, at: datetime, ticket: int, row: LogRow, key: datetime
) -> Event:
    match phase:
        case Phase.OPEN | Phase.CLOSE:
            return CounterChanged(sequence, at, ticket, is_open=phase == Phase.OPEN)
        case Phase.JOIN:
            return Joined(sequence, at, ticket, key, row.service, row.priority)
        case Phase.CALL | Phase.CALL_AT_ONCE:
            return Called(sequence, at, ticket)
        case Phase.LEAVE | Phase.LEAVE_AT_ONCE:
            return Left(sequence, at, ticket)
        case Phase.FINISH | Phase.FINISH_AT_ONCE:
            return Finished(sequence, at, ticket, served=row.outcome == Outcome.SERVED)
