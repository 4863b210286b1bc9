"""Calendar: what it shows of whom, and where things stand in it."""

from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import translation

from appointments.models import ExceptionKind
from appointments.services.bookings import appointment_cancel
from appointments.services.resources import availability_exception_add
from appointments.tests.cast import Practice, build_practice
from conftest import House, add_member, client_of
from console.views.calendar.grid import Span, in_lanes, merged, span_on, week_of
from providers.models import Role
from providers.services.customers import customer_find_or_create

JERUSALEM = ZoneInfo("Asia/Jerusalem")
DAY = date(2026, 11, 24)
CALENDAR = "/console/clinic/calendar/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def practice(in_house: House) -> Practice:
    """The house, with people who can be booked."""
    return build_practice(in_house)


@pytest.fixture
def viewer(house: House) -> Client:
    """Signed in as a viewer of the house."""
    return client_of(add_member(house.provider, Role.VIEWER))


def of_day(practice: Practice, **asked: Any) -> dict[str, Any]:
    return {"date": practice.day.isoformat(), **asked}


def grid_of(client: Client, practice: Practice, **asked: Any) -> Any:
    return client.get(CALENDAR, of_day(practice, **asked)).context["grid"]


def test_what_reaches_over_midnight_stands_in_both_days() -> None:
    evening = datetime(2026, 11, 24, 23, 30, tzinfo=JERUSALEM)
    morning = evening + timedelta(hours=1)
    assert span_on(DAY, JERUSALEM)(evening, morning) == Span(23 * 60 + 30, 30)
    assert span_on(date(2026, 11, 25), JERUSALEM)(evening, morning) == Span(0, 30)
    assert span_on(date(2026, 11, 26), JERUSALEM)(evening, morning) is None
    midnight = datetime(2026, 11, 25, tzinfo=JERUSALEM)
    assert span_on(date(2026, 11, 25), JERUSALEM)(evening, midnight) is None


def test_what_a_clock_that_is_put_back_shows_still_takes_room() -> None:
    # At 02:00 it is 01:00 again.
    start = datetime(2026, 10, 24, 22, 50, tzinfo=UTC)
    span = span_on(date(2026, 10, 25), JERUSALEM)(start, start + timedelta(minutes=20))
    assert span == Span(110, 1)


def test_what_overlaps_stands_side_by_side() -> None:
    items = [("a", Span(0, 60)), ("b", Span(30, 60)), ("c", Span(60, 30)), ("d", Span(120, 5))]
    lanes = {name: lane for (name, _), lane in in_lanes([*items, ("e", Span(125, 5))])}
    assert lanes == {"a": (0, 2), "b": (1, 2), "c": (0, 2), "d": (0, 2), "e": (1, 2)}


def test_spans_that_touch_are_one() -> None:
    assert merged([Span(60, 60), Span(0, 60), Span(200, 10)]) == [Span(0, 120), Span(200, 10)]


def test_a_week_begins_as_the_readers_weeks_do() -> None:
    with translation.override("he"):
        assert week_of(DAY)[0] == date(2026, 11, 22)
    with translation.override("en-gb"):
        assert week_of(DAY)[0] == date(2026, 11, 23)


def test_everybody_has_a_column_with_hours_and_bookings(practice: Practice, staff: Client) -> None:
    customer = customer_find_or_create(actor=practice.house.actor, name="Dana Cohen")
    practice.book(practice.wish(10, resource=practice.ada), customer=customer)
    gone = practice.book(practice.wish(11, resource=practice.ada))
    appointment_cancel(actor=practice.house.actor, appointment_id=gone.pk)
    availability_exception_add(
        actor=practice.house.actor,
        resource=practice.ben,
        kind=ExceptionKind.CLOSED,
        starts_at=practice.at(12),
        ends_at=practice.at(13),
        reason="Training",
    )
    response = staff.get(CALENDAR, of_day(practice))
    ada, ben, room = response.context["grid"].columns
    assert [block.span for block in ada.blocks] == [Span(600, 15)]
    assert ben.opened == [Span(540, 180), Span(780, 240)]
    assert room.opened == [Span(0, 1440)]
    assert "Dana Cohen" in response.text
    assert "Training" in response.text


def test_a_day_of_everybody_and_a_week_of_one(practice: Practice, staff: Client) -> None:
    practice.book(practice.wish(10, resource=practice.ada))
    practice.book(practice.wish(10, resource=practice.ben))
    [everybody] = grid_of(staff, practice, view="day").columns
    assert [(block.lane, block.lanes) for block in everybody.blocks] == [(0, 2), (1, 2)]
    week = grid_of(staff, practice, view="week", resource=practice.ada.pk)
    assert (len(week.columns), week.bookings) == (7, 1)


def test_an_empty_day_says_what_to_do(practice: Practice, staff: Client) -> None:
    page = staff.get(CALENDAR, of_day(practice)).text
    assert "No bookings." in page
    assert "Share your link." in page


def test_where_nothing_can_be_booked_it_says_so(house: House, staff: Client) -> None:
    assert "Nothing can be booked here yet." in staff.get(CALENDAR).text


def test_a_viewer_sees_no_names(practice: Practice, viewer: Client) -> None:
    customer = customer_find_or_create(actor=practice.house.actor, name="Dana Cohen")
    practice.book(practice.wish(), customer=customer)
    page = viewer.get(CALENDAR, of_day(practice)).text
    assert "Advice" in page
    assert "Dana" not in page


def test_a_date_that_is_none_is_said_and_kept(house: House, staff: Client) -> None:
    response = staff.get(CALENDAR, {"date": "2026-13-40"})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert 'value="2026-13-40"' in response.text


def test_another_providers_resource_is_none(
    house: House, other_house: House, staff: Client
) -> None:
    response = staff.get(CALENDAR, {"location": other_house.location.pk})
    assert response.status_code == HTTPStatus.BAD_REQUEST


def test_the_same_is_not_shown_again(practice: Practice, staff: Client) -> None:
    part = staff.get(CALENDAR, of_day(practice), headers=HTMX)
    refresh = part.context["refresh"]
    assert staff.get(refresh, headers=HTMX).status_code == HTTPStatus.NO_CONTENT
    practice.book(practice.wish())
    # Its transaction commits later than a test ends.
    assert staff.get(f"{refresh}x", headers=HTMX).status_code == HTTPStatus.OK
