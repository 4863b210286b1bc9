"""The API of resources, times and appointments: its two doors, and what it refuses."""

import json
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from appointments.calendars import uid
from appointments.models import Appointment, SlotHold
from appointments.services.bookings import appointment_mark_no_show, hold_create
from appointments.services.resources import booking_policy_set, booking_rules_set
from appointments.tests.cast import EVERY_DAY, Practice
from conftest import House
from providers.models import Customer
from providers.services.customers import customer_find_or_create
from waitlessq import clock

P = "/api/v1/providers/clinic"
PUBLIC = "/api/v1/public"
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


def post(client: Client, path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json", headers=headers or {})


def booking(practice: Practice, hour: int = 10, minute: int = 0) -> dict[str, Any]:
    return {
        "service": practice.house.service.pk,
        "starts_at": practice.at(hour, minute).isoformat(),
    }


def test_a_manager_sets_up_what_can_be_booked(owner: Client, in_house: House) -> None:
    made = post(
        owner, f"{P}/resources", name="Ada", kind="staff", location=in_house.location.pk,
        services=[in_house.service.pk],
    )  # fmt: skip
    assert made.status_code == HTTPStatus.CREATED, made.json()
    resource = made.json()["id"]
    rule = post(
        owner, f"{P}/availability-rules", resource=resource, recurrence=EVERY_DAY.lower(),
        starts="09:00", ends="17:00", valid_from="2020-01-01",
    )  # fmt: skip
    assert rule.json()["recurrence"] == EVERY_DAY
    policy = post(owner, f"{P}/booking-policies", service=in_house.service.pk, step="00:30:00")
    assert policy.json()["step"] == "00:30:00"
    slots = owner.get(f"{P}/slots", {"service": in_house.service.pk, "days": 2}).json()
    assert slots["time_zone"] == "Asia/Jerusalem"
    assert {slot["starts_at"][11:16] for slot in slots["slots"]} >= {"09:00", "09:30", "16:30"}
    assert slots["slots"][0]["resources"] == [resource]
    closed = post(
        owner, f"{P}/availability-exceptions", resource=resource, kind="closed",
        starts_at="2030-01-01T00:00", ends_at="2030-01-02T00:00+02:00",
    )  # fmt: skip
    assert closed.json()["starts_at"] == "2029-12-31T22:00:00Z"


def test_staff_book_and_see_it_in_the_list(staff: Client, practice: Practice) -> None:
    customer = customer_find_or_create(actor=practice.house.actor, name="Dana")
    made = post(
        staff, f"{P}/appointments", **booking(practice), customer=customer.pk, note="By phone"
    ).json()
    assert (made["state"], made["customer"], made["note"]) == ("booked", customer.pk, "By phone")
    for query, found in (
        ({"resource": made["resources"][0], "state": "booked"}, 1),
        ({"first": practice.at(10).isoformat(), "last": practice.at(11).isoformat()}, 1),
        ({"first": practice.at(11).isoformat()}, 0),
        ({"customer": customer.pk + 1}, 0),
    ):
        assert len(staff.get(f"{P}/appointments", query).json()["results"]) == found, query
    moved = post(
        staff, f"{P}/appointments/{made['id']}/reschedule",
        starts_at=practice.at(12).isoformat(), length="00:45:00",
    ).json()  # fmt: skip
    assert (moved["sequence"], moved["resources"]) == (1, made["resources"])
    post(staff, f"{P}/appointments/{made['id']}/cancel", reason="Ill")
    events = staff.get(f"{P}/appointments/{made['id']}/events").json()
    assert [event["type"] for event in events] == ["booked", "rescheduled", "cancelled"]


def test_a_customer_holds_books_moves_and_cancels(practice: Practice) -> None:
    client = Client()
    door = f"{PUBLIC}/providers/clinic"
    offer = client.get(f"{door}/booking").json()
    assert client.get(door).json()["takes_bookings"] is True
    [service] = offer["services"]
    assert service["resources"] == [practice.ada.pk, practice.ben.pk]
    slots = client.get(f"{door}/slots", {"service": service["id"]}).json()["slots"]
    hold = post(client, f"{door}/holds", service=service["id"], starts_at=slots[0]["starts_at"])
    assert hold.status_code == HTTPStatus.CREATED
    said = {"name": "Dana", "phone": "050-1234567", "email": "dana@example.org", "note": "Hello"}
    first = post(
        client, f"{door}/appointments", {"Idempotency-Key": KEY}, hold=hold.json()["token"], **said
    )
    again = post(
        client, f"{door}/appointments", {"Idempotency-Key": KEY}, hold=hold.json()["token"], **said
    )
    assert first.json() == again.json()
    assert Appointment.objects.count() == 1
    assert Customer.objects.get().contact_points.count() == 2
    mine = {"Appointment-Token": first.json()["token"]}
    seen = client.get(f"{PUBLIC}/appointment", headers=mine).json()
    assert (seen["service"], seen["time_zone"]) == ("Advice", "Asia/Jerusalem")
    assert (seen["uid"], seen["sequence"]) == (uid(Appointment.objects.get()), 0)
    moved = post(
        client, f"{PUBLIC}/appointment/reschedule", mine, starts_at=practice.at(12).isoformat()
    )
    assert datetime.fromisoformat(moved.json()["starts_at"]) == practice.at(12)
    gone = post(client, f"{PUBLIC}/appointment/cancel", mine).json()
    assert (gone["state"], gone["cancel_until"]) == ("cancelled", None)
    record = client.get(f"{PUBLIC}/appointment", headers={"Appointment-Token": "x"})
    assert record.status_code == HTTPStatus.NOT_FOUND


def test_a_hold_is_given_back(practice: Practice) -> None:
    client = Client()
    hold = post(client, f"{PUBLIC}/providers/clinic/holds", **booking(practice)).json()
    token = {"Hold-Token": hold["token"]}
    assert post(client, f"{PUBLIC}/hold/release", token).status_code == HTTPStatus.NO_CONTENT
    assert not SlotHold.objects.exists()


def test_a_taken_time_names_what_is_free(practice: Practice) -> None:
    client = Client()
    for _ in range(2):
        post(client, f"{PUBLIC}/providers/clinic/appointments", **booking(practice))
    refused = post(client, f"{PUBLIC}/providers/clinic/appointments", **booking(practice))
    assert refused.status_code == HTTPStatus.CONFLICT
    assert refused.json()["code"] == "slot-taken"
    assert refused.json()["detail"] == "10:00 was just taken. 09:30, 09:45 and 10:15 are free."


def test_each_bad_booking_has_a_code_of_its_own(
    staff: Client, practice: Practice, other_house: House
) -> None:
    house = practice.house
    quarter = clock.now().replace(minute=0, second=0, microsecond=0)
    spring = quarter.year + 1
    lacks = post(staff, f"{P}/appointments", **booking(practice), resource=practice.room.pk)
    assert lacks.json()["code"] == "service-not-offered"
    expired = hold_create(actor=practice.customer, wish=practice.wish(15))
    SlotHold.objects.update(expires_at=clock.now())
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"starts_at": practice.at(10, 7).isoformat()}, 400, "off-step"),
        ({"starts_at": (quarter - timedelta(days=1)).isoformat()}, 409, "time-past"),
        ({"starts_at": (quarter + timedelta(days=90)).isoformat()}, 409, "too-far"),
        ({"starts_at": practice.at(3).isoformat()}, 409, "outside-hours"),
        # The clocks of Jerusalem jump from two to three on the Friday before the last Sunday.
        ({"starts_at": _gap(spring)}, 400, "no-such-time"),
        ({"starts_at": "tomorrow"}, 400, "invalid-input"),
        ({"starts_at": "0001-01-01T00:00+10:00"}, 400, "invalid-input"),
        ({"starts_at": "9999-12-31T23:59-10:00"}, 400, "invalid-input"),
        ({"starts_at": 7}, 400, "invalid-input"),
        ({"service": other_house.service.pk}, 409, "not-bookable"),
        ({"resource": 2**62}, 404, "not-found"),
        ({"location": other_house.location.pk}, 404, "not-found"),
        ({"answers": {"x": "y"}}, 400, "invalid-input"),
        ({"hold": "x"}, 409, "hold-expired"),
    ]
    for change, status, code in cases:
        answer = post(
            Client(), f"{PUBLIC}/providers/clinic/appointments", **booking(practice) | change
        )
        assert (answer.status_code, answer.json()["code"]) == (status, code), change
    late = post(staff, f"{P}/appointments", hold=expired.pk)
    assert late.json()["code"] == "hold-expired"
    booking_policy_set(actor=house.actor, service=house.service, minimum_notice=timedelta(days=9))
    soon = post(Client(), f"{PUBLIC}/providers/clinic/holds", **booking(practice))
    assert soon.json()["code"] == "too-soon"


