"""One queue's estimator: takes in events, answers who waits how long.

Learns from nothing but the events that it was given, so what comes later can not matter, and the
same events in the same order give the same state.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from itertools import islice
from math import log
from typing import Any, Self

from queues.forecast.abandonment import Abandonment
from queues.forecast.bookings import Booking, Coming, coming
from queues.forecast.call_rates import CallRates
from queues.forecast.drift import Drift, half_life
from queues.forecast.estimate import Estimate
from queues.forecast.events import (
    Called,
    CounterChanged,
    Event,
    Finished,
    Joined,
    Left,
    Moved,
)
from queues.forecast.fluid import Outlook
from queues.forecast.half_hours import HALF_HOUR, Calendar
from queues.forecast.line import Line, Waiting
from queues.forecast.ranges import Ranges
from queues.forecast.ratios import Ratios, bucket_of
from queues.forecast.service_means import LARGEST_GROUP, ServiceMeans
from queues.forecast.staffing import Staffing
from queues.forecast.what_if import Prospect

FORMAT = 3
"""Grows when the saved state's shape changes; a state in another one is to be rebuilt."""

PRIOR_CALL_SECONDS = 300.0
SHORTEST_SILENCE = 3600.0
SILENT_CALLS = 10.0
AT_COUNTER_KEPT = 200
COUNTERS_KEPT = 200


