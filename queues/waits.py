"""From what is stored of a queue's forecast, and its events since, to the waits that are shown.

Relays move the stored state on; whoever builds a snapshot takes in, in memory, what they have not
seen yet. Both come to the same waits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

from queues.forecast import (
    Calendar,
    Called,
    CounterChanged,
    Estimate,
    Event,
    Finished,
    Joined,
    Left,
    Moved,
    QueueForecast,
)
from queues.models import TicketState

CALLS_TO_TELL = 5
"""With fewer calls known, there is no estimate yet."""

UNSEEN_READ = 500
"""Whoever builds a snapshot takes in so many events at most; past that there is no estimate."""

ENDS = {TicketState.COMPLETED, TicketState.NO_SHOW, TicketState.CANCELLED}

Wait = tuple[int, int, int]
"""Whole seconds: in eight of ten cases it is between the first and the last; the middle one."""

# What the estimator asks of an event, for ``event_from``. The place in line is the event's own
# where it says one, else the one that the ticket keeps.
EVENT_ROW = """jsonb_build_array(event.sequence, event.at, event.from_state, event.to_state,
    event.ticket_id, ticket.queue_id = event.queue_id,
    coalesce(event.data -> 'order_key', to_jsonb(ticket.order_key)), ticket.service_id,
    ticket.priority, event.data -> 'counter', event.data -> 'is_open', event.data -> 'serves')"""


@dataclass(frozen=True, slots=True)
class Waits:
    """What a queue says about waits: by ticket, and for who would join now. Empty: nothing yet."""

    by_ticket: Mapping[int, Wait] = field(default_factory=dict)
    newcomer: Wait | None = None


def forecast_from(state: Mapping[str, Any], zone: ZoneInfo) -> QueueForecast | None:
    """The estimator as it was stored, a new one if none was; None if another version stored it."""
    if not state:
        return new_forecast(zone)
    try:
        return QueueForecast.from_dict(state, Calendar(zone))
    except ValueError:
        return None


def new_forecast(zone: ZoneInfo) -> QueueForecast:
    """The estimator of a queue that nothing is known of: its counters are closed."""
    return QueueForecast(Calendar(zone), counters_are_told=True)


def take_in(forecast: QueueForecast, rows: Iterable[Sequence[Any]]) -> list[int]:
    """Takes in events, oldest first; the tickets that came into the line for the first time."""
    joined = []
    for row in rows:
        event = event_from(row)
        if event is not None:
            forecast.update(event)
        before = row[2]
        if isinstance(event, Joined) and not before:
            joined.append(event.ticket)
    return joined


def event_from(row: Sequence[Any]) -> Event | None:
    """An ``EVENT_ROW`` as the estimator knows it; None if waits do not depend on it.

    Goes by the states, not by the event's type: whatever takes a ticket out of the line or puts
    it there is understood.
    """
    sequence, time, before, after, ticket, is_here, key, service, priority, *counter = row
    at = datetime.fromisoformat(time)
    if ticket is None:
        return _counter_event(sequence, at, counter)
    waited, waits = before == TicketState.WAITING, after == TicketState.WAITING and is_here
    if waits and waited:
        return Moved(sequence, at, ticket, datetime.fromisoformat(key))
    if waits:
        name = "" if service is None else str(service)
        return Joined(sequence, at, ticket, datetime.fromisoformat(key), name, priority)
    if waited:
        left = Called if after == TicketState.CALLED else Left
        return left(sequence, at, ticket)
    if after in ENDS:
        return Finished(sequence, at, ticket, served=after == TicketState.COMPLETED)
    return None


def waits_of(forecast: QueueForecast, now: datetime) -> Waits:
    """What the estimator says now."""
    if forecast.calls_known < CALLS_TO_TELL:
        return Waits()
    line, newcomer = forecast.line_and_newcomer(now)
    by_ticket = {each.ticket: _wait(each) for each in line if each.ticket is not None}
    return Waits(by_ticket, newcomer and _wait(newcomer))


def _counter_event(sequence: int, at: datetime, data: Sequence[Any]) -> Event | None:
    counter, is_open, serves = data
    if counter is None:
        return None
    # Events of before they said it are of counters that serve.
    return CounterChanged(sequence, at, counter, is_open=bool(is_open) and serves is not False)


def _wait(estimate: Estimate) -> Wait:
    return floor(estimate.low), round(estimate.middle), ceil(estimate.high)