def _gap(year: int) -> str:
    last = date(year, 3, 31)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    return f"{sunday - timedelta(days=2)}T02:30"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("slots", {}),
        ("slots", {"service": "x"}),
        ("slots", {"service": 1, "days": 99}),
        ("slots", {"service": 1, "first": "soon"}),
        ("appointments", {"first": "soon"}),
    ],
)
def test_a_question_that_can_not_be_is_refused(
    staff: Client, practice: Practice, path: str, query: dict[str, Any]
) -> None:
    assert staff.get(f"{P}/{path}", query).status_code == HTTPStatus.BAD_REQUEST


def test_a_day_at_the_end_of_time_has_no_times(staff: Client, practice: Practice) -> None:
    query: dict[str, Any] = {"service": practice.house.service.pk, "first": "9999-12-31"}
    assert staff.get(f"{P}/slots", query).json()["slots"] == []


@pytest.mark.parametrize(("consequence", "outcome"), [("approval", "pending"), ("refused", None)])
def test_who_often_did_not_come_is_looked_at(
    practice: Practice, consequence: str, outcome: str | None
) -> None:
    actor = practice.house.actor
    booking_rules_set(actor=actor, no_show_limit=1, no_show_consequence=consequence)
    who: dict[str, Any] = {"name": "Dana", "email": "dana@example.org"}
    # Who said more then is most likely the same person.
    known = customer_find_or_create(actor=actor, **who, phone="+972501234567")
    missed = practice.book(practice.wish(9), customer=known)
    appointment_mark_no_show(actor=actor, appointment_id=missed.pk)
    answer = post(
        Client(), f"{PUBLIC}/providers/clinic/appointments", **booking(practice), **who
    ).json()
    assert answer.get("state") == outcome
    assert answer.get("code") == (None if outcome else "booking-refused")


