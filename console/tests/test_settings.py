"""The settings: a section at a time, what was typed is kept, and services have the last word."""

from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.forms import ChoiceField
from django.test import Client
from django.utils import translation

from appointments.models import AvailabilityException, BookingPolicy, BusyFeed, Resource
from appointments.selectors import rules_of, usual_week
from appointments.tests.cast import build_practice
from conftest import House, add_member, client_of
from providers.hours import Span
from providers.models import Location, Member, Role
from providers.selectors import hours_of
from queues.models import Counter, Queue
from waitlessq import clock

S = "/console/clinic/settings"


@pytest.fixture
def manager(house: House) -> Client:
    """Signed in as a manager of the house."""
    return client_of(add_member(house.provider, Role.MANAGER))


def shown(client: Client, path: str) -> dict[str, Any]:
    """What the form of a page shows, as a browser would send it back."""
    form = client.get(path).context["form"]
    data = {name: form[name].value() for name in form.fields}
    # Of a list without a choice the first is sent.
    data |= {
        name: next(iter(form.fields[name].choices))[0]
        for name in form.fields
        if data[name] is None and type(form.fields[name]) is ChoiceField
    }
    return {
        name: [getattr(v, "pk", v) for v in value] if isinstance(value, list) else value
        for name, value in data.items()
        if value is not None and value is not False
    }


def test_the_sections_are_for_who_may_change_them(
    manager: Client, owner: Client, staff: Client
) -> None:
    seen = manager.get(f"{S}/").text
    assert "Locations and hours" in seen
    assert "Members" not in seen
    assert "Members" in owner.get(f"{S}/").text
    assert "/settings/" not in staff.get("/console/clinic/").text


def test_a_name_is_looked_for_in_all_sections(manager: Client, house: House) -> None:
    page = manager.get(f"{S}/?q=walk").text
    assert f"{S}/queues/{house.queue.pk}/" in page
    assert "No match" in manager.get(f"{S}/?q=nobody").text


def test_a_week_is_written_as_one_says_it(manager: Client, in_house: House) -> None:
    path = f"{S}/locations/{in_house.location.pk}/"
    data = shown(manager, path) | {"weekday-0": "8-12, 13:00–17:30", "weekday-4": "22:00-02:00"}
    assert manager.post(path, data).status_code == HTTPStatus.FOUND
    week = {
        0: [Span(time(8), time(12)), Span(time(13), time(17, 30))],
        4: [Span(time(22), time(2))],
    }
    assert hours_of([in_house.location])[in_house.location.pk].week == week
    assert "08:00-12:00, 13:00-17:30" in manager.get(path).text


@pytest.mark.parametrize(
    ("written", "said"),
    [("morning", "is not understood"), ("25-26", "is not understood"), ("8-12, 11-13", "overlap")],
)
def test_what_is_not_understood_is_kept_and_nothing_is_saved(
    manager: Client, in_house: House, written: str, said: str
) -> None:
    path = f"{S}/locations/{in_house.location.pk}/"
    data = shown(manager, path) | {"name": "Elsewhere", "weekday-0": written}
    refused = manager.post(path, data)
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert (said in refused.text, f'value="{written}"' in refused.text) == (True, True)
    assert 'value="Elsewhere"' in refused.text
    assert Location.objects.get(pk=in_house.location.pk).name == "Main"


def test_a_date_is_added_and_removed(manager: Client, in_house: House) -> None:
    path = f"{S}/locations/{in_house.location.pk}"
    data = {"exception-date": "2099-12-24", "exception-spans": "8-10", "exception-name": "Early"}
    assert manager.post(f"{path}/exceptions/", data).status_code == HTTPStatus.FOUND
    page = manager.get(f"{path}/").text
    assert "Early" in page
    kept = hours_of([in_house.location])[in_house.location.pk].exceptions
    assert kept == {date(2099, 12, 24): [Span(time(8), time(10))]}
    refused = manager.post(f"{path}/exceptions/", data | {"exception-date": "soon"})
    assert (refused.status_code, 'value="soon"' in refused.text) == (HTTPStatus.BAD_REQUEST, True)
    manager.post(f"{path}/exceptions/2099-12-24/remove/")
    assert hours_of([in_house.location])[in_house.location.pk].exceptions == {}


def test_a_queue_is_changed_only_where_the_form_was(manager: Client, in_house: House) -> None:
    path = f"{S}/queues/{in_house.queue.pk}/"
    data = shown(manager, path)
    before = Queue.objects.get(pk=in_house.queue.pk)
    assert manager.post(path, data).status_code == HTTPStatus.FOUND
    assert Queue.objects.get(pk=before.pk).sequence == before.sequence
    data |= {"early_join": 45, "at_closing": "carry_over", "capacity": 9, "services": []}
    del data["remote_join"]
    assert manager.post(path, data).status_code == HTTPStatus.FOUND
    after = Queue.objects.get(pk=before.pk)
    assert (after.early_join, after.at_closing) == (timedelta(minutes=45), "carry_over")
    assert (after.capacity, after.remote_join) == (9, False)
    assert (list(after.services.all()), after.status_by_hand) == ([], False)


