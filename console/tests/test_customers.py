"""Who is this? Names, notes and visits at the desk and on the screen of customers."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from appointments.tests.cast import build_practice
from conftest import House, add_member, client_of
from providers.models import Customer, Role
from providers.services.customers import customer_find_or_create, customer_update
from queues.models import Ticket
from queues.services.queues import queue_update
from queues.services.tickets import ticket_call_next

HTMX = {"HX-Request": "true"}
CUSTOMERS = "/console/clinic/customers/"


@pytest.fixture
def asking(in_house: House) -> House:
    """The house, whose queue asks for name and number."""
    queue_update(
        actor=in_house.actor,
        queue_id=in_house.queue.pk,
        asks_name="optional",
        asks_phone="optional",
    )
    return in_house


def dana(house: House) -> Customer:
    customer = customer_find_or_create(
        actor=house.actor, name="Dana Cohen", phone="050-123-4567", region="IL"
    )
    return customer_update(actor=house.actor, customer_id=customer.pk, notes="Speaks softly")


def desk(house: House) -> str:
    return f"/console/clinic/desk/{house.counter.pk}/"


def walk_in(client: Client, house: House, **told: str) -> Any:
    form = {"queue": house.queue.pk, **told}
    return client.post(f"{desk(house)}walk-in/", form, headers=HTMX)


def page_of(customer: Customer) -> str:
    return f"{CUSTOMERS}{customer.pk}/"


def test_a_walk_in_is_added_by_name_and_the_line_shows_it(asking: House, staff: Client) -> None:
    assert 'name="phone"' in staff.get(desk(asking)).text
    text = walk_in(staff, asking, name="Dana Cohen").text
    assert "A001 is in the line, at place 1." in text
    assert "Dana Cohen" in text
    ticket_call_next(actor=asking.actor, counter_id=asking.counter.pk)
    assert "Notes and earlier visits" in staff.get(desk(asking)).text


def test_a_customers_bookings_are_seen_what_comes_last_first(
    in_house: House, staff: Client
) -> None:
    practice, customer = build_practice(in_house), dana(in_house)
    assert "Bookings" not in staff.get(page_of(customer)).text
    for hour in (10, 12):
        practice.book(practice.wish(hour), customer=customer)
    practice.book(practice.wish(14))
    text = staff.get(page_of(customer)).text
    assert text.index("12:00") < text.index("10:00")
    assert "14:00" not in text


def test_a_desk_of_queues_that_ask_for_nothing_asks_for_nothing(
    in_house: House, staff: Client
) -> None:
    assert 'name="name"' not in staff.get(desk(in_house)).text
    walk_in(staff, in_house, name="Dana")
    assert not Customer.objects.exists()


def test_what_is_wrong_with_a_walk_in_is_said_at_the_desk(asking: House, staff: Client) -> None:
    response = walk_in(staff, asking, phone="12")
    assert response.status_code == HTTPStatus.CONFLICT
    assert "Write a phone number that can be called." in response.text
    assert not Ticket.objects.exists()


def test_a_viewer_sees_nobodys_name(asking: House, staff: Client) -> None:
    walk_in(staff, asking, name="Dana Cohen")
    walk_in(staff, asking, name="Noa")
    ticket_call_next(actor=asking.actor, counter_id=asking.counter.pk)
    viewer = client_of(add_member(asking.provider, Role.VIEWER))
    text = viewer.get(desk(asking)).text
    assert "A001" in text
    assert not any(name in text for name in ("Dana", "Noa", CUSTOMERS))


@pytest.mark.parametrize("text", ["A002", "a2", "2", "cohen", "050-123", "DANA"])
def test_people_of_today_are_found_at_the_desk(asking: House, staff: Client, text: str) -> None:
    walk_in(staff, asking, name="Noa")
    walk_in(staff, asking, name="Dana Cohen", phone="050-123-4567")
    answer = staff.get(f"{desk(asking)}search/", {"q": text}).text
    assert "A002" in answer
    assert "A001" not in answer
    assert "/call/" in answer


@pytest.mark.parametrize("text", ["", "\0", "%", "x" * 10_000, "9999999999999999999", "12"])
def test_whatever_is_looked_for_is_answered(asking: House, staff: Client, text: str) -> None:
    walk_in(staff, asking, name="Noa")
    answer = staff.get(f"{desk(asking)}search/", {"q": text})
    assert answer.status_code == HTTPStatus.OK
    assert "A001" not in answer.text


def test_looking_costs_the_same_however_many_there_are(
    asking: House, staff: Client, django_assert_num_queries: Any
) -> None:
    staff.get(desk(asking))
    for people in (1, 12):
        for _ in range(people):
            walk_in(staff, asking, name="Dana")
        # Who asks; the counter with its queues and ticket, its location; two to look.
        with django_assert_num_queries(7):
            staff.get(f"{desk(asking)}search/", {"q": "dana"})


def test_the_desk_costs_the_same_however_many_people_have_names(
    asking: House, staff: Client, django_assert_num_queries: Any
) -> None:
    for people in (2, 12):
        for _ in range(people):
            walk_in(staff, asking, name="Dana")
        with django_assert_num_queries(10):
            staff.get(desk(asking))


def test_notes_are_saved_in_place_and_nothing_is_lost_on_an_error(
    asking: House, staff: Client
) -> None:
    note = f"{page_of(dana(asking))}note/"
    saved = staff.post(note, {"notes": "Needs a chair"}, headers=HTMX)
    assert (saved.status_code, "Saved." in saved.text) == (HTTPStatus.OK, True)
    refused = staff.post(note, {"notes": "x" * 10_000}, headers=HTMX)
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert "Write no more than 2000 characters." in refused.text
    assert "x" * 10_000 in refused.text
    assert Customer.objects.get().notes == "Needs a chair"


def test_customers_are_looked_for_and_added(asking: House, staff: Client) -> None:
    assert "No match" not in staff.get(CUSTOMERS).text
    assert "No match for" in staff.get(CUSTOMERS, {"q": "Noa"}).text
    refused = staff.post(f"{CUSTOMERS}new/", {"name": "Noa", "phone": "12"})
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert 'value="Noa"' in refused.text
    added = staff.post(f"{CUSTOMERS}new/", {"name": "Noa", "phone": "052-765-4321"})
    assert added["Location"] == page_of(Customer.objects.get())
    assert "Noa" in staff.get(CUSTOMERS, {"q": "7654"}, headers=HTMX).text


def test_a_known_customer_gets_one_number_and_has_a_history(asking: House, staff: Client) -> None:
    page = page_of(dana(asking))
    form = {"queue": asking.queue.pk, "key": "5f0c2f2e-52a5-4a3c-9a43-0c7a0b7f2c11"}
    for _ in range(2):
        text = staff.post(f"{page}join/", form, follow=True).text
    assert "A001 is in the line, at place 1." in text
    assert Ticket.objects.count() == 1
    assert "A001" in staff.get(page).text


def test_a_number_is_of_some_queue(asking: House, staff: Client) -> None:
    response = staff.post(f"{page_of(dana(asking))}join/", {"queue": "x"})
    assert (response.status_code, "Choose a queue." in response.text) == (400, True)


def test_a_queue_that_asks_for_nothing_is_not_offered(in_house: House, staff: Client) -> None:
    assert "No open queue asks who joins" in staff.get(page_of(dana(in_house))).text


def test_a_customer_is_renamed(asking: House, staff: Client) -> None:
    page = page_of(dana(asking))
    staff.post(f"{page}name/", {"name": "Dana Levi"})
    assert "Dana Levi" in staff.get(page).text
    refused = staff.post(f"{page}name/", {"name": "x" * 10_000})
    assert refused.status_code == HTTPStatus.BAD_REQUEST


def test_a_manager_erases_and_the_ticket_stays(asking: House, staff: Client, owner: Client) -> None:
    page = page_of(dana(asking))
    staff.post(f"{page}join/", {"queue": asking.queue.pk})
    assert "Erase" not in staff.get(page).text
    assert owner.post(f"{page}erase/")["Location"] == CUSTOMERS
    assert not Customer.objects.exists()
    assert Ticket.objects.get().customer is None
    assert owner.get(page).status_code == HTTPStatus.NOT_FOUND


def test_another_providers_customer_does_not_exist(
    in_house: House, other_house: House, owner: Client
) -> None:
    with scope(provider=other_house.provider):
        page = page_of(dana(other_house))
    assert owner.get(page).status_code == HTTPStatus.NOT_FOUND
    for action in ("name", "note", "join", "erase"):
        assert owner.post(f"{page}{action}/").status_code == HTTPStatus.NOT_FOUND
    assert "Dana" not in owner.get(CUSTOMERS, {"q": "dana"}).text
