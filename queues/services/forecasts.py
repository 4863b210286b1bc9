"""Moving the stored estimators on, as queues go on. For relays: in no provider's scope.

Each function runs in the caller's transaction. A queue's estimator is locked by its own row,
never together with the queue, so no call or join waits for it.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from events.parts import PARTS
from queues.forecast import QueueForecast
from queues.waits import (
    EVENT_ROW,
    TICKET_OF_EVENT,
    Outcome,
    TakenIn,
    Wait,
    forecast_from,
    new_forecast,
    take_in,
)

EVENTS_AT_ONCE = 2000
"""So many events are taken in at a time, of all queues together; the others are due at once."""

SAVED_AFTER = 100
"""A state is written again once it lacks so many events; until then they are read again."""

STATES_AT_HAND = 1000
"""Of so many queues a relay remembers the estimator itself, so that it need not read it again."""

TOLD_AGAIN_AFTER_SECONDS = 20
"""While somebody waits, what was told is told anew, since time went by."""

QUEUES_AT_ONCE = 25

# Without the state where it is at hand, as of the same event.
LOCK_STATES = """
SELECT saved.queue_id, saved.sequence, saved.seen, location.time_zone,
    CASE WHEN saved.seen IS DISTINCT FROM at_hand.seen
        OR location.time_zone <> at_hand.time_zone THEN saved.state END
FROM queues_savedforecast AS saved
JOIN queues_queue AS queue ON queue.id = saved.queue_id
JOIN providers_location AS location ON location.id = queue.location_id
LEFT JOIN unnest(%s::bigint[], %s::bigint[], %s::text[]) AS at_hand (queue_id, seen, time_zone)
    ON at_hand.queue_id = saved.queue_id
WHERE saved.queue_id = ANY(%s) ORDER BY saved.queue_id FOR UPDATE OF saved
"""
BEGIN_STATES = """
INSERT INTO queues_savedforecast (queue_id, provider_id, sequence, seen, state)
SELECT id, provider_id, 0, 0, '{}' FROM queues_queue WHERE id = ANY(%s) ORDER BY id
ON CONFLICT DO NOTHING
"""
# A queue's numbers have no gaps and are committed in order, so what is read has no holes.
READ_UNSEEN = f"""
SELECT seen.queue_id, unseen.row::text
FROM unnest(%s::bigint[], %s::bigint[]) AS seen (queue_id, sequence), LATERAL (
    SELECT event.sequence, {EVENT_ROW} AS row
    FROM queues_ticketevent AS event
    JOIN queues_queue AS queue ON queue.id = event.queue_id
    JOIN queues_savedforecast AS saved ON saved.queue_id = event.queue_id
    {TICKET_OF_EVENT}
    WHERE event.queue_id = seen.queue_id AND event.sequence > seen.sequence
    ORDER BY event.sequence LIMIT %s
) AS unseen
ORDER BY seen.queue_id, unseen.sequence LIMIT %s
"""  # noqa: S608 (put together from constants)
# A state that is not written anew stays where it lies, outside of the row.
SAVE_STATES = """
UPDATE queues_savedforecast AS saved SET seen = new.seen,
    sequence = CASE WHEN new.state IS NULL THEN saved.sequence ELSE new.sequence END,
    state = coalesce(new.state, saved.state), due_at = now() + new.seconds * interval '1 second'
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::jsonb[], %s::float[])
    AS new (queue_id, seen, sequence, state, seconds)
