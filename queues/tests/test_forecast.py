"""The wait estimate of one queue: what it takes in, and what it says."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp
from zoneinfo import ZoneInfo

import pytest

from queues.forecast import (
    Booking,
    Calendar,
    Called,
    CounterChanged,
    Event,
    Finished,
    Joined,
    Left,
    Moved,
    QueueForecast,
)
from queues.forecast.line import TICKETS_FOLLOWED

CALENDAR = Calendar(ZoneInfo("UTC"))
NINE = datetime(2024, 1, 1, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def joined(sequence: int, minutes: float, ticket: int, **more: str | int) -> Joined:
    return Joined(sequence, at(minutes), ticket, at(minutes), **more)  # type: ignore[arg-type]


def forecast_of(events: Iterable[Event], prior_call_seconds: float = 300) -> QueueForecast:
    forecast = QueueForecast(CALENDAR, prior_call_seconds)
    for event in events:
        forecast.update(event)
    return forecast


def a_day(day: int = 0, tickets: int = 60) -> list[Event]:
    """Somebody joins every 2 minutes and is called 10 minutes later, for 3 minutes."""
    first, start = 1000 * day, 24 * 60 * day
    events: list[tuple[float, Event]] = []
    for number in range(1, tickets + 1):
        ticket, minutes = first + number, start + 2.0 * number
        events += [
            (minutes, joined(0, minutes, ticket)),
            (minutes + 10.25, Called(0, at(minutes + 10.25), ticket)),
            (minutes + 13.5, Finished(0, at(minutes + 13.5), ticket)),
        ]
    events.sort(key=lambda pair: pair[0])
    return [replace(event, sequence=3 * first + n) for n, (_, event) in enumerate(events, 1)]


def test_a_queue_without_history_answers_from_its_prior_and_the_default_ratios() -> None:
    forecast = forecast_of([joined(1, 0, ticket=1), joined(2, 0, ticket=2)], 100)
    first, second = forecast.estimates(NINE)
    assert (first.ticket, first.ahead, second.ticket, second.ahead) == (1, 0, 2, 1)
    assert first.raw == pytest.approx(100)
    assert second.raw == pytest.approx(200, rel=0.02)
    # e^-1.6, e^-0.2, e^0.75
    assert (first.low, first.middle, first.high) == pytest.approx((20.19, 81.87, 211.7), rel=1e-3)


def test_a_booking_that_is_due_makes_those_behind_it_wait_longer() -> None:
    forecast = forecast_of([joined(1, 0, ticket=1), joined(2, 0, ticket=2)], 100)
    booking = Booking(at(1), at(-30), 0.5)
    without, _ = forecast.line_and_newcomer(NINE)
    line, last = forecast.line_and_newcomer(NINE, bookings=[booking])
    # Before the second, who is called later than in a minute, and so before the first too.
    assert [one.raw - other.raw for one, other in zip(line, without, strict=True)] == pytest.approx(
        [50, 50], rel=0.1
    )
    assert forecast.newcomer(NINE, bookings=[booking]) == last
    assert forecast.newcomer(NINE, order_key=at(-60), bookings=[booking]) == forecast.newcomer(
        NINE, order_key=at(-60)
    )


def test_it_learns_how_fast_the_line_moves() -> None:
    forecast = forecast_of(a_day())
    estimate = forecast.newcomer(at(131))
    assert estimate is not None
    assert estimate.raw == pytest.approx(120, rel=0.3)


def test_it_learns_from_its_errors() -> None:
    # All wait 615 seconds with five ahead; there is little to be unsure of.
    forecast = forecast_of([event for day in range(5) for event in a_day(day)])
    day = 4 * 24 * 60
    for number in range(5):
        forecast.update(joined(100_000 + number, day + 131, ticket=90_000 + number))
    estimate = forecast.newcomer(at(day + 131))
    assert estimate is not None
    assert estimate.middle == pytest.approx(615, rel=0.1)
    assert estimate.high - estimate.low < 100


def test_a_newcomer_hears_what_its_ticket_will() -> None:
    forecast = forecast_of(a_day()[:100])
    now = at(100)
    newcomer = forecast.newcomer(now, order_key=now)
    assert newcomer is not None
    forecast.update(Joined(1000, now, 77, now))
    assert forecast.estimates(now)[-1] == newcomer._replace(ticket=77)


def test_priority_is_a_place_further_ahead() -> None:
    forecast = forecast_of([joined(n, n, ticket=n) for n in range(1, 6)])
    early = forecast.newcomer(at(6), order_key=at(2.5), priority=1)
    assert early is not None
    assert early.ahead == 2


def test_reading_changes_nothing() -> None:
    forecast = forecast_of(a_day()[:100])
    before = json.dumps(forecast.to_dict())
    forecast.estimates(at(60))
    forecast.newcomer(at(70))
    assert json.dumps(forecast.to_dict()) == before


def test_an_event_counts_once() -> None:
    events = a_day()
    forecast = forecast_of(events[:90])
    before = forecast.to_dict()
    assert [forecast.update(event) for event in events[50:90]] == [False] * 40
    assert forecast.to_dict() == before
    assert forecast.sequence == events[89].sequence


def test_a_restart_loses_nothing() -> None:
    events = [event for day in range(3) for event in a_day(day)]
    whole = forecast_of(events)
    half = forecast_of(events[:250])
    resumed = QueueForecast.from_dict(json.loads(json.dumps(half.to_dict())), CALENDAR)
    for event in events[250:]:
        resumed.update(event)
    assert resumed.to_dict() == whole.to_dict() == forecast_of(events).to_dict()


def test_a_state_in_another_format_is_refused() -> None:
    saved = forecast_of([]).to_dict() | {"format": 0}
    with pytest.raises(ValueError, match="format"):
        QueueForecast.from_dict(saved, CALENDAR)


def test_what_comes_later_changes_no_earlier_answer() -> None:
    events = a_day()
    garbage: list[Event] = [
        Called(500, at(-9999), 59),
        Left(501, at(9999), 58),
        joined(502, 10**6, ticket=59),
        Finished(503, at(10**7), 3),
    ]
    honest, fooled = QueueForecast(CALENDAR), QueueForecast(CALENDAR)
    said: dict[QueueForecast, list[object]] = {honest: [], fooled: []}
    for forecast, log in ((honest, events), (fooled, events[:100] + garbage)):
        for event in log[:100]:
            forecast.update(event)
            said[forecast].append(forecast.estimates(event.at))
    assert said[honest] == said[fooled]


def test_the_past_fades_day_by_day() -> None:
    forecast = forecast_of(a_day())
    exposure = forecast.to_dict()["rates"]["all"][1]
    forecast.update(joined(9999, 30 * 24 * 60, ticket=1))
    assert forecast.to_dict()["rates"]["all"][1] == pytest.approx(exposure / 2)


# Closed time is not waiting time.


def exposure_of(forecast: QueueForecast) -> float:
    seconds: float = forecast.to_dict()["rates"]["all"][1]
    return seconds


def test_nothing_counts_before_the_first_call_of_the_day() -> None:
    forecast = forecast_of([joined(1, 0, ticket=1), joined(2, 1, ticket=2), Called(3, at(30), 1)])
    assert exposure_of(forecast) == 0
    forecast.update(Called(4, at(32), 2))
    assert exposure_of(forecast) == 120


def test_nothing_counts_while_no_counter_is_open() -> None:
    forecast = forecast_of(
        [
            CounterChanged(1, at(0), 1, is_open=True),
            joined(2, 0, ticket=1),
            CounterChanged(3, at(5), 1, is_open=False),
            CounterChanged(4, at(65), 1, is_open=True),
            Called(5, at(66), 1),
        ]
    )
    assert exposure_of(forecast) == 6 * 60
    assert forecast.to_dict()["abandonment"] == [0, 6 * 60]


def test_nothing_counts_while_nobody_waits() -> None:
    forecast = forecast_of(
        [joined(1, 0, ticket=1), Called(2, at(1), 1), joined(3, 50, ticket=2), Left(4, at(51), 2)]
    )
    assert exposure_of(forecast) == 60


@pytest.mark.parametrize("gave_up", [True, False])
def test_who_leaves_the_line_for_some_minutes_does_not_give_up(gave_up: bool) -> None:
    forecast = forecast_of([joined(1, 0, ticket=1), Left(2, at(5), 1, gave_up=gave_up)])
    assert forecast.waiting == 0
    assert forecast.to_dict()["abandonment"][0] == int(gave_up)


def test_a_ticket_forgotten_in_line_does_not_spoil_the_rates() -> None:
    forecast = forecast_of(a_day())
    before = exposure_of(forecast)
    forecast.update(joined(9000, 134, ticket=500))
    forecast.update(Called(9001, at(134 + 12 * 60), 500))
    assert exposure_of(forecast) == before + 3600


def test_while_it_is_closed_there_is_no_estimate_unless_opening_is_known() -> None:
    forecast = forecast_of([joined(1, 0, ticket=1), CounterChanged(2, NINE, 1, is_open=False)])
    assert forecast.estimates(NINE) == []
    assert forecast.newcomer(NINE) is None
    (estimate,) = forecast.estimates(NINE, opens_in=1200)
    # Some of those ahead will have left by then.
    assert estimate.raw == pytest.approx(1200 + 300 * exp(-1200 / 3600))


def test_a_wait_through_closed_time_teaches_nothing_about_the_model() -> None:
    forecast = forecast_of([joined(1, 0, ticket=1), Called(2, at(500), 1)])
    assert forecast.to_dict()["ratios"]["queue"][0] == 0


# Bad input.


def test_a_queue_that_nobody_serves_any_more_has_no_estimate() -> None:
    forecast = forecast_of([*a_day(), joined(9000, 134, ticket=500)])
    assert forecast.estimates(at(150))
    assert forecast.estimates(at(150 + 120)) == []


def test_a_clock_that_goes_back_makes_no_time_pass() -> None:
    forecast = forecast_of(a_day()[:100])
    before = forecast.to_dict()
    forecast.update(joined(900, -60, ticket=500))
    after = forecast.to_dict()
    for clock in ("rates", "drift", "abandonment", "silence"):
        assert after[clock] == before[clock]
    estimates = forecast.estimates(at(-70))
    assert estimates
    assert all(estimate.low >= 0 for estimate in estimates)


@pytest.mark.parametrize("event", [Called, Finished, Left])
def test_a_ticket_that_nobody_knows_changes_nothing(
    event: type[Called] | type[Finished] | type[Left],
) -> None:
    forecast = forecast_of(a_day()[:100])
    before = forecast.to_dict()
    moment = datetime.fromtimestamp(before["at"], UTC)
    forecast.update(event(900, moment, 12_345))
    assert forecast.to_dict() == before | {"sequence": 900}


def test_a_thousand_waiting_get_estimates_up_to_a_day() -> None:
    forecast = forecast_of(joined(n, 0, ticket=n) for n in range(1, 1001))
    estimates = forecast.estimates(NINE)
    assert len(estimates) == 1000
    assert estimates[-1].raw <= 86_400


def test_a_line_without_end_does_not_grow_the_state_without_end() -> None:
    forecast = forecast_of(joined(n, 0, ticket=n) for n in range(1, TICKETS_FOLLOWED + 10))
    assert len(forecast.to_dict()["line"]["waiting"]) == TICKETS_FOLLOWED


def test_calls_that_are_never_finished_do_not_grow_the_state() -> None:
    events: list[Event] = []
    for ticket in range(1, 500):
        events += [joined(2 * ticket, 0, ticket), Called(2 * ticket + 1, NINE, ticket)]
    assert len(forecast_of(events).to_dict()["at_counter"]) == 200


def test_one_pass_answers_for_the_line_and_for_who_would_join() -> None:
    forecast = forecast_of(a_day())
    line, newcomer = forecast.line_and_newcomer(at(200))
    assert line == forecast.estimates(at(200))
    assert newcomer == forecast.newcomer(at(200))


def test_a_ticket_that_moved_is_asked_about_at_its_new_place() -> None:
    events: list[Event] = [joined(n, 0.1 * n, ticket=n) for n in (1, 2, 3)]
    forecast = forecast_of([*events, Moved(4, at(1), 1, at(0.25)), Moved(5, at(1), 99, at(0))])
    assert [estimate.ticket for estimate in forecast.estimates(at(1))] == [2, 1, 3]
    again = QueueForecast.from_dict(forecast.to_dict(), CALENDAR)
    assert again.estimates(at(1)) == forecast.estimates(at(1))


def test_what_a_moved_ticket_was_told_before_teaches_nothing() -> None:
    def learned(*moves: Event) -> object:
        events: list[Event] = [joined(1, 0, 1), Called(2, at(1), 1), joined(3, 2, 2)]
        forecast = forecast_of([*events, *moves, Called(9, at(5), 2)])
        return forecast.to_dict()["ratios"]["queue"][0]

    assert learned() == 1
    assert learned(Moved(4, at(3), 2, at(1))) == 0


def test_where_counters_are_told_all_are_closed_before_the_first() -> None:
    forecast = QueueForecast(CALENDAR, counters_are_told=True)
    forecast.update(joined(1, 0, 1))
    assert forecast.line_and_newcomer(at(1)) == ([], None)
    forecast.update(CounterChanged(2, at(1), 5, is_open=True))
    assert len(forecast.estimates(at(1))) == 1


# How many counters there are.


def opened(sequence: int, minutes: float, counter: int, *, is_open: bool = True) -> CounterChanged:
    return CounterChanged(sequence, at(minutes), counter, is_open=is_open)


def with_counters(*counters: int) -> QueueForecast:
    """Days with these counters open all the time."""
    events: list[Event] = [opened(n, 0, counter) for n, counter in enumerate(counters, 1)]
    for day in range(3):
        events += [replace(e, sequence=e.sequence + 100) for e in a_day(day)]
    return forecast_of(events)


def raw(forecast: QueueForecast) -> float:
    estimate = forecast.newcomer(at(2 * 24 * 60 + 125))
    assert estimate is not None
    return estimate.raw


def test_a_counter_that_closes_is_felt_at_once_and_so_is_one_that_opens() -> None:
    usual = with_counters(1, 2)
    as_usual = raw(usual)
    for changed, expected in ((opened(9000, 2 * 1440 + 124, 3), 2 / 3), (None, 2)):
        forecast = with_counters(1, 2)
        event = changed or opened(9000, 2 * 1440 + 124, 2, is_open=False)
        forecast.update(event)
        # By the root of it, a little less as the usual number moves along.
        assert raw(forecast) == pytest.approx(as_usual * expected**0.5, rel=0.1)


def test_the_usual_number_of_counters_changes_nothing() -> None:
    assert raw(with_counters(1, 2, 3)) == pytest.approx(raw(with_counters(1)))


def test_without_word_of_counters_their_number_changes_nothing() -> None:
    forecast = forecast_of(a_day())
    assert forecast.to_dict()["staffing"]["all"][0] == 0
