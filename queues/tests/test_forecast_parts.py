"""The formulas of the wait estimate, on examples worked out by hand."""

from datetime import UTC, datetime
from itertools import repeat
from math import exp, log
from zoneinfo import ZoneInfo

import pytest

from queues.forecast.abandonment import Abandonment
from queues.forecast.bookings import Booking, Coming, coming
from queues.forecast.call_rates import CallRates
from queues.forecast.drift import Drift, half_life
from queues.forecast.fluid import LONGEST, Outlook
from queues.forecast.half_hours import FRIDAY, SATURDAY, SLOTS, Calendar
from queues.forecast.ratios import (
    BUCKETS,
    DEFAULT_LOGS,
    SETS_KEPT,
    TICKETS_FOR_OWN_LOGS,
    Logs,
    Ratios,
    TrackedQuantiles,
    bucket_of,
)
from queues.forecast.service_means import LARGEST_GROUP, SERVICES_KEPT, ServiceMeans


def outlook(drift: float = 1.0, abandonment: float = 0.0, start: float = 0.0) -> Outlook:
    """One call in 100 s, for ever."""
    return Outlook(lambda _: (0.01, float("inf")), drift, 900.0, abandonment, start)


def test_the_abandonment_rate_is_leaves_over_time_waited_and_an_hour() -> None:
    assert Abandonment().rate == 1 / 3600
    assert Abandonment(leaves=4, waited_seconds=6400).rate == 5 / 10_000


def test_a_queue_without_history_is_called_at_its_prior_rate() -> None:
    rates = CallRates(prior_call_seconds=200)
    assert rates.rate(0) == rates.overall() == 1 / 200


def test_a_half_hour_is_shrunk_towards_the_overall_rate_by_twenty_calls() -> None:
    rates = CallRates(prior_call_seconds=200)
    for _ in range(99):
        rates.add_call(slot=20)
    rates.add_exposure(slot=20, seconds=9800)
    assert rates.overall() == 100 / 10_000
    assert rates.rate(20) == (99 + 20) / (9800 + 20 / 0.01)
    assert rates.rate(21) == pytest.approx(0.01)


def test_rates_fade_by_half_in_thirty_days() -> None:
    rates = CallRates(prior_call_seconds=200)
    rates.add_call(slot=3)
    rates.add_exposure(slot=3, seconds=600)
    rates.decay(days=60)
    assert (rates.calls[3], rates.exposure[3]) == (0.25, 150)
    assert (rates.all_calls, rates.all_exposure) == (0.25, 150)


@pytest.mark.parametrize(
    ("seconds_a_call", "seconds"), [(10, 900), (90, 3600), (900, 36_000), (9000, 43_200)]
)
def test_the_past_of_today_fades_in_the_time_of_forty_calls_within_bounds(
    seconds_a_call: float, seconds: float
) -> None:
    assert half_life(1 / seconds_a_call) == pytest.approx(seconds)


def test_drift_is_calls_seen_over_calls_expected_both_shrunk_by_twenty() -> None:
    drift = Drift(seen=10, expected=0)
    assert drift.factor == 30 / 20
    drift.add_exposure(seconds=900, rate=0.02, half_life_seconds=900)
    assert drift.seen == 5
    assert drift.expected == pytest.approx(0.02 * 900 / log(2) / 2)


def test_services_are_shrunk_towards_the_mean_of_all_by_ten() -> None:
    means = ServiceMeans()
    assert means.weight("short") == 1
    means.add("short", 100)
    assert means.weight("short") == 1
    means.add("long", 300)
    overall = 100 + 200 / (1 + 0.5 ** (1 / 600))
    assert means.overall.mean == pytest.approx(overall)
    assert means.weight("long") == pytest.approx((300 + 10 * overall) / 11 / overall)
    assert means.weight("unknown") == 1


def test_a_provider_with_very_many_services_has_a_bounded_state() -> None:
    means = ServiceMeans()
    for number in range(SERVICES_KEPT + 10):
        means.add(f"service {number}", 60)
    assert len(means.services) == SERVICES_KEPT


def test_a_group_takes_as_much_longer_as_groups_of_its_size_did() -> None:
    means = ServiceMeans()
    means.add("cut", 100)
    assert means.weight("cut", people=3) == 1
    for _ in range(1000):
        means.add("cut", 100)
        means.add("cut", 300, people=3)
    assert 2 < means.weight("cut", 3) / means.weight("cut") < 3, "shrunk"
    assert means.weight("cut", 2) == means.weight("cut")
    for people in range(1, 100):
        means.add("cut", 100, people)
    assert len(means.groups) < LARGEST_GROUP
    assert ServiceMeans.from_dict(means.to_dict()) == means


def test_who_is_to_come_goes_before_those_not_called_by_then() -> None:
    waits = list(outlook().raw_waits([1, 1, 1], [Coming(0, 150, 0.5)]))
    assert waits == pytest.approx([100, 250, 350])
    waits = list(outlook().raw_waits([1, 1, 1], [Coming(2, 0, 0.5)]))
    assert waits == pytest.approx([100, 200, 350])
    waits = list(outlook().raw_waits([1, 1, 1], [Coming(0, 1000, 1)]))
    assert waits == pytest.approx([100, 200, 300])