class QueueForecast:
    """The state of one queue, and what it says about waits.

    ``prior_call_seconds`` is from call to call while people wait, for a queue that has no history
    yet: the usual service time over the usual number of counters. ``counters_are_told`` says that
    each counter that opens will be told, so that before the first all are closed.
    """

    def __init__(
        self,
        calendar: Calendar,
        prior_call_seconds: float = PRIOR_CALL_SECONDS,
        *,
        counters_are_told: bool = False,
    ) -> None:
        self._calendar = calendar
        self._sequence = 0
        self._at: float | None = None
        self._day = 0
        # The local day of the last call: without word of counters, that day the queue is open.
        self._called_day: int | None = None
        # Seconds of exposure since the last call.
        self._silence = 0.0
        # None until the first word of counters.
        self._open_counters: set[int] | None = set() if counters_are_told else None
        self._at_counter: dict[int, tuple[str, float, int]] = {}
        self._line = Line()
        self._rates = CallRates(prior_call_seconds)
        self._staffing = Staffing()
        self._drift = Drift()
        self._abandonment = Abandonment()
        self._services = ServiceMeans()
        self._ratios = Ratios()

    @property
    def sequence(self) -> int:
        """The number of the last event that was taken in; 0 for none."""
        return self._sequence

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    @property
    def calls_known(self) -> float:
        """How many calls of people who waited it has learned from, the old ones faded."""
        return self._rates.all_calls

    # What happens

    def update(self, event: Event) -> bool:
        """Takes in an event; False if one with its number or a later one was taken in before.

        Costs the same however long the queue has been running. A join also costs one forward pass
        over those ahead of it, to know later how far off its estimate was.
        """
        if event.sequence <= self._sequence:
            return False
        self._sequence = event.sequence
        at = event.at.timestamp()
        self._advance(at)
        match event:
            case Joined():
                self._join(event, at)
            case Called():
                self._call(event.ticket, at)
            case Finished():
                self._finish(event, at)
            case Left():
                self._leave(event)
            case Moved():
                self._move(event)
            case CounterChanged():
                self._change_counter(event)
        return True

    def _advance(self, at: float) -> None:
        """Lets time pass; a clock that went back makes none pass."""
        seconds = self._exposed_seconds(at)
        if self._at is not None and seconds > 0:
            half_life_seconds = half_life(self._rates.overall())
            counters = len(self._open_counters or ())
            for slot, piece in self._calendar.pieces(self._at, seconds):
                rate = self._rates.rate(slot) * self._staffed(slot)
                self._drift.add_exposure(piece, rate, half_life_seconds)
                self._rates.add_exposure(slot, piece)
                self._staffing.add_exposure(slot, counters, piece)
            self._abandonment.waited_seconds += seconds * len(self._line)
            self._silence += seconds
        day = self._calendar.day(at)
        if self._at is not None and day > self._day:
            self._rates.decay(day - self._day)
            self._staffing.decay(day - self._day)
        self._at, self._day = at, day

    def _join(self, event: Joined, at: float) -> None:
        key = (event.order_key.timestamp(), event.ticket)
        ahead = self._line.ahead_of(key)
        raw = None
        if self._is_open(at) and not self._is_silent():
            bookings = coming(event.bookings, self._line.keys, at, before=key[0])
            *_, raw = self._raw_waits(ahead, 0.0, bookings)
        self._line.add(
            Waiting(
                event.ticket,
                at,
                key[0],
                event.service,
                event.priority,
                ahead,
                raw,
                min(event.people, LARGEST_GROUP),
            )
        )

    def _call(self, ticket: int, at: float) -> None:
        waiting = self._line.remove(ticket)
        if waiting is None:
            return
        if len(self._at_counter) >= AT_COUNTER_KEPT:
            # Nobody said that the oldest was finished, and nobody will.
            del self._at_counter[next(iter(self._at_counter))]
        self._at_counter[ticket] = (waiting.service, at, waiting.people)
        self._called_day = self._day
        self._silence = 0.0
        waited = at - waiting.joined_at
        # Who went straight to a counter says nothing about a line.
        if waited <= 0:
            return
        self._rates.add_call(self._calendar.slot(self._calendar.local(at)))
        self._drift.add_call()
        if waiting.raw is not None:
            log_ratio = log(max(waited, 1.0) / max(waiting.raw, 1.0))
            bucket = bucket_of(waiting.ahead)
            self._ratios.learn(bucket, waiting.priority, waiting.service, log_ratio)

    def _finish(self, event: Finished, at: float) -> None:
        service, called_at, people = self._at_counter.pop(event.ticket, ("", at, 1))
        if event.served and at > called_at:
            self._services.add(service, at - called_at, people)

    def _leave(self, event: Left) -> None:
        if self._line.remove(event.ticket) is not None and event.gave_up:
            self._abandonment.leaves += 1

    def _move(self, event: Moved) -> None:
        waiting = self._line.remove(event.ticket)
        if waiting is not None:
            key = (event.order_key.timestamp(), event.ticket)
            # What it was told at joining was about another place.
            moved = replace(waiting, order_key=key[0], ahead=self._line.ahead_of(key), raw=None)
            self._line.add(moved)

    def _change_counter(self, event: CounterChanged) -> None:
        counters = self._open_counters or set()
        if event.is_open and len(counters) < COUNTERS_KEPT:
            counters.add(event.counter)
        elif not event.is_open:
            counters.discard(event.counter)
        self._open_counters = counters

    # What is answered

    def estimates(self, now: datetime, *, opens_in: float | None = None) -> list[Estimate]:
        """An estimate for everybody in line, in call order; empty if none can be given.

        None can be given while nobody serves the queue, unless ``opens_in`` says in how many
        seconds somebody will.
        """
        line, _ = self.line_and_newcomer(now, opens_in=opens_in)
        return line

    def line_and_newcomer(
        self,
        now: datetime,
        *,
        opens_in: float | None = None,
        bookings: Sequence[Booking] = (),
    ) -> tuple[list[Estimate], Estimate | None]:
        """``estimates``, and for who would join now, in one pass; ``bookings`` are who may come."""
        moved = self._moved_to(now)
        if not moved._can_tell(opens_in):
            return [], None
        ranges = Ranges(self._ratios)
        at = now.timestamp()
        may_come = coming(bookings, self._line.keys, at, before=at)
        *raws, last = moved._raw_waits(len(self._line), opens_in or 0.0, may_come)
        line = [
            ranges.estimate(waiting.ticket, ahead, raw, waiting.priority, waiting.service)
            for ahead, (waiting, raw) in enumerate(zip(self._line, raws, strict=True))
        ]
        return line, ranges.estimate(None, len(line), last, priority=0, service="")

    def newcomer(
        self,
        now: datetime,
        *,
        order_key: datetime | None = None,
        service: str = "",
        priority: int = 0,
        opens_in: float | None = None,
        bookings: Sequence[Booking] = (),
    ) -> Estimate | None:
        """The estimate for a ticket that would join now, last in line if it has no order key.

        None if none can be given, as in ``estimates``.
        """
        moved = self._moved_to(now)
        if not moved._can_tell(opens_in):
            return None
        key = (order_key or now).timestamp()
        # At the same key a new ticket's number is the highest.
        ahead = len(self._line) if order_key is None else self._line.ahead_of((key, 2**63))
        may_come = coming(bookings, self._line.keys, now.timestamp(), before=key)
        raws = list(moved._raw_waits(ahead, opens_in or 0.0, may_come))
        ranges = Ranges(self._ratios)
        for place, raw in enumerate(raws):
            ranges.pass_by(place, raw)
        return ranges.estimate(None, ahead, raws[-1], priority, service)

    def prospect(self, now: datetime, bookings: Sequence[Booking] = ()) -> Prospect | None:
        """What ``what_if`` plays through; None if there is no estimate, or no word of counters."""
        moved = self._moved_to(now)
        line, newcomer = moved.line_and_newcomer(now, bookings=bookings)
        if newcomer is None or not self._open_counters:
            return None
        return Prospect(
            outlook=moved._outlook(0.0),
            counters=len(self._open_counters),
            weights=list(moved._weights(len(line))),
            estimates=[*line, newcomer],
            coming=coming(bookings, self._line.keys, now.timestamp(), before=now.timestamp()),
        )

    def call_rate(self, now: datetime) -> float:
        """The usual calls per second at this time of the week, while somebody waits."""
        return self._rates.rate(self._calendar.slot(self._calendar.local(now.timestamp())))

    @property
    def abandonment_rate(self) -> float:
        """Leaves per second, of each who waits."""
        return self._abandonment.rate

    def _moved_to(self, now: datetime) -> Self:
        """What an event at ``now`` would find; shares all that time does not change."""
        moved = copy(self)
        moved._rates = self._rates.copy()
        moved._staffing = self._staffing.copy()
        moved._drift = replace(self._drift)
        moved._abandonment = replace(self._abandonment)
        moved._advance(now.timestamp())
        return moved

    def _raw_waits(
        self, ahead: int, start: float, may_come: Sequence[Coming] = ()
    ) -> Iterator[float]:
        """The raw wait of each place in line, down to that with so many ahead."""
        weights = _after_next_free_counter(self._weights(ahead))
        return self._outlook(start).raw_waits(weights, may_come)

    def _weights(self, ahead: int) -> Iterator[float]:
        """How long each of the first in line takes, 1 being usual."""
        known = {waiting.kind for waiting in self._line}
        weight = {kind: self._services.weight(*kind) for kind in known}
        return (weight[waiting.kind] for waiting in islice(self._line, ahead))

    def _outlook(self, start: float) -> Outlook:
        local = self._calendar.local(self._at or 0.0)

        def rate_at(seconds: float) -> tuple[float, float]:
            then = local + seconds
            next_slot = (then // HALF_HOUR + 1) * HALF_HOUR
            return self._rates.rate(self._calendar.slot(then)), next_slot - local

        return Outlook(
            rate_at=rate_at,
            drift=self._drift.factor * self._staffed(self._calendar.slot(local)),
            drift_half_life=half_life(self._rates.overall()),
            abandonment=self._abandonment.rate,
            start=start,
        )

    def _staffed(self, slot: int) -> float:
        """What the counters that are open now make of a half hour's usual rate."""
        counters = len(self._open_counters or ())
        return self._staffing.factor(slot, counters, self._rates.overall())

    # When the queue is served

    def _is_open(self, at: float) -> bool:
        if self._open_counters is not None:
            return bool(self._open_counters)
        return self._called_day == self._calendar.day(at)

    def _is_silent(self) -> bool:
        """Whether nobody was called for very long, though somebody waits."""
        return self._silence >= self._longest_silence()

    def _can_tell(self, opens_in: float | None) -> bool:
        if opens_in is not None:
            return True
        is_closed = self._open_counters is not None and not self._open_counters
        return not is_closed and not self._is_silent()

    def _exposed_seconds(self, at: float) -> float:
        """How long, since the last event, somebody waited and could have been called.

        Counts nothing while the queue is closed. Nor past a long silence: whoever is still in
        line then was forgotten, and would spoil the rates of every hour that follows.
        """
        if self._at is None or not self._line or not self._is_open(self._at):
            return 0.0
        return min(at - self._at, max(self._longest_silence() - self._silence, 0.0))

    def _longest_silence(self) -> float:
        return max(SHORTEST_SILENCE, SILENT_CALLS / self._rates.overall())

    # How it is kept

    def to_dict(self) -> dict[str, Any]:
        """All that the queue has learned, and its line, in what JSON can hold."""
        counters = self._open_counters
        return {
            "format": FORMAT,
            "sequence": self._sequence,
            "at": self._at,
            "day": self._day,
            "called_day": self._called_day,
            "silence": self._silence,
            "open_counters": None if counters is None else sorted(counters),
            "at_counter": [[ticket, *rest] for ticket, rest in self._at_counter.items()],
            "line": self._line.to_dict(),
            "rates": self._rates.to_dict(),
            "staffing": self._staffing.to_dict(),
            "drift": [self._drift.seen, self._drift.expected],
            "abandonment": [self._abandonment.leaves, self._abandonment.waited_seconds],
            "services": self._services.to_dict(),
            "ratios": self._ratios.to_dict(),
        }

    @classmethod
    def from_dict(
        cls,
        saved: Mapping[str, Any],
        calendar: Calendar,
        prior_call_seconds: float = PRIOR_CALL_SECONDS,
    ) -> Self:
        """The inverse of ``to_dict``.

        Raises:
            ValueError: it was saved in another format; replay the queue's events instead.
        """
        if saved.get("format") != FORMAT:
            raise ValueError(f"A forecast in format {saved.get('format')}, not {FORMAT}.")
        forecast = cls(calendar, prior_call_seconds)
        counters = saved["open_counters"]
        forecast._sequence = saved["sequence"]
        forecast._at = saved["at"]
        forecast._day = saved["day"]
        forecast._called_day = saved["called_day"]
        forecast._silence = saved["silence"]
        forecast._open_counters = None if counters is None else set(counters)
        forecast._at_counter = {
            ticket: (service, called_at, people)
            for ticket, service, called_at, people in saved["at_counter"]
        }
        forecast._line = Line.from_dict(saved["line"])
        forecast._rates = CallRates.from_dict(saved["rates"], prior_call_seconds)
        forecast._staffing = Staffing.from_dict(saved["staffing"])
        forecast._drift = Drift(*saved["drift"])
        forecast._abandonment = Abandonment(*saved["abandonment"])
        forecast._services = ServiceMeans.from_dict(saved["services"])
        forecast._ratios = Ratios.from_dict(saved["ratios"])
        return forecast


def _after_next_free_counter(weights: Iterable[float]) -> Iterator[float]:
    """What stands between now and each call: the next free counter, then each ticket ahead."""
    yield 1.0
    yield from weights