def test_rows_are_added(manager: Client, in_house: House) -> None:
    location = in_house.location.pk
    data = shown(manager, f"{S}/queues/new/") | {"location": location, "name": "Second"}
    refused = manager.post(f"{S}/queues/new/", data | {"prefix": "O"})
    assert "without I, O, Q and W" in refused.text
    made = manager.post(f"{S}/queues/new/", data | {"prefix": "B"})
    assert made.status_code == HTTPStatus.FOUND
    second = Queue.objects.get(name="Second")
    data = {"location": location, "name": "3", "queues": [second.pk]}
    assert manager.post(f"{S}/counters/new/", data).status_code == HTTPStatus.FOUND
    assert list(Counter.objects.get(name="3").queues.all()) == [second]
    taken = manager.post(f"{S}/counters/new/", data)
    assert (taken.status_code, "This name is taken" in taken.text) == (400, True)
    data = shown(manager, f"{S}/services/new/") | {"name": "Passport"}
    assert manager.post(f"{S}/services/new/", data).status_code == HTTPStatus.FOUND


def test_members_are_the_owners(owner: Client, in_house: House) -> None:
    data = {"email": "new@clinic.example", "name": "Nora", "role": "staff", "locations": []}
    assert owner.post(f"{S}/members/new/", data).status_code == HTTPStatus.FOUND
    assert "work here already" in owner.post(f"{S}/members/new/", data).text
    nora = Member.objects.get(name="Nora")
    path = f"{S}/members/{nora.pk}/"
    changes = {"name": "Nora", "role": "manager", "locations": [in_house.location.pk]}
    assert owner.post(path, changes).status_code == HTTPStatus.FOUND
    nora.refresh_from_db()
    assert (nora.role, nora.is_limited) == ("manager", True)
    refused = owner.post(path, changes | {"role": "owner"})
    assert "works at every location" in refused.text
    owner.post(f"{path}remove/")
    assert not Member.objects.filter(pk=nora.pk).exists()


def test_the_provider_is_named_anew(owner: Client, house: House) -> None:
    assert shown(owner, f"{S}/provider/") == {"name": "Clinic", "trade": "clinic"}
    data = {"name": "Harbour", "trade": "salon"}
    assert owner.post(f"{S}/provider/", data).status_code == HTTPStatus.FOUND
    house.provider.refresh_from_db()
    assert (house.provider.name, house.provider.trade) == ("Harbour", "salon")


@pytest.mark.parametrize("language", ["he", "ar"])
def test_it_speaks_the_readers_language(manager: Client, house: House, language: str) -> None:
    manager.cookies["django_language"] = language
    page = manager.get(f"{S}/queues/{house.queue.pk}/").text
    with translation.override(language):
        assert translation.gettext("Opening and closing") in page
    assert "Opening and closing" not in page


def test_another_providers_rows_are_not_there(manager: Client, other_house: House) -> None:
    assert manager.get(f"{S}/queues/{other_house.queue.pk}/").status_code == HTTPStatus.NOT_FOUND


