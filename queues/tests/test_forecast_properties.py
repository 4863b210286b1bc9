"""What holds of wait estimates whatever happens in a queue."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from queues.forecast import (
    Calendar,
    Called,
    CounterChanged,
    Event,
    Finished,
    Joined,
    Left,
    QueueForecast,
)

CALENDAR = Calendar(ZoneInfo("Europe/Berlin"))
# Half an hour before clocks go forward.
START = datetime(2024, 3, 31, 0, 30, tzinfo=UTC)
TICKETS = st.integers(1, 12)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events in any order, of tickets that may be unknown, on a clock that may go back."""
    now = START
    events: list[Event] = []
    for sequence in range(1, draw(st.integers(1, 60)) + 1):
        now += timedelta(seconds=draw(st.integers(-600, 7200)))
        ticket = draw(TICKETS)
        head_start = timedelta(seconds=draw(st.integers(0, 900)))
        service, priority = draw(st.sampled_from("ab")), draw(st.integers(0, 2))
        choices: list[Event] = [
            Joined(sequence, now, ticket, now - head_start, service, priority),
            Joined(sequence, now, ticket, now - head_start, service, priority),
            Called(sequence, now, ticket),
            Finished(sequence, now, ticket),
            Left(sequence, now, ticket),
            CounterChanged(sequence, now, ticket % 2, is_open=bool(ticket % 3)),
        ]
        events.append(draw(st.sampled_from(choices)))
    return events


def played(events: list[Event]) -> QueueForecast:
    forecast = QueueForecast(CALENDAR)
    for event in events:
        forecast.update(event)
    return forecast


@given(histories(), st.integers(-7200, 7200), st.integers(0, 7200))
def test_ranges_are_ordered_and_never_negative(
    events: list[Event], later: int, opens_in: int
) -> None:
    now = events[-1].at + timedelta(seconds=later)
    for estimate in played(events).estimates(now, opens_in=opens_in):
        assert 0 <= estimate.low <= estimate.middle <= estimate.high
        assert estimate.raw >= opens_in


@given(histories())
def test_raw_waits_never_fall_along_the_line(events: list[Event]) -> None:
    estimates = played(events).estimates(events[-1].at, opens_in=0)
    assert all(one.raw <= other.raw for one, other in pairwise(estimates))
    assert [estimate.ahead for estimate in estimates] == list(range(len(estimates)))


@given(histories(), st.lists(st.floats(-5, 5), max_size=200))
@settings(max_examples=50)
def test_alike_tickets_are_never_told_less_further_back(
    events: list[Event], ratios: list[float]
) -> None:
    forecast = played(events)
    for number, ratio in enumerate(ratios):
        forecast._ratios.learn(number % 5, 0, "", ratio)
    now, sequence = events[-1].at, forecast.sequence
    for number in range(1, 21):
        forecast.update(Joined(sequence + number, now, 100 + number, now))
    alike = [one for one in forecast.estimates(now, opens_in=0) if (one.ticket or 0) > 100]
    assert len(alike) == 20
    for one, other in pairwise(alike):
        assert one.low <= other.low
        assert one.middle <= other.middle
        assert one.high <= other.high


@given(histories())
def test_the_state_survives_json(events: list[Event]) -> None:
    forecast = played(events)
    saved = json.loads(json.dumps(forecast.to_dict(), allow_nan=False))
    restored = QueueForecast.from_dict(saved, CALENDAR)
    assert restored.to_dict() == forecast.to_dict()
    now = events[-1].at
    assert restored.estimates(now, opens_in=0) == forecast.estimates(now, opens_in=0)


@given(histories(), st.data())
def test_events_seen_twice_or_late_change_nothing(events: list[Event], data: st.DataObject) -> None:
    forecast = played(events)
    before = forecast.to_dict()
    forecast.update(data.draw(st.sampled_from(events)))
    assert forecast.to_dict() == before