WHERE saved.queue_id = new.queue_id
"""
DUE_QUEUES = f"""
SELECT queue_id FROM queues_savedforecast WHERE due_at <= now() AND queue_id %% {PARTS} = ANY(%s)
ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
"""  # noqa: S608 (put together from a constant)
NOT_DUE = """
UPDATE queues_savedforecast SET due_at = NULL WHERE queue_id = ANY(%s) AND due_at > now()
"""
# That they are among these is said twice: of arrays that are put side by side PostgreSQL expects so
# many rows that it would rather read a whole table.
ADD_QUOTES = """
INSERT INTO queues_quote (ticket_id, provider_id, low, middle, high, at)
SELECT ticket.id, ticket.provider_id, new.low, new.middle, new.high, %s
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[]) AS new (ticket_id, low, middle, high)
JOIN queues_ticket AS ticket ON ticket.id = new.ticket_id
WHERE ticket.id = ANY(%s)
ON CONFLICT DO NOTHING
"""
# A ticket that was transferred has queues of two relays: each locks in the order of tickets.
END_QUOTES = """
WITH ended AS (
    SELECT quote.ticket_id, new.outcome, new.at
    FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::boolean[])
        AS new (ticket_id, outcome, at, replaces)
    JOIN queues_quote AS quote ON quote.ticket_id = new.ticket_id
    WHERE quote.ticket_id = ANY(%s) AND (quote.outcome = '' OR new.replaces)
    ORDER BY quote.ticket_id FOR NO KEY UPDATE OF quote
)
UPDATE queues_quote AS quote SET outcome = ended.outcome, ended_at = ended.at
FROM ended WHERE quote.ticket_id = ended.ticket_id
"""


@dataclass(slots=True)
class _Moved:
    """A queue's estimator, locked: as of ``sequence``, while its stored state is as of ``saved``.

    ``seen`` is the last event that was looked at, now or ever before.
    """

    forecast: QueueForecast
    time_zone: str
    saved: int
    seen: int
    sequence: int
    taken: TakenIn = field(default_factory=TakenIn)

    def take_in(self, rows: Sequence[Sequence[Any]]) -> None:
        """Takes in what is past the state; what was seen before is not told of again."""
        told_of = sum(row[0] <= self.seen for row in rows)
        take_in(self.forecast, rows[:told_of])
        self.taken = take_in(self.forecast, rows[told_of:])
        self.sequence = rows[-1][0]
        self.seen = max(self.seen, self.sequence)


class _Known(NamedTuple):
    """An estimator as of the event that it has ``seen``, on the clock of its location."""

    seen: int
    time_zone: str
    forecast: QueueForecast


class _AtHand(threading.local):
    """The estimators that this relay moved on last.

    What is stored decides: where another relay went on, or the pass that an estimator is of was
    undone, its row has seen another event, and what is at hand is of no use. Nor is it where the
    location has another time zone by now.
    """

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}

    def of(self, queue_ids: Collection[int]) -> dict[int, _Known]:
        """Those of these queues."""
        return {pk: self._known[pk] for pk in queue_ids if pk in self._known}

    def keep(self, moved: Mapping[int, _Moved]) -> None:
        """Remembers these, and forgets the oldest."""
        for queue_id, one in moved.items():
            self._known.pop(queue_id, None)
            if one.sequence == one.seen:
                self._known[queue_id] = _Known(one.seen, one.time_zone, one.forecast)
        for queue_id in list(self._known)[: max(0, len(self._known) - STATES_AT_HAND)]:
            del self._known[queue_id]


_at_hand = _AtHand()


@dataclass(frozen=True, slots=True)
class Updated:
    """A queue's estimator as of an event, and the tickets that joined since the last time."""

    forecast: QueueForecast
    sequence: int
    joined: Sequence[int]


def forecasts_update(queue_ids: Collection[int]) -> dict[int, Updated]:
    """Takes in what happened in these queues since.

    Locks their states, in the order of their ids, and keeps what came of quotes. Taking in the
    same events twice changes nothing. A state is written now and then only; what it lacks are
    events, which are read again, so whoever is killed loses nothing. Reads 2,000 events at most: a
    queue with more behind it is due again at once.
    """
    moved = _lock_states(queue_ids)
    unseen = _unseen({queue_id: one.sequence for queue_id, one in moved.items()})
    for queue_id, rows in unseen.items():
        moved[queue_id].take_in(rows)
    is_cut = sum(map(len, unseen.values())) == EVENTS_AT_ONCE
    _save(moved, is_cut=is_cut)
    _at_hand.keep(moved)
    _end_quotes(
        {pk: outcome for one in moved.values() for pk, outcome in one.taken.outcomes.items()}
    )
    return {
        queue_id: Updated(one.forecast, one.sequence, one.taken.joined)
        for queue_id, one in moved.items()
    }