def test_a_usual_week_becomes_rules_and_others_stay(manager: Client, in_house: House) -> None:
    form = {"location": in_house.location.pk, "kind": "staff", "name": "Ada", "capacity": 1}
    form |= {"rank": 0, "is_active": "on", "services": [in_house.service.pk]}
    form |= {"weekday-0": "9-12, 13-17", "weekday-1": "9-12"}
    assert manager.post(f"{S}/resources/new/", form).status_code == HTTPStatus.FOUND
    ada = Resource.objects.get()
    rules = ada.availability_rules.order_by("starts")
    days = [(rule.recurrence, rule.starts.hour, rule.ends.hour) for rule in rules]
    assert days == [("FREQ=WEEKLY;BYDAY=MO,TU", 9, 12), ("FREQ=WEEKLY;BYDAY=MO", 13, 17)]
    here = f"{S}/resources/{ada.pk}/"
    rule = {"rule-kind": "break", "rule-recurrence": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"}
    rule |= {"rule-starts": "10:00", "rule-ends": "10:30", "rule-valid_from": "2026-11-23"}
    manager.post(f"{here}rules/", rule)
    assert "INTERVAL=2" in manager.get(here).text
    changed = shown(manager, here) | {"weekday-0": "", "weekday-4": "8-10"}
    assert manager.post(here, changed).status_code == HTTPStatus.FOUND
    assert usual_week(ada) == {1: [Span(time(9), time(12))], 4: [Span(time(8), time(10))]}
    manager.post(f"{here}rules/{rules.get(kind='break').pk}/remove/")
    assert not rules.filter(kind="break")


def test_a_rule_or_a_time_that_can_not_be_keeps_what_was_typed(
    manager: Client, in_house: House
) -> None:
    ada = build_practice(in_house).ada
    here = f"{S}/resources/{ada.pk}/"
    rule = {"rule-kind": "open", "rule-recurrence": "FREQ=DAILY", "rule-starts": "10:00"}
    rule |= {"rule-ends": "11:00", "rule-valid_from": "2026-11-23"}
    response = manager.post(f"{here}rules/", rule)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert 'value="FREQ=DAILY"' in response.text
    # Clocks there are put forward at two that night.
    away = {"away-kind": "closed", "away-ends_at": "2027-03-26T04:00"}
    response = manager.post(f"{here}away/", away | {"away-starts_at": "2027-03-26T02:30"})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert 'value="2027-03-26T02:30"' in response.text
    manager.post(f"{here}away/", away | {"away-starts_at": "2027-03-25T23:00"})
    closed = ada.availability_exceptions.get()
    assert closed.starts_at == datetime(2027, 3, 25, 21, tzinfo=UTC)
    assert "Away, or closed" in manager.get(here).text


def test_a_calendar_elsewhere_is_added_looked_at_and_removed(
    manager: Client, in_house: House
) -> None:
    ada = build_practice(in_house).ada
    here = f"{S}/resources/{ada.pk}/"
    refused = manager.post(f"{here}calendars/", {"feed-url": "http://calendar.example/x"})
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert 'value="http://calendar.example/x"' in refused.text
    manager.post(f"{here}calendars/", {"feed-url": "webcal://calendar.example/hush/ada.ics"})
    feed = ada.busy_feeds.get()
    page = manager.get(here).text
    assert "Not read yet." in page
    assert "hush" not in page, "who knows the address can read the calendar"
    since = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    AvailabilityException.objects.create(
        provider=in_house.provider, resource=ada, feed=feed, kind="closed",
        starts_at=clock.now(), ends_at=clock.now() + timedelta(hours=1),
    )  # fmt: skip
    changes = {"problem": "refused", "failing_since": since, "due_at": since + timedelta(days=99)}
    BusyFeed.objects.update(**changes, failures=4)
    page = manager.get(here).text
    for said in ("Tue 24 Nov, 10:30", "its server does not give it out", "add the new one"):
        assert said in page
    # What it says is not among the times that can be removed one by one.
    assert f"{here}away/{ada.availability_exceptions.get().pk}" not in page
    manager.post(f"{here}calendars/{feed.pk}/retry/")
    feed.refresh_from_db()
    assert feed.due_at <= clock.now()
    manager.post(f"{here}calendars/{feed.pk}/remove/")
    assert not ada.availability_exceptions.exists()


def test_how_a_service_is_booked(manager: Client, in_house: House) -> None:
    here = f"{S}/booking/{in_house.service.pk}/"
    assert "Not booked yet" in manager.get(f"{S}/booking/").text
    form = shown(manager, here) | {"needs": "both", "questions": "Which side? *\r\nSince when?"}
    assert manager.post(here, form | {"horizon": "30"}).status_code == HTTPStatus.FOUND
    policy = BookingPolicy.objects.get()
    assert (policy.needs_staff, policy.needs_room) == (True, True)
    assert policy.horizon == timedelta(days=30)
    side, since = policy.questions
    assert (side["label"], side["required"], since["required"]) == ("Which side?", True, False)
    # A question that stays keeps its id, by which answers are kept.
    manager.post(here, shown(manager, here) | {"questions": "Since when?\r\nAllergies?"})
    policy.refresh_from_db()
    assert policy.questions[0]["id"] == since["id"]
    assert policy.questions[1]["id"] not in {side["id"], since["id"]}
    response = manager.post(here, shown(manager, here) | {"step": "7"})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert 'value="7"' in response.text


def test_the_rules_for_all_bookings(manager: Client, in_house: House) -> None:
    here = f"{S}/booking-rules/"
    form = shown(manager, here) | {"reminder_minutes": "1440, 120", "no_show_limit": "3"}
    assert manager.post(here, form).status_code == HTTPStatus.FOUND
    rules = rules_of(in_house.provider)
    assert (rules.reminder_minutes, rules.no_show_limit) == ([1440, 120], 3)
    response = manager.post(here, form | {"reminder_minutes": "1440, soon"})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "1440, soon" in response.text