def test_a_series_shows_what_is_taken(staff: Client, practice: Practice) -> None:
    practice.book(practice.wish(10, days=14, resource=practice.ada))
    body = booking(practice) | {"resource": practice.ada.pk, "weeks": 2, "times": 3}
    refused = post(staff, f"{P}/appointments/series", **body)
    assert refused.json()["code"] == "series-conflict"
    assert [conflict["code"] for conflict in refused.json()["conflicts"]] == ["slot-taken"]
    booked = post(staff, f"{P}/appointments/series", **body, skip_conflicts=True)
    assert (booked.status_code, len(booked.json())) == (HTTPStatus.CREATED, 2)


def test_a_customer_repeats_what_they_hold_all_or_nothing(practice: Practice) -> None:
    booking_policy_set(
        actor=practice.house.actor, service=practice.house.service, horizon=timedelta(days=60)
    )
    body = booking(practice) | {"resource": practice.ada.pk}
    held = post(Client(), f"{PUBLIC}/providers/clinic/holds", **body).json()["token"]
    practice.book(practice.wish(10, days=14, resource=practice.ada))
    series = body | {"weeks": 2, "times": 4, "hold": held, "name": "Dana"}
    path, key = f"{PUBLIC}/providers/clinic/appointments/series", {"Idempotency-Key": KEY}
    refused = post(Client(), path, key, **series)
    assert [one["code"] for one in refused.json()["conflicts"]] == ["slot-taken"]
    assert (Appointment.objects.count(), SlotHold.objects.count()) == (1, 1), "none by half"
    first, again = (post(Client(), path, key, **series, skip_conflicts=True) for _ in range(2))
    assert (first.status_code, len(first.json())) == (HTTPStatus.CREATED, 3), first.json()
    assert first.json() == again.json()
    assert (Appointment.objects.count(), SlotHold.objects.count()) == (4, 0)
    for one in first.json():
        mine = Client().get(f"{PUBLIC}/appointment", headers={"Appointment-Token": one["token"]})
        assert mine.json()["starts_at"] == one["starts_at"]
    # Beyond the horizon is a conflict like any other; more than a dozen is refused.
    far = post(Client(), path, **series | {"weeks": 4})
    assert {one["code"] for one in far.json()["conflicts"]} >= {"too-far"}
    assert post(Client(), path, **series | {"times": 13}).json()["code"] == "invalid-input"


def test_answers_are_kept_as_they_are(owner: Client, practice: Practice) -> None:
    questions = [{"id": "pet", "label": "The pet's name", "required": True}]
    changed = owner.patch(
        f"{P}/booking-policies/{practice.house.service.pk}",
        json.dumps({"questions": questions}),
        content_type="application/json",
    )
    assert changed.json()["questions"] == questions
    missing = post(owner, f"{P}/appointments", **booking(practice))
    assert missing.json()["errors"][0]["field"] == "answers.pet"
    made = post(owner, f"{P}/appointments", **booking(practice), answers={"pet": "Rex"})
    assert made.json()["answers"] == {"pet": "Rex"}