def due_queues(parts: Collection[int]) -> list[int]:
    """Queues of these parts whose snapshot is to be told again, a few at a time.

    Locks their states; what another relay has locked is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE_QUEUES, [list(parts), QUEUES_AT_ONCE])
        return [queue_id for (queue_id,) in cursor.fetchall()]


def forecasts_rest(queue_ids: Collection[int]) -> None:
    """Nothing is to be told of these queues until they change, but of what is due at once."""
    with connection.cursor() as cursor:
        cursor.execute(NOT_DUE, [list(queue_ids)])


def quotes_record(waits: Mapping[int, Wait], *, at: str) -> None:
    """Keeps what tickets were told first; ``waits`` by ticket, ``at`` ISO 8601."""
    if not waits:
        return
    lows, middles, highs = zip(*waits.values(), strict=True)
    columns = [list(column) for column in (waits, lows, middles, highs)]
    with connection.cursor() as cursor:
        cursor.execute(ADD_QUOTES, [at, *columns, list(waits)])


def _end_quotes(outcomes: Mapping[int, Outcome]) -> None:
    if not outcomes:
        return
    ends = outcomes.values()
    columns: list[Any] = [
        list(outcomes),
        [end.kind.value for end in ends],
        [end.at for end in ends],
        [end.replaces for end in ends],
    ]
    with connection.cursor() as cursor:
        cursor.execute(END_QUOTES, [*columns, list(outcomes)])


def _lock_states(queue_ids: Collection[int]) -> dict[int, _Moved]:
    known = _at_hand.of(queue_ids)
    rows = _locked(queue_ids, known)
    if len(rows) < len(queue_ids):
        with connection.cursor() as cursor:
            cursor.execute(BEGIN_STATES, [list(queue_ids)])
        rows = _locked(queue_ids, known)
    return {
        queue_id: _restored(saved, seen, state, time_zone)
        if state is not None
        else _Moved(known[queue_id].forecast, time_zone, saved, seen, seen)
        for queue_id, saved, seen, time_zone, state in rows
    }


def _locked(queue_ids: Collection[int], known: Mapping[int, _Known]) -> list[Any]:
    at_hand = [list(known), [one.seen for one in known.values()]]
    zones = [one.time_zone for one in known.values()]
    with connection.cursor() as cursor:
        cursor.execute(LOCK_STATES, [*at_hand, zones, list(queue_ids)])
        rows: list[Any] = cursor.fetchall()
        return rows


def _restored(sequence: int, seen: int, state: str, time_zone: str) -> _Moved:
    zone = ZoneInfo(time_zone)
    forecast = forecast_from(json.loads(state), zone)
    # Whoever knows nothing of it writes the state each time.
    seen = max(seen, sequence)
    if forecast is not None:
        return _Moved(forecast, time_zone, sequence, seen, sequence)
    # Another version stored it: all events are taken in anew.
    return _Moved(new_forecast(zone), time_zone, 0, seen, 0)


def _unseen(seen: Mapping[int, int]) -> dict[int, list[Any]]:
    """The next events of each queue, past the given sequence numbers."""
    limits = [EVENTS_AT_ONCE, EVENTS_AT_ONCE]
    with connection.cursor() as cursor:
        cursor.execute(READ_UNSEEN, [list(seen), list(seen.values()), *limits])
        rows = cursor.fetchall()
    return {
        queue_id: [json.loads(text) for _, text in group]
        for queue_id, group in groupby(rows, itemgetter(0))
    }


def _save(moved: Mapping[int, _Moved], *, is_cut: bool) -> None:
    if not moved:
        return
    columns: dict[str, list[Any]] = defaultdict(list)
    for queue_id, one in moved.items():
        is_due = is_cut or one.sequence - one.saved >= SAVED_AFTER
        columns["queue"].append(queue_id)
        columns["seen"].append(one.seen)
        columns["sequence"].append(one.sequence)
        columns["state"].append(json.dumps(one.forecast.to_dict()) if is_due else None)
        columns["due"].append(_due_seconds(one, is_cut=is_cut))
    with connection.cursor() as cursor:
        cursor.execute(SAVE_STATES, list(columns.values()))


def _due_seconds(one: _Moved, *, is_cut: bool) -> float | None:
    """When it is to be told again; at once if there may be more that it has not seen."""
    if is_cut:
        return 0
    return TOLD_AGAIN_AFTER_SECONDS if one.forecast.waiting else None
