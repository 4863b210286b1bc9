"""When a location is open: across midnight, clock changes, exceptions and public holidays."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.hours import Hours, Span
from providers.public_holidays import country_names, public_holidays

JERUSALEM = ZoneInfo("Asia/Jerusalem")
MORNING = Span(time(8), time(12))
AFTERNOON = Span(time(13), time(17))
NIGHT = Span(time(22), time(2))
ALL_DAY = Span(time(), time())
WORKING_DAYS = (6, 0, 1, 2, 3)


def at(text: str) -> datetime:
    """A time on the wall in Jerusalem."""
    return datetime.fromisoformat(text).replace(tzinfo=JERUSALEM).astimezone(UTC)


def opened(hours: Hours, start: str, end: str) -> list[tuple[str, str]]:
    """The open intervals, in wall time."""
    return [
        (f"{begin.astimezone(JERUSALEM):%d %H:%M}", f"{until.astimezone(JERUSALEM):%d %H:%M}")
        for begin, until in hours.between(at(start), at(end))
    ]


def office(**more: Any) -> Hours:
    return Hours(JERUSALEM, dict.fromkeys(WORKING_DAYS, (MORNING, AFTERNOON)), **more)


def test_a_location_without_hours_is_always_open() -> None:
    hours = Hours(JERUSALEM)
    assert opened(hours, "2026-11-23 10:00", "2026-12-23 10:00") == [("23 10:00", "23 10:00")]
    assert hours.is_open(at("2026-11-23 03:00"))
    assert hours.opens_next(at("2026-11-23 03:00")) is None
    assert hours.closes_next(at("2026-11-23 03:00")) is None


def test_a_day_has_several_intervals() -> None:
    assert opened(office(), "2026-11-23 09:00", "2026-11-24 09:00") == [
        ("23 09:00", "23 12:00"),
        ("23 13:00", "23 17:00"),
        ("24 08:00", "24 09:00"),
    ]
    assert office().is_open(at("2026-11-23 08:00"))
    assert not office().is_open(at("2026-11-23 12:00"))
    # Friday and Saturday.
    assert office().opens_next(at("2026-11-26 17:00")) == at("2026-11-29 08:00")
    assert office().opens_next(at("2026-11-23 09:00")) == at("2026-11-23 13:00")
    assert office().closes_next(at("2026-11-23 07:00")) == at("2026-11-23 12:00")


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    hours = Hours(JERUSALEM, {3: (NIGHT,)}, exceptions={date(2026, 12, 3): ()})
    assert opened(hours, "2026-11-27 01:00", "2026-12-11 09:00") == [
        ("27 01:00", "27 02:00"),
        ("10 22:00", "11 02:00"),
    ]


def test_what_touches_is_one() -> None:
    hours = Hours(JERUSALEM, {0: (ALL_DAY,), 1: (ALL_DAY,)})
    assert opened(hours, "2026-11-20 00:00", "2026-11-30 00:00") == [("23 00:00", "25 00:00")]
    assert hours.closes_next(at("2026-11-23 05:00")) == at("2026-11-25 00:00")


@pytest.mark.parametrize(
    ("day", "spans", "hours_open"),
    [
        # 02:00 becomes 03:00.
        ("2026-03-27", [Span(time(1), time(4))], 2),
        ("2026-03-27", [Span(time(2, 15), time(2, 45))], 0.5),
        ("2026-03-27", [Span(time(2, 45), time(3, 15))], 0),
        ("2026-03-27", [ALL_DAY], 23),
        # 02:00 becomes 01:00.
        ("2026-10-25", [Span(time(0, 30), time(2, 30))], 3),
        ("2026-10-25", [Span(time(1, 15), time(1, 45))], 0.5),
        ("2026-10-25", [ALL_DAY], 25),
    ],
)
def test_clock_changes_count_as_they_are(day: str, spans: list[Span], hours_open: float) -> None:
    on = date.fromisoformat(day)
    hours = Hours(JERUSALEM, exceptions={on: spans}, week={(on.weekday() + 3) % 7: (MORNING,)})
    start = at(f"{day} 00:00")
    total = sum(
        (end - begin for begin, end in hours.between(start, start + timedelta(days=2))), timedelta()
    )
    assert total == timedelta(hours=hours_open)


def test_an_exception_counts_instead_of_the_week() -> None:
    monday, friday = date(2026, 11, 23), date(2026, 11, 27)
    hours = office(exceptions={monday: (), friday: (MORNING,)}, names={monday: "Stocktaking"})
    assert opened(hours, "2026-11-23 00:00", "2026-11-24 00:00") == []
    assert hours.name_on(monday) == "Stocktaking"
    assert hours.is_open(at("2026-11-27 09:00"))
    assert hours.opens_next(at("2026-11-22 17:00")) == at("2026-11-24 08:00")


def test_public_holidays_are_closed_unless_said_otherwise() -> None:
    # 22 April 2026, Independence Day.
    holiday = date(2026, 4, 22)
    assert holiday in public_holidays("IL", "", 2026)
    assert not office(country="IL").is_open(at("2026-04-22 09:00"))
    assert office(country="IL").name_on(holiday) == public_holidays("IL", "", 2026)[holiday]
    assert office().is_open(at("2026-04-22 09:00"))
    said = office(country="IL", exceptions={holiday: (MORNING,)})
    assert said.is_open(at("2026-04-22 09:00"))


def test_a_part_of_a_country_has_its_own_and_unknown_ones_have_none() -> None:
    saint_andrew = date(2026, 11, 30)
    assert saint_andrew in public_holidays("GB", "SCT", 2026)
    assert saint_andrew not in public_holidays("GB", "ENG", 2026)
    assert public_holidays("XX", "", 2026) == {}


def test_countries_are_named_by_two_letters() -> None:
    codes = [code for code, _ in country_names()]
    assert {len(code) for code in codes} == {2}
    assert len(codes) == len(set(codes)) > 200


wall_times = st.times().map(lambda t: t.replace(second=0, microsecond=0))
weeks = st.dictionaries(
    st.integers(0, 6), st.lists(st.builds(Span, wall_times, wall_times), max_size=3)
)


@settings(max_examples=60)
@given(week=weeks, minutes=st.integers(0, 330_000))
def test_the_answers_agree(week: dict[int, list[Span]], minutes: int) -> None:
    hours = Hours(JERUSALEM, week)
    since = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    intervals = list(hours.between(since, since + timedelta(days=9)))
    assert all(begin < end for begin, end in intervals)
    assert all(before.end < after.start for before, after in pairwise(intervals))
    for begin, end in intervals:
        assert hours.is_open(begin)
        assert hours.is_open(end - timedelta(microseconds=1))
        if end < since + timedelta(days=9):
            assert not hours.is_open(end)
    later = [begin for begin, _ in intervals if begin > since]
    if later:
        assert hours.opens_next(since) == later[0]
