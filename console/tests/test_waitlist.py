"""The wait list in the console: who waits, what is kept for them, and what they say by phone."""

from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, WaitlistEntry
from appointments.services.bookings import appointment_cancel
from appointments.services.offers import freed_slots_offer
from appointments.services.resources import booking_policy_set, resource_update
from appointments.services.waitlist import waitlist_join
from appointments.tests.cast import Practice, build_practice
from conftest import House
from events.outbox import relay_batch
from providers.services.customers import customer_find_or_create

WAITING = "/console/clinic/calendar/waiting/"
KEY = "5c8d5b1e-3f0a-4d0c-9a0e-6f0f3f7c2f11"


@pytest.fixture
def practice(in_house: House) -> Practice:
    practice = build_practice(in_house)
    resource_update(actor=in_house.actor, resource=practice.ben, is_active=False)
    return practice


def wait(practice: Practice, name: str) -> WaitlistEntry:
    known = customer_find_or_create(
        actor=practice.house.actor, name=name, email=f"{name}@example.org"
    )
    return waitlist_join(
        actor=practice.customer, wish=practice.wish(9), last=practice.at(12), customer=known
    )


def free(practice: Practice, booked: Appointment) -> None:
    appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
    relay_batch()
    freed_slots_offer()


def answer(client: Client, entry: WaitlistEntry, how: str, **more: str) -> Any:
    kept = entry.offers.filter(state="open").first()
    form = {"key": KEY, "offer": str(kept.pk if kept else 0), **more}
    return client.post(f"{WAITING}{entry.pk}/{how}/", form)


def test_who_waits_is_seen_and_answered_for(practice: Practice, staff: Client) -> None:
    assert "Nobody waits for a time." in staff.get(WAITING).text
    booked = practice.book(practice.wish(10))
    noa, dana = wait(practice, "Noa"), wait(practice, "Dana")
    assert "Book it for them" not in staff.get(WAITING).text
    free(practice, booked)
    text = staff.get(WAITING).text
    assert text.count("Book it for them") == 1
    assert all(part in text for part in ("Kept for them until", "10:00", "Ada", "Noa@example.org"))
    assert answer(staff, noa, "refuse").status_code == HTTPStatus.FOUND
    freed_slots_offer()
    questions = [{"id": "pet", "label": "The pet's name", "required": True}]
    booking_policy_set(
        actor=practice.house.actor, service=practice.house.service, questions=questions
    )
    missing = answer(staff, dana, "accept")
    assert (missing.status_code, "The pet&#x27;s name" in missing.text) == (
        HTTPStatus.BAD_REQUEST,
        True,
    )
    form = {"offer": str(dana.offers.get().pk), "key": KEY, "answer-pet": "Rex"}
    for _ in range(2):
        # Once, however often the form is sent.
        taken = staff.post(f"{WAITING}{dana.pk}/accept/", form, follow=True)
        assert "Booked: " in taken.text
    again = Appointment.objects.get(state="booked")
    assert (again.customer, again.details.answers) == (dana.customer, {"pet": "Rex"})
    assert answer(staff, noa, "leave", key=KEY.replace("5", "7")).status_code == HTTPStatus.FOUND
    assert "Nobody waits for a time." in staff.get(WAITING).text


def test_what_is_over_is_said(practice: Practice, staff: Client) -> None:
    entry = wait(practice, "Noa")
    free(practice, practice.book(practice.wish(10)))
    offer = str(entry.offers.get().pk)
    for key, status in ((KEY, HTTPStatus.FOUND), (KEY.replace("5", "6"), HTTPStatus.CONFLICT)):
        response = staff.post(f"{WAITING}{entry.pk}/refuse/", {"key": key, "offer": offer})
        assert response.status_code == status
    assert "not kept for them any more" in response.text
    assert answer(staff, entry, "shout").status_code == HTTPStatus.NOT_FOUND


def test_the_list_costs_as_many_queries_however_many_wait(
    practice: Practice, staff: Client
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(WAITING).status_code == HTTPStatus.OK
        return len(captured)

    wait(practice, "Noa")
    few = queries()
    for name in ("Dana", "Ruth", "Mira"):
        wait(practice, name)
    assert queries() == few


def test_staff_put_somebody_on_the_list_and_nothing_typed_is_lost(
    practice: Practice, staff: Client
) -> None:
    house, path = practice.house, f"{WAITING}add/"
    assert path in staff.get(WAITING).text
    shown = staff.get(path).text
    assert all(part in shown for part in ("Advice", "Anybody", "Ada", "Who comes"))
    typed = {
        "key": KEY,
        "location": str(house.location.pk),
        "service": str(house.service.pk),
        "resource": str(practice.ada.pk),
        "first": practice.at(9).strftime("%Y-%m-%dT%H:%M"),
        "last": practice.at(8).strftime("%Y-%m-%dT%H:%M"),
    }
    wrong = staff.post(path, typed)
    assert (wrong.status_code, "Write who waits." in wrong.text) == (HTTPStatus.BAD_REQUEST, True)
    for more, said in (
        ({"name": "Noa"}, "Choose a later time."),
        ({"name": "Noa", "email": "noa"}, "noa"),
        ({"name": "Noa", "last": "soon"}, "soon"),
        ({"name": "Noa", "first": "2027-03-26T02:30", "last": "2027-03-27T09:00"}, "put forward"),
    ):
        refused = staff.post(path, typed | more)
        assert refused.status_code == HTTPStatus.BAD_REQUEST, more
        assert said in refused.text
        assert 'value="Noa"' in refused.text
    assert not WaitlistEntry.objects.exists()
    right = typed | {"name": "Noa", "last": practice.at(12).strftime("%Y-%m-%dT%H:%M")}
    for _ in range(2):
        assert "On the wait list." in staff.post(path, right, follow=True).text
    entry = WaitlistEntry.objects.get()
    assert (entry.first, entry.last) == (practice.at(9), practice.at(12))
    assert (entry.resource, entry.customer and entry.customer.name) == (practice.ada, "Noa")
    # The same form with something else in it is not taken for the first.
    assert staff.post(path, right | {"name": "Dana"}).status_code == HTTPStatus.CONFLICT
    # Who is known is found by what is typed, and nothing is added by looking.
    found = staff.post(path, right | {"look": "1", "find": "no"}).text
    assert f'value="{entry.customer_id}"' in found
    assert WaitlistEntry.objects.count() == 1
