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

from queues.bookings import DUE_AT_EVENT, bookings_from
from queues.forecast import (
    Booking,
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
from queues.models import QuoteOutcome, TicketState
from queues.models.ticket import AT_COUNTER

CALLS_TO_TELL = 5
"""With fewer calls known, there is no estimate yet."""

UNSEEN_READ = 500
"""Whoever builds a snapshot takes in so many events at most; past that there is no estimate."""

ENDS = {
    TicketState.COMPLETED,
    TicketState.NO_SHOW,
    TicketState.CANCELLED,
    TicketState.EXPIRED,
}

# Without a counter, and not gone.
LATER = {TicketState.WAITING, TicketState.DEFERRED}

# From these a ticket comes back only because its call, or its leaving, was a mistake.
MISTAKEN = {TicketState.CALLED, TicketState.CANCELLED, TicketState.EXPIRED}

Wait = tuple[int, int, int]
"""Whole seconds: in eight of ten cases it is between the first and the last; the middle one."""

# What the estimator asks of an event, for ``event_from``. The place in line is the event's own
# where it says one, else the one that the ticket keeps. A transfer, or its undoing, is told in both
# queues in the same words: where the ticket came to, the event says so.
EVENT_ROW = f"""jsonb_build_array(event.sequence, event.at, event.from_state, event.to_state,
    event.ticket_id, ticket.queue_id = event.queue_id,
    coalesce(event.data -> 'to_queue', event.data -> 'restores' -> 'queue_id')
        = to_jsonb(event.queue_id),
    coalesce(event.data -> 'order_key', to_jsonb(ticket.order_key)), ticket.service_id,
    ticket.priority, ticket.people,
    CASE WHEN event.to_state = 'waiting' THEN {DUE_AT_EVENT} ELSE '[]' END,
    event.data -> 'counter', event.data -> 'is_open', event.data -> 'serves')"""


# Looked up one by one: PostgreSQL takes the few events that are new for a third of all that there
# are, and would read all tickets for them.
TICKET_OF_EVENT = """LEFT JOIN LATERAL (
    SELECT * FROM queues_ticket WHERE id = event.ticket_id LIMIT 1
) AS ticket ON true"""


@dataclass(frozen=True, slots=True)
class Waits:
    """What a queue says about waits: by ticket, and for who would join now. Empty: nothing yet."""

    by_ticket: Mapping[int, Wait] = field(default_factory=dict)
    newcomer: Wait | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a quote, and when (ISO 8601).

    ``OPEN`` if what came of it was a mistake, and it waits on. ``replaces`` says that whatever was
    kept before was such a mistake; else what came first stays.
    """

    kind: QuoteOutcome
    at: str | None
    replaces: bool = False


@dataclass(slots=True)
class TakenIn:
    """Of the events that were taken in: who came into the line first, what came of whose wait."""

    joined: list[int] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def note(self, event: Event | None, row: Sequence[Any]) -> None:
        """Takes note of an event and its ``EVENT_ROW``."""
        if isinstance(event, Joined):
            if not row[2]:
                self.joined.append(event.ticket)
            elif row[2] in MISTAKEN:
                self.outcomes[event.ticket] = Outcome(QuoteOutcome.OPEN, None, replaces=True)
        elif isinstance(event, Called | Left | Moved):
            before = self.outcomes.get(event.ticket)
            if before is None or before.kind == QuoteOutcome.OPEN:
                self.outcomes[event.ticket] = Outcome(
                    _kind(event, row[3]), row[1], before is not None
                )


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


def take_in(forecast: QueueForecast, rows: Iterable[Sequence[Any]]) -> TakenIn:
    """Takes in events, oldest first, and says what is to be kept of them."""
    taken = TakenIn()
    for row in rows:
        event = event_from(row)
        if event is not None:
            forecast.update(event)
        taken.note(event, row)
    return taken


def event_from(row: Sequence[Any]) -> Event | None:
    """An ``EVENT_ROW`` as the estimator knows it; None if waits do not depend on it.

    Goes by the states, not by the event's type: whatever takes a ticket out of the line or puts
    it there is understood.
    """
    sequence, time, before, after, ticket, is_here, came, key, service, priority, *others = row
    people, due, *counter = others
    at = datetime.fromisoformat(time)
    if ticket is None:
        return _counter_event(sequence, at, counter)
    waited = before == TicketState.WAITING and not came
    if after == TicketState.WAITING and is_here:
        place = datetime.fromisoformat(key)
        if waited:
            return Moved(sequence, at, ticket, place)
        name = "" if service is None else str(service)
        bookings = bookings_from(due, at)
        return Joined(sequence, at, ticket, place, name, priority, people, bookings)
    if waited:
        return _out_of_line(sequence, at, ticket, after)
    # A transfer frees the counter, too, and so does who asks for more time.
    if after in ENDS or (before in AT_COUNTER and after in LATER):
        return Finished(sequence, at, ticket, served=after == TicketState.COMPLETED)
    return None


def waits_of(
    forecast: QueueForecast,
    now: datetime,
    opens_in: float | None = None,
    bookings: Sequence[Booking] = (),
) -> Waits:
    """What the estimator says now; of a closed queue, if it opens in so many seconds."""
    if forecast.calls_known < CALLS_TO_TELL:
        return Waits()
    line, newcomer = forecast.line_and_newcomer(now, opens_in=opens_in, bookings=bookings)
    by_ticket = {each.ticket: wait_of(each) for each in line if each.ticket is not None}
    return Waits(by_ticket, newcomer and wait_of(newcomer))


def _out_of_line(sequence: int, at: datetime, ticket: int, after: str) -> Event:
    if after == TicketState.CALLED:
        return Called(sequence, at, ticket)
    # Who waits elsewhere now, comes back, or was not served before closing did not give up.
    return Left(sequence, at, ticket, gave_up=after not in {*LATER, TicketState.EXPIRED})


def _kind(event: Called | Left | Moved, after: str) -> QuoteOutcome:
    if isinstance(event, Called):
        return QuoteOutcome.CALLED
    if isinstance(event, Moved) or after == TicketState.DEFERRED:
        return QuoteOutcome.MOVED
    is_end = event.gave_up or after == TicketState.EXPIRED
    return QuoteOutcome.LEFT if is_end else QuoteOutcome.TRANSFERRED


def _counter_event(sequence: int, at: datetime, data: Sequence[Any]) -> Event | None:
    counter, is_open, serves = data
    if counter is None:
        return None
    # Events of before they said it are of counters that serve.
    return CounterChanged(sequence, at, counter, is_open=bool(is_open) and serves is not False)


def wait_of(estimate: Estimate) -> Wait:
    """What is told of an estimate."""
    return floor(estimate.low), round(estimate.middle), ceil(estimate.high)