def test_a_booking_counts_for_those_behind_its_place() -> None:
    keys = [(100.0, 1), (200.0, 2)]
    late = Booking(datetime.fromtimestamp(500, UTC), datetime.fromtimestamp(150, UTC), 0.8)
    assert coming([late], keys, at=400, before=450) == [Coming(1, 100.0, 0.8)]
    assert coming([late], keys, at=400, before=150) == []


def test_without_abandonment_each_place_takes_one_call() -> None:
    assert list(outlook().raw_waits([1, 1, 1])) == pytest.approx([100, 200, 300])


def test_a_long_service_ahead_takes_longer() -> None:
    assert list(outlook().raw_waits([1, 2.5])) == pytest.approx([100, 350])


def test_who_gives_up_ahead_shortens_the_wait() -> None:
    waits = list(outlook(abandonment=0.001).raw_waits([1, 1]))
    assert waits == pytest.approx([100, 100 + 100 * exp(-0.1)])


def test_a_fast_day_shortens_the_wait_and_fades() -> None:
    first, second = outlook(drift=2.0).raw_waits([1, 1])
    assert first == pytest.approx(50)
    assert second == pytest.approx(50 + 100 / (1 + exp(-50 / 1800)))


def test_before_opening_the_wait_begins_with_the_time_to_it() -> None:
    assert list(outlook(start=600).raw_waits([1, 1])) == pytest.approx([700, 800])


def test_the_rate_of_the_next_half_hour_counts_from_there_on() -> None:
    def rate_at(seconds: float) -> tuple[float, float]:
        return (0.01, 150) if seconds < 150 else (0.1, float("inf"))

    waits = Outlook(rate_at, 1.0, 900.0, 0.0).raw_waits([1, 1, 1])
    assert list(waits) == pytest.approx([100, 200, 210])


def test_nobody_is_told_more_than_a_day() -> None:
    assert max(outlook().raw_waits(repeat(1, 100_000))) == LONGEST


def test_positions_fall_into_seven_buckets() -> None:
    aheads = [0, 1, 2, 3, 4, 5, 7, 8, 12, 13, 1000]
    assert [bucket_of(ahead) for ahead in aheads] == [0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert bucket_of(10**6) == BUCKETS - 1


def test_a_value_moves_quantiles_by_the_share_that_should_be_on_its_side() -> None:
    tracked = TrackedQuantiles()
    tracked.add(0.0)
    low, middle, high = DEFAULT_LOGS
    step = 1 / 5
    assert tracked.logs == pytest.approx(
        (low + 4.5 * step * 0.1, middle + 2.1 * step * 0.5, high - 3.0 * step * 0.1)
    )


def test_tracked_quantiles_find_those_of_a_stream() -> None:
    tracked = TrackedQuantiles()
    # Evenly from -1 to 1, in an order that does not repeat.
    for number in range(5000):
        tracked.add((number * 0.618034) % 1 * 2 - 1)
    assert tracked.logs == pytest.approx((-0.8, 0.0, 0.8), abs=0.06)


def test_below_fifty_tickets_the_default_ratios_hold() -> None:
    ratios = Ratios()
    for _ in range(TICKETS_FOR_OWN_LOGS - 1):
        ratios.learn(0, 0, "", 2.0)
    assert ratios.logs(5, 0, "") == DEFAULT_LOGS
    ratios.learn(0, 0, "", 2.0)
    assert ratios.logs(5, 0, "") != DEFAULT_LOGS


def test_a_group_is_shrunk_towards_its_queue_by_forty() -> None:
    own, prior = TrackedQuantiles(count=10, logs=(-1.0, 0.0, 1.0)), (0.0, 1.0, 2.0)
    assert own.shrunk(prior) == pytest.approx((-0.2, 0.8, 1.8))


def test_each_priority_and_service_learns_its_own_ratio() -> None:
    ratios = Ratios()
    for _ in range(200):
        ratios.learn(0, 0, "slow", 1.0)
        ratios.learn(0, 0, "fast", -1.0)
        ratios.learn(0, 1, "fast", -3.0)

    def middle(logs: Logs) -> float:
        return logs[1]

    assert middle(ratios.logs(0, 0, "slow")) > middle(ratios.logs(0, 0, "fast"))
    assert middle(ratios.logs(0, 0, "fast")) > middle(ratios.logs(0, 1, "fast"))


def test_very_many_groups_do_not_grow_the_state() -> None:
    ratios = Ratios()
    for number in range(1000):
        ratios.learn(0, 0, f"service {number}", 0.0)
    assert len(ratios.to_dict()["groups"]) == SETS_KEPT


def test_half_hours_follow_the_local_clock_and_the_local_weekend() -> None:
    calendar = Calendar(ZoneInfo("Asia/Jerusalem"), weekend=frozenset({FRIDAY, SATURDAY}))
    sunday = datetime(1999, 1, 3, 7, 0, tzinfo=UTC).timestamp()
    assert calendar.slot(calendar.local(sunday)) == 9 * 2
    assert calendar.slot(calendar.local(sunday - 86_400)) == SLOTS // 2 + 9 * 2


def test_a_stretch_of_time_is_cut_at_half_hours() -> None:
    calendar = Calendar(ZoneInfo("UTC"))
    monday = datetime(2024, 1, 1, 9, 20, tzinfo=UTC).timestamp()
    assert list(calendar.pieces(monday, 3000)) == [(18, 600), (19, 1800), (20, 600)]
