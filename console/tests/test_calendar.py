"""Calendar: what it shows of whom, and where things stand in it."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from http import HTTPStatus
from typing import Any
from unittest.mock import Mock
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django_scopes import scope

from appointments.models import Appointment, AvailabilityException, BusyFeed, ExceptionKind
from appointments.services.bookings import appointment_cancel, hold_create, hold_release
from appointments.services.feeds import busy_feed_add
from appointments.services.resources import (
    availability_exception_add,
    booking_policy_set,
    resource_update,
)
from appointments.slots import Stretch
from appointments.tests.cast import Practice, build_practice
from conftest import House, add_member, client_of
from console.views.calendar.bookings import ACTIONS
from console.views.calendar.grid import Span, in_lanes, merged, span_on, week_of
from console.views.calendar.month import days_of, month_days, next_month
from providers.models import Member, Role
from providers.services.customers import customer_find_or_create
from providers.services.locations import location_create
from providers.services.members import member_update
from providers.services.services import service_update
from queues.models import Source
from queues.services.tickets import ticket_join
from waitlessq import clock
from waitlessq.errors import InvalidInputError

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


def test_what_is_kept_or_busy_elsewhere_is_drawn_with_words(
    practice: Practice, staff: Client
) -> None:
    actor = practice.house.actor
    hold_create(actor=actor, wish=practice.wish(10, resource=practice.ada))
    gone = hold_create(actor=actor, wish=practice.wish(11, resource=practice.ada))
    hold_release(actor=actor, hold_id=gone.pk)
    feed = busy_feed_add(actor=actor, resource=practice.ada, url="https://calendar.example/a.ics")
    AvailabilityException.objects.create(
        provider=actor.provider, resource=practice.ada, feed=feed, kind=ExceptionKind.CLOSED,
        starts_at=practice.at(12), ends_at=practice.at(13),
    )  # fmt: skip
    response = staff.get(CALENDAR, of_day(practice))
    ada, _, _ = response.context["grid"].columns
    assert [(one.span, one.is_offered) for one in ada.kept] == [(Span(600, 15), False)]
    assert [(one.span, one.is_elsewhere) for one in ada.closed] == [(Span(720, 60), True)]
    assert "Being booked" in response.text
    assert "Busy in another calendar" in response.text
    with clock.override(clock.now() + timedelta(minutes=6)):
        assert not grid_of(staff, practice).columns[0].kept, "a hold expires by itself"


def test_a_calendar_that_can_not_be_read_is_said(practice: Practice, staff: Client) -> None:
    feed = busy_feed_add(
        actor=practice.house.actor, resource=practice.ada, url="https://calendar.example/a.ics"
    )
    assert "may be missing" not in staff.get(CALENDAR).text
    BusyFeed.objects.filter(pk=feed.pk).update(problem="unreachable", failing_since=clock.now())
    page = staff.get(CALENDAR, of_day(practice)).text
    assert "its server does not answer" in page
    assert "/settings/resources/" not in page, "staff can not mend it"


def test_a_month_counts_each_days_bookings(practice: Practice, staff: Client) -> None:
    for hour in (9, 10):
        practice.book(practice.wish(hour, resource=practice.ada))
    practice.book(practice.wish(9, resource=practice.ben))
    gone = practice.book(practice.wish(11, resource=practice.ada))
    appointment_cancel(actor=practice.house.actor, appointment_id=gone.pk)
    response = staff.get(CALENDAR, of_day(practice, view="month"))
    days = {one.day: one for week in response.context["month"].weeks for one in week}
    assert days[practice.day].bookings == 3
    assert days[practice.day].is_open
    assert f"date={practice.day}" in days[practice.day].query
    assert response.context["month"].bookings == 3
    of_ada = staff.get(CALENDAR, of_day(practice, view="month", resource=practice.ada.pk))
    assert of_ada.context["month"].bookings == 2
    assert staff.get(f"{CALENDAR}?{days[practice.day].query}").context["grid"].bookings == 3


def test_a_month_is_whole_weeks_and_leads_to_the_ones_beside_it() -> None:
    with translation.override("en-gb"):
        days = month_days(date(2026, 11, 24))
    assert (days[0], days[-1]) == (date(2026, 10, 26), date(2026, 12, 6))
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    two_days = [int(datetime(2026, 11, day, tzinfo=JERUSALEM).timestamp()) for day in (24, 26)]
    assert days_of([Stretch(*two_days)], JERUSALEM) == {date(2026, 11, 24), date(2026, 11, 25)}


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


def act(client: Client, booked: Any, change: str, **form: Any) -> Any:
    return client.post(f"{CALENDAR}{booked.pk}/{change}/", form, headers=HTMX)


def states(*booked: Any) -> list[str]:
    for one in booked:
        one.refresh_from_db()
    return [one.state for one in booked]


def test_what_was_asked_for_is_approved_or_declined(practice: Practice, staff: Client) -> None:
    booking_policy_set(
        actor=practice.house.actor, service=practice.house.service, needs_approval=True
    )
    yes, no = (practice.book(practice.wish(hour), practice.customer) for hour in (10, 11))
    assert "Approve" in staff.get(f"{CALENDAR}{yes.pk}/").text
    assert "Approved: " in act(staff, yes, "confirm").text
    assert act(staff, no, "decline", reason="Full").status_code == HTTPStatus.OK
    assert states(yes, no) == ["booked", "declined"]
    assert act(staff, no, "confirm").status_code == HTTPStatus.CONFLICT


def test_a_booking_is_moved_and_moved_back(practice: Practice, staff: Client) -> None:
    booked = practice.book(practice.wish(10, resource=practice.ada))
    there = {"at": f"{practice.day}T11:30", "minutes": "30", "resource": practice.ben.pk}
    response = act(staff, booked, "move", **there)
    assert "Moved to " in response.text
    booked.refresh_from_db()
    assert (booked.starts_at, booked.ends_at) == (practice.at(11, 30), practice.at(12))
    assert booked.resources.get().resource == practice.ben
    back = response.context["undo"]["form"]
    assert "Undo" in response.text
    assert "Undo" not in act(staff, booked, "move", **back).text
    booked.refresh_from_db()
    assert (booked.starts_at, booked.ends_at) == (practice.at(10), practice.at(10, 15))
    assert booked.resources.get().resource == practice.ada


def test_a_time_that_is_taken_is_refused_with_what_is_free(
    practice: Practice, staff: Client
) -> None:
    practice.book(practice.wish(11, resource=practice.ada))
    booked = practice.book(practice.wish(10, resource=practice.ada))
    there = {"at": f"{practice.day}T11:00", "resource": practice.ada.pk}
    response = act(staff, booked, "move", **there)
    assert response.status_code == HTTPStatus.CONFLICT
    assert "10:30, 10:45 and 11:15 are free" in response.text
    page = staff.post(f"{CALENDAR}{booked.pk}/move/", there)
    assert f'value="{practice.day}T11:00"' in page.text
    assert act(staff, booked, "move", at="tomorrow").status_code == HTTPStatus.BAD_REQUEST


def test_where_a_booking_would_fit_is_known_before(practice: Practice, staff: Client) -> None:
    service_update(
        actor=practice.house.actor,
        service=practice.house.service,
        buffer_after=timedelta(minutes=15),
    )
    practice.book(practice.wish(11, resource=practice.ada))
    booked = practice.book(practice.wish(10, resource=practice.ada))
    places = staff.get(f"{CALENDAR}{booked.pk}/places/", of_day(practice)).json()
    day = practice.day.isoformat()
    free, opened = (places[name][str(practice.ada.pk)][day] for name in ("free", "open"))
    # Its own time and buffer are not in its way; those of the other are, and so is its own there.
    assert {600, 615} <= set(free)
    assert not {645, 660, 675} & set(free)
    assert {645, 660, 675} <= set(opened)
    assert str(practice.room.pk) not in places["free"]
    longer = staff.get(f"{CALENDAR}{booked.pk}/places/", of_day(practice, minutes=45)).json()
    assert 600 in longer["free"][str(practice.ada.pk)][day]
    assert 615 not in longer["free"][str(practice.ada.pk)][day]


def test_who_comes_is_checked_in_and_out_again(practice: Practice, staff: Client) -> None:
    morning = practice.at(9, 50)
    with clock.override(morning):
        booked = practice.book(practice.wish(10, days=-2))
        assert "Check in" in staff.get(f"{CALENDAR}{booked.pk}/").text
        response = act(staff, booked, "check-in")
        assert "Checked in: A001" in response.text
        assert states(booked) == ["arrived"]
        undo = response.context["undo"]
        assert staff.post(undo["undo"], undo["form"]).status_code == HTTPStatus.FOUND
        assert states(booked) == ["booked"]
        act(staff, booked, "no-show")
        assert states(booked) == ["no_show"]


def test_a_booking_of_today_is_made_a_walk_in(practice: Practice, staff: Client) -> None:
    later = practice.book(practice.wish())
    assert "Make it a walk-in" not in staff.get(f"{CALENDAR}{later.pk}/").text
    with clock.override(practice.at(9, 50)):
        booked = practice.book(practice.wish(11, days=-2))
        assert "Make it a walk-in" in staff.get(f"{CALENDAR}{booked.pk}/").text
        assert "A001 is in the line" in act(staff, booked, "walk-in").text
        assert states(booked) == ["cancelled"]
        assert act(staff, booked, "walk-in").status_code == HTTPStatus.CONFLICT


def test_who_waits_is_booked_instead(practice: Practice, staff: Client) -> None:
    house, morning = practice.house, practice.at(9, 50)
    with clock.override(morning):
        ticket = ticket_join(
            actor=house.actor,
            queue_id=house.queue.pk,
            source=Source.STAFF,
            service_id=house.service.pk,
        )
        found = staff.get(f"/console/clinic/desk/{house.counter.pk}/search/", {"q": ticket.code})
        [link] = re.findall(r'href="([^"]+/book/[^"]+)"', found.text)
        page = staff.get(unescape(link))
        assert "leaves the line once this is booked" in page.text
        form = {
            "location": house.location.pk,
            "service": house.service.pk,
            "ticket": ticket.pk,
            "date": morning.date(),
            "time": "11:00",
            "times": 1,
            "weeks": 1,
            "name": "Dana",
        }
        once = {"key": str(uuid4())}
        for _ in range(2):
            assert staff.post(f"{CALENDAR}book/", form | once).status_code == HTTPStatus.FOUND
        again = staff.post(f"{CALENDAR}book/", form | {"key": str(uuid4()), "time": "12:00"})
        assert again.status_code == HTTPStatus.CONFLICT, "who does not wait is not booked for"
        nobodys = {"key": str(uuid4()), "ticket": 10**20}
        refused = staff.post(f"{CALENDAR}book/", form | nobodys)
        assert refused.status_code == HTTPStatus.BAD_REQUEST, "no column holds such a number"
    ticket.refresh_from_db()
    booked = Appointment.objects.get()
    assert (ticket.state, booked.source) == ("cancelled", "queue")
    assert booked.customer is not None
    assert booked.customer.name == "Dana"


def test_members_follow_their_own_bookings(practice: Practice, house: House) -> None:
    member = add_member(house.provider, Role.VIEWER)
    client, path = client_of(member), f"{CALENDAR}feed/"
    assert "No bookings are with you" in client.get(path).text
    resource_update(actor=house.actor, resource=practice.ada, member=member)
    practice.book(practice.wish(10, resource=practice.ada))
    assert client.get(path).context["url"] == ""
    client.post(path)
    url = client.get(path).context["url"].removeprefix("http://testserver")
    assert "BEGIN:VEVENT" in Client().get(url).text
    assert "leads nowhere any more" in client.post(path, {"close": "1"}, follow=True).text
    assert Client().get(url).status_code == HTTPStatus.NOT_FOUND


def test_the_same_press_counts_once(practice: Practice, staff: Client) -> None:
    booked = practice.book(practice.wish())
    key = "5c8d5b1e-3f0a-4d0c-9a0e-6f0f3f7c2f11"
    assert act(staff, booked, "cancel", key=key).status_code == HTTPStatus.OK
    assert act(staff, booked, "cancel", key=key).status_code == HTTPStatus.OK
    assert act(staff, booked, "cancel").status_code == HTTPStatus.CONFLICT


def test_a_viewer_reads_a_booking_without_names(practice: Practice, viewer: Client) -> None:
    customer = customer_find_or_create(actor=practice.house.actor, name="Dana Cohen")
    booked = practice.book(practice.wish(), customer=customer, note="Left knee")
    page = viewer.get(f"{CALENDAR}{booked.pk}/").text
    assert "Advice" in page
    assert not [word for word in ("Dana", "knee", "Cancel the booking") if word in page]


BOOK = f"{CALENDAR}book/"


def filled(practice: Practice, **fields: Any) -> dict[str, Any]:
    usual = {"service": practice.house.service.pk, "date": practice.day.isoformat()}
    return usual | {"time": "10:00", "times": 1, "weeks": 1} | fields


def test_a_time_is_booked_for_somebody_new(practice: Practice, staff: Client) -> None:
    form = filled(practice, resource=practice.ben.pk, name="Dana Cohen", phone="050-123-4567")
    response = staff.post(BOOK, form | {"note": "Left knee"}, follow=True)
    assert "Booked: " in response.text
    booked = Appointment.objects.get()
    assert booked.starts_at == practice.at(10)
    assert booked.customer is not None
    assert booked.customer.name == "Dana Cohen"
    assert booked.details.note == "Left knee"
    assert booked.resources.get().resource == practice.ben
    [block] = response.context["grid"].columns[1].blocks
    assert block.appointment == booked
    act(staff, booked, "cancel", **response.context["undo"]["form"])
    assert states(booked) == ["cancelled"]


def test_what_is_looked_for_is_found_and_what_was_typed_stays(
    practice: Practice, staff: Client
) -> None:
    known = customer_find_or_create(actor=practice.house.actor, name="Dana Cohen")
    practice.book(practice.wish(10, resource=practice.ada))
    look = filled(practice, look=1, find="dana", note="Left knee", resource=practice.ada.pk)
    page = staff.post(BOOK, look | {"time": "10:05"})
    assert [one.pk for one in page.context["people"]] == [known.pk]
    assert "Left knee" in page.text
    assert "10:00" not in page.context["offer"].times
    assert page.context["chosen_time"] == "10:15"
    assert not page.context["form"].errors


def test_a_time_that_was_taken_meanwhile_keeps_the_form(practice: Practice, staff: Client) -> None:
    practice.book(practice.wish(10, resource=practice.ada))
    form = filled(practice, resource=practice.ada.pk, name="Dana Cohen")
    response = staff.post(BOOK, form)
    assert response.status_code == HTTPStatus.CONFLICT
    assert "10:00 was just taken." in response.text
    assert 'value="Dana Cohen"' in response.text
    assert Appointment.objects.count() == 1


def test_each_time_that_can_not_be_is_said_and_keeps_the_form(
    practice: Practice, staff: Client, other_house: House
) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        # The clocks of Jerusalem jump over it.
        ({"date": "2040-03-23", "time": "02:30"}, "Clocks are put forward then."),
        ({"date": "2020-01-06"}, "Choose a time to come."),
        ({"time": "10:07"}, "Choose a time on the"),
        ({"time": "03:00"}, "Nobody works at 03:00."),
        ({"time": "soon"}, "Enter a valid time."),
        ({"resource": practice.room.pk}, "Select a valid choice."),
        ({"service": other_house.service.pk}, "Select a valid choice."),
        ({"customer": 2**62}, "Select a valid choice."),
    ]
    for change, said in cases:
        response = staff.post(BOOK, filled(practice, name="Dana Cohen", note="Knee") | change)
        assert response.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT}, change
        assert said in response.text, change
        assert all(kept in response.text for kept in ('value="Dana Cohen"', 'value="Knee"'))
    assert not Appointment.objects.exists()


def test_a_form_that_was_sent_books_nobody_else(practice: Practice, staff: Client) -> None:
    form = filled(practice, key=str(uuid4()), name="Dana Cohen")
    for _ in range(2):
        assert "Booked: " in staff.post(BOOK, form, follow=True).text
    response = staff.post(BOOK, form | {"name": "Noa Levi", "time": "11:00"})
    assert response.status_code == HTTPStatus.CONFLICT
    assert "This form was sent already." in response.text
    assert Appointment.objects.get().customer.name == "Dana Cohen"  # type: ignore[union-attr]


@pytest.mark.parametrize("digits", [30, 5000])
def test_a_number_that_no_column_holds_names_nothing(
    practice: Practice, staff: Client, digits: int
) -> None:
    far = "9" * digits
    booked = practice.book(practice.wish())
    names = ("location", "service", "resource", "customer")
    for look in ({}, {"look": 1}):
        response = staff.post(BOOK, filled(practice) | dict.fromkeys(names, far) | look)
        assert response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    places = staff.get(f"{CALENDAR}{booked.pk}/places/", of_day(practice, minutes=far))
    assert places.status_code == HTTPStatus.NOT_FOUND
    assert act(staff, booked, "leave", ticket=far).status_code == HTTPStatus.NOT_FOUND


def test_a_reason_that_was_typed_stays(
    practice: Practice, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked = practice.book(practice.wish())
    refuse = Mock(side_effect=InvalidInputError("reason", "Not so."))
    monkeypatch.setitem(ACTIONS, "cancel", refuse)
    page = staff.post(f"{CALENDAR}{booked.pk}/cancel/", {"reason": "Both are ill"})
    assert 'value="Both are ill"' in page.text


def test_the_services_own_questions_are_asked(practice: Practice, staff: Client) -> None:
    booking_policy_set(
        actor=practice.house.actor,
        service=practice.house.service,
        questions=[{"id": "side", "label": "Which side?", "required": True}],
    )
    response = staff.post(BOOK, filled(practice))
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Which side?" in response.text
    staff.post(BOOK, filled(practice, **{"answer-side": "Left"}))
    assert Appointment.objects.get().details.answers == {"side": "Left"}


def test_a_series_shows_its_conflicts_first(practice: Practice, staff: Client) -> None:
    practice.book(practice.wish(10, days=7, resource=practice.ada))
    form = filled(practice, resource=practice.ada.pk, times=3)
    response = staff.post(BOOK, form)
    assert response.status_code == HTTPStatus.CONFLICT
    assert "1 of 3 are not free" in response.text
    response = staff.post(BOOK, form | {"skip_conflicts": "on"}, follow=True)
    assert "All of them are booked, from " in response.text


def test_a_day_without_a_free_time_names_the_next(practice: Practice, staff: Client) -> None:
    availability_exception_add(
        actor=practice.house.actor,
        resource=practice.ada,
        kind=ExceptionKind.CLOSED,
        starts_at=practice.at(0),
        ends_at=practice.at(23),
    )
    page = staff.get(BOOK, of_day(practice, resource=practice.ada.pk))
    assert "Nothing is free on that day." in page.text
    following = practice.day + timedelta(days=1)
    page = staff.post(BOOK, filled(practice, look=following, resource=practice.ada.pk))
    assert page.context["form"]["date"].value() == following.isoformat()


def test_another_providers_people_and_resources_can_not_be_booked(
    practice: Practice, other_house: House, staff: Client
) -> None:
    with scope(provider=other_house.provider):
        stranger = customer_find_or_create(actor=other_house.actor, name="Stranger")
    response = staff.post(BOOK, filled(practice, customer=stranger.pk))
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Stranger" not in response.text
    assert not Appointment.objects.exists()


def test_what_is_booked_costs_no_more_queries(practice: Practice, staff: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            staff.get(CALENDAR, of_day(practice))
        return len(asked)

    practice.book(practice.wish(9), note="Left knee")
    before = queries()
    for hour in (10, 11, 12):
        practice.book(practice.wish(hour), note="Left knee")
    assert queries() == before


def test_who_is_late_moves_the_rest_of_the_day_and_back(practice: Practice, staff: Client) -> None:
    morning = practice.at(9, 50)
    with clock.override(morning):
        booked = practice.book(practice.wish(10, days=-2, resource=practice.ada))
        form = {"resource": practice.ada.pk, "minutes": 20}
        response = staff.post(f"{CALENDAR}late/", form, headers=HTMX)
        assert "1 booking of Ada is moved; its customer is told." in response.text
        booked.refresh_from_db()
        assert booked.starts_at == morning + timedelta(minutes=30)
        undo = response.context["undo"]
        assert "Undone" in staff.post(undo["undo"], undo["form"], headers=HTMX).text
        booked.refresh_from_db()
        assert booked.starts_at == morning + timedelta(minutes=10)
        refused = staff.post(f"{CALENDAR}late/", form | {"minutes": 0}, headers=HTMX)
        assert refused.status_code == HTTPStatus.BAD_REQUEST


def test_who_works_elsewhere_sees_and_moves_nothing_here(practice: Practice, staff: Client) -> None:
    booked = practice.book(practice.wish())
    member = Member.objects.get(user__email__startswith="staff@")
    elsewhere = location_create(
        actor=practice.house.actor, name="Elsewhere", time_zone="Asia/Jerusalem"
    )
    member_update(actor=practice.house.actor, member=member, locations=[elsewhere])
    assert staff.get(CALENDAR, of_day(practice)).context["resources"] == []
    asked = of_day(practice, resource=practice.ada.pk)
    assert staff.get(CALENDAR, asked).status_code == HTTPStatus.BAD_REQUEST
    for path in ("", "places/"):
        answer = staff.get(f"{CALENDAR}{booked.pk}/{path}", of_day(practice))
        assert answer.status_code == HTTPStatus.NOT_FOUND
    assert act(staff, booked, "cancel").status_code == HTTPStatus.NOT_FOUND
    late = {"resource": practice.ada.pk, "minutes": 20}
    assert staff.post(f"{CALENDAR}late/", late, headers=HTMX).status_code == HTTPStatus.BAD_REQUEST
    staff.post(BOOK, filled(practice, location=practice.house.location.pk))
    assert Appointment.objects.count() == 1
