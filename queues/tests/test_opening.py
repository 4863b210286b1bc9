"""How a queue stands by the hours of its location, whatever happened before."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.hours import Hours, Span
from queues.models import QueueStatus
from queues.opening import Standing, Turn, opening_words, turn

ZONE = ZoneInfo("Asia/Jerusalem")
HOURS = Hours(
    ZONE,
    # Sunday to Thursday, with a break at noon.
    dict.fromkeys((6, 0, 1, 2, 3), (Span(time(8), time(12)), Span(time(13), time(17)))),
    exceptions={date(2026, 11, 25): ()},
)
WINDOW = timedelta(hours=1)
OPEN, PAUSED, CLOSING, CLOSED = (QueueStatus(value) for value in QueueStatus.values)


def at(text: str) -> datetime:
    """A time in Jerusalem; the 23rd of November is a Monday."""
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZONE).astimezone(UTC)


def turned(before: Standing, when: str, *, has_rest: bool = False, hours: Hours = HOURS) -> Turn:
    return turn(before, hours, at(when), has_rest=has_rest, closing_window=WINDOW)


def stands(before: Standing, when: str, *, has_rest: bool = False) -> QueueStatus:
    return turned(before, when, has_rest=has_rest).standing.status


def test_a_day_goes_by_itself() -> None:
    night = Standing(CLOSED, by_hand=False, turns_at=at("23 08:00"), opens_at=at("23 08:00"))
    assert turned(night, "23 07:59").standing == night
    morning = turned(night, "23 08:00")
    assert morning == Turn(
        Standing(OPEN, by_hand=False, turns_at=at("23 12:00"), opens_at=at("23 13:00")),
        day_begins=at("23 08:00"),
    )
    noon = turned(morning.standing, "23 12:00")
    assert (noon.standing.status, noon.day_ends) == (CLOSED, False)
    afternoon = turned(noon.standing, "23 13:00")
    evening = turned(afternoon.standing, "23 17:00")
    closed = Standing(CLOSED, by_hand=False, turns_at=at("24 08:00"), opens_at=at("24 08:00"))
    assert evening == Turn(closed, day_ends=True)


def test_the_rest_is_served_for_a_while() -> None:
    open_ = Standing(OPEN, by_hand=False, turns_at=at("23 17:00"))
    closing = turned(open_, "23 17:00", has_rest=True)
    assert (closing.standing.status, closing.day_ends) == (CLOSING, False)
    assert closing.standing.turns_at == at("23 17:00:30")
    assert turned(closing.standing, "23 17:20").day_ends
    late = turned(closing.standing, "23 17:59:45", has_rest=True).standing
    assert (late.status, late.turns_at) == (CLOSING, at("23 18:00"))
    over = turned(late, "23 18:00", has_rest=True)
    assert (over.standing.status, over.day_ends) == (CLOSED, True)


@pytest.mark.parametrize("status", [PAUSED, CLOSING, CLOSED])
def test_what_a_person_does_counts_until_the_next_opening(status: QueueStatus) -> None:
    own = Standing(status, by_hand=True)
    kept = turned(own, "23 14:00", has_rest=True).standing
    assert kept == Standing(status, by_hand=True, turns_at=at("23 17:00"), opens_at=at("24 08:00"))
    after = turned(kept, "23 18:30", has_rest=True)
    assert (after.standing.status, after.standing.by_hand) == (CLOSED, False)
    assert after.day_ends
    assert stands(after.standing, "24 08:00") == OPEN


def test_who_opens_out_of_hours_stays_open() -> None:
    own = turned(Standing(OPEN, by_hand=True), "23 20:00").standing
    assert own == Standing(OPEN, by_hand=True, turns_at=at("24 08:00"), opens_at=at("24 08:00"))
    assert stands(own, "23 23:00") == OPEN
    morning = turned(own, "24 08:00").standing
    assert (morning.status, morning.by_hand) == (OPEN, False)
    assert stands(morning, "24 17:00") == CLOSED


def test_who_was_away_for_days_comes_to_the_same() -> None:
    open_ = Standing(OPEN, by_hand=False, turns_at=at("22 17:00"))
    # Over a day that is closed.
    late = turned(open_, "26 09:00", has_rest=True)
    assert late.standing == Standing(
        OPEN, by_hand=False, turns_at=at("26 12:00"), opens_at=at("26 13:00")
    )
    assert late.day_begins == at("26 08:00")
    night = turned(open_, "25 09:00", has_rest=True)
    assert (night.standing.status, night.day_ends) == (CLOSED, True)
    assert night.standing.opens_at == at("26 08:00")


def test_new_hours_close_and_open_but_not_what_a_person_chose() -> None:
    always = turned(Standing(OPEN, by_hand=False), "23 20:00", hours=Hours(ZONE)).standing
    assert always == Standing(OPEN, by_hand=False)
    assert turned(always, "23 20:00").standing.status == CLOSED
    closed = Standing(CLOSED, by_hand=False, turns_at=at("24 08:00"))
    assert turned(closed, "23 20:00", hours=Hours(ZONE)).standing == Standing(OPEN, by_hand=False)
    own = Standing(PAUSED, by_hand=True, turns_at=at("23 17:00"))
    assert turned(own, "23 14:00", hours=Hours(ZONE)).standing == Standing(PAUSED, by_hand=True)


def test_a_night_is_one_day() -> None:
    bar = Hours(ZONE, dict.fromkeys(range(7), (Span(time(22), time(2)),)))
    open_ = Standing(OPEN, by_hand=False, turns_at=at("24 02:00"))
    over = turned(open_, "24 02:00", hours=bar)
    assert over.day_ends
    assert over.standing.opens_at == at("24 22:00")


statuses = st.builds(
    Standing,
    st.sampled_from([OPEN, PAUSED, CLOSING, CLOSED]),
    st.booleans(),
    st.none() | st.integers(-3000, 3000).map(lambda m: at("23 12:00") + timedelta(minutes=m)),
)


@settings(max_examples=150)
@given(before=statuses, minutes=st.integers(0, 10_000), has_rest=st.booleans())
def test_asked_again_nothing_changes(before: Standing, minutes: int, has_rest: bool) -> None:
    now = at("20 00:00") + timedelta(minutes=minutes)
    once = turn(before, HOURS, now, has_rest=has_rest, closing_window=WINDOW)
    again = turn(once.standing, HOURS, now, has_rest=has_rest, closing_window=WINDOW)
    assert again == Turn(once.standing)
    assert once.standing.turns_at is None or once.standing.turns_at > now
    is_open = once.standing.status in {OPEN, PAUSED}
    assert is_open == HOURS.is_open(now) or once.standing.by_hand


def test_an_opening_is_said_as_short_as_it_can_be() -> None:
    now = at("23 20:00")
    assert opening_words(at("23 21:30"), ZONE, now) == "21:30"
    assert opening_words(at("24 08:00"), ZONE, now) == "Tue 08:00"
    assert opening_words(at("29 08:00"), ZONE, now) == "Sun 08:00"
    assert opening_words(at("30 08:00"), ZONE, now) == "Mon 30 Nov, 08:00"
