"""What if counters opened or closed, held against what queueing theory says exactly.

Where every counter takes an exponential time with mean 1/μ, c of them call c·μ times a second: the
k-th call from now comes after k / (c·μ) on average, however long they have been at it.
"""

from collections.abc import Sequence
from random import Random
from statistics import fmean

import pytest

from queues.forecast import Change, CounterChanged, Estimate, Prospect, what_if
from queues.forecast.bookings import Coming
from queues.forecast.fluid import Outlook
from queues.forecast.what_if import play
from queues.tests.test_forecast import a_day, at, forecast_of, joined

MU = 0.01
RUNS = 2500


def prospect(
    counters: int,
    waiting: int,
    abandonment: float = 1e-9,
    weights: Sequence[float] = (),
    coming: Sequence[Coming] = (),
) -> Prospect:
    """Each counter calls every 100 seconds on average, and everybody was told 1 to 3 minutes."""
    outlook = Outlook(
        rate_at=lambda _: (counters * MU, float("inf")),
        drift=1.0,
        drift_half_life=3600,
        abandonment=abandonment,
    )
    told = [Estimate(place, place, 120, 60, 120, 180) for place in range(waiting + 1)]
    return Prospect(outlook, counters, weights or [1.0] * waiting, told, coming)


def means(of: Prospect, change: Change | None = None) -> list[float]:
    random = Random(5)
    futures = zip(*(play(of, change, random) for _ in range(RUNS)), strict=True)
    return [fmean(wait for wait in waits if wait is not None) for waits in futures]


def test_without_a_change_it_is_the_line_s_own_rate() -> None:
    assert means(prospect(2, 4)) == pytest.approx([50, 100, 150, 200, 250], rel=0.05)


def test_a_counter_more_takes_the_first_at_once_and_then_shares_the_line() -> None:
    expected = [0, *(k / (3 * MU) for k in range(1, 5))]
    assert means(prospect(2, 4), Change(1)) == pytest.approx(expected, rel=0.05)


def test_a_counter_fewer_still_finishes_whom_it_serves() -> None:
    # The first that gets free closes; after it there is one.
    expected = [1 / (2 * MU) + k / MU for k in range(1, 4)]
    assert means(prospect(2, 2), Change(-1)) == pytest.approx(expected, rel=0.05)


def test_who_is_called_before_the_change_does_not_feel_it() -> None:
    of = prospect(3, 5)
    assert means(of, Change(1, start=1e9)) == means(of)
    late = means(of, Change(1, start=100))
    assert late[0] == pytest.approx(means(of)[0], rel=0.1)
    assert late[-1] < 0.95 * means(of)[-1]


def test_a_change_that_ends_is_less_of_one() -> None:
    of = prospect(2, 30)
    for_a_while, for_good = means(of, Change(1, 0, 300)), means(of, Change(1))
    # Three serve 9 in 300 seconds, where two would serve 6.
    assert means(of)[-1] - for_a_while[-1] == pytest.approx(3 / (2 * MU), rel=0.15)
    assert for_good[-1] < for_a_while[-1] < means(of)[-1]
    fewer = means(of, Change(-1, 0, 300))
    assert means(of)[-1] < fewer[-1] < means(of, Change(-1))[-1]


def test_who_gives_up_takes_no_counter() -> None:
    # Nobody but the last has any patience, so the last is called by the first free counter.
    assert means(prospect(2, 9, abandonment=1e3))[-1] == pytest.approx(50, rel=0.05)


def test_a_long_service_ahead_takes_long() -> None:
    assert means(prospect(1, 1, weights=[3.0])) == pytest.approx([100, 400], rel=0.06)


def test_a_booking_goes_before_its_place_as_often_as_its_holder_comes() -> None:
    # One who is there goes before both, one in two comes before the second.
    of = prospect(1, 1, coming=[Coming(0, 0.0, 1.0), Coming(1, 0.0, 0.5)])
    assert means(of) == pytest.approx([200, 350], rel=0.06)
    # Who is there only after everybody was called goes before nobody.
    assert means(prospect(1, 1, coming=[Coming(0, 1e9, 1.0)])) == pytest.approx(
        [100, 200], rel=0.06
    )


def test_nobody_is_called_by_no_counter() -> None:
    [first, newcomer] = what_if(prospect(1, 1), Change(-1))
    assert (first.then, newcomer.then) == (None, None)
    assert first.now.middle == 120
    # Until it is open again.
    assert all(one.then for one in what_if(prospect(1, 1), Change(-1, 0, 600)))


def test_what_is_told_moves_as_the_played_waits_do() -> None:
    compared = what_if(prospect(2, 40), Change(2))
    last = compared[-1]
    assert last.then is not None
    assert last.then.middle == pytest.approx(60, rel=0.1)
    assert 0 <= last.then.low <= last.then.middle <= last.then.high <= 180
    assert compared == what_if(prospect(2, 40), Change(2))


@pytest.mark.parametrize("counters", [1, -1])
def test_nobody_is_told_that_more_counters_harm_or_fewer_help(counters: int) -> None:
    for one in what_if(prospect(3, 60), Change(counters, start=200, end=500)):
        assert one.then is not None
        for before, after in zip(one.now[3:], one.then[3:], strict=True):
            assert (after <= before) if counters > 0 else (after >= before)


def test_an_estimator_says_what_is_to_be_played() -> None:
    forecast = forecast_of(a_day())
    assert forecast.prospect(at(131)) is None, "nobody said how many counters there are"
    forecast.update(CounterChanged(9000, at(131), 1, is_open=True))
    forecast.update(CounterChanged(9001, at(131), 2, is_open=True))
    forecast.update(joined(9002, 131, ticket=7))
    found = forecast.prospect(at(131))
    assert found is not None
    assert found.counters == 2
    line, newcomer = forecast.line_and_newcomer(at(131))
    assert found.estimates == [*line, newcomer]
    assert len(found.weights) == len(line)
    rate = forecast.call_rate(at(131))
    assert found.outlook.calls_per_second(0) == pytest.approx(rate * found.outlook.drift)
