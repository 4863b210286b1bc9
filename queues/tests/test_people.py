"""What a queue asks of those who join, what is kept of it, and that nobody else sees it."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from conftest import House
from events.models import OutboxMessage
from providers.models import ContactPoint, Customer
from providers.services.customers import customer_erase, customer_find_or_create
from queues.models import Ask, Queue, Source, Ticket, TicketEvent
from queues.services.people import Person
from queues.services.queues import queue_update
from queues.services.tickets import ticket_call_next, ticket_join
from queues.snapshot import build_snapshot
from tests.architecture.test_tenants import crossings
from waitlessq.errors import InvalidInputError, NotFoundError

DANA = Person(name="Dana Cohen", phone="050-123-4567", language="he")
PERSONAL = ("Dana", "Cohen", "501234567", "050-123-4567")


def ask(house: House, **asks: Any) -> None:
    queue_update(actor=house.actor, queue_id=house.queue.pk, **asks)


def join(house: House, person: Person) -> Ticket:
    return ticket_join(
        actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF, person=person
    )


def post_join(house: House, **body: Any) -> Any:
    path = f"/api/v1/public/queues/{house.queue.pk}/tickets"
    return Client().post(path, body, content_type="application/json")


def test_a_queue_asks_for_nothing_and_keeps_nothing_by_itself(in_house: House) -> None:
    assert Queue.objects.get(pk=in_house.queue.pk).is_anonymous
    assert join(in_house, DANA).customer is None
    assert post_join(in_house, name="Dana", phone="050-123-4567").status_code == HTTPStatus.CREATED
    assert not Customer.objects.exists()


def test_a_known_customer_is_not_tied_to_a_queue_that_asks_for_nothing(in_house: House) -> None:
    known = customer_find_or_create(actor=in_house.actor, name="Dana")
    assert join(in_house, Person(customer_id=known.pk)).customer is None


def test_only_what_is_asked_for_is_kept(in_house: House) -> None:
    ask(in_house, asks_phone=Ask.OPTIONAL)
    customer = join(in_house, DANA).customer
    assert customer is not None
    assert (customer.name, customer.language) == ("", "he")
    # The number is of the location's country.
    assert customer.contact_points.get().normalised == "+972501234567"
    assert join(in_house, Person(name="Dana")).customer is None


@pytest.mark.parametrize("missing", ["name", "phone"])
def test_what_is_required_must_be_there(in_house: House, missing: str) -> None:
    ask(in_house, asks_name=Ask.REQUIRED, asks_phone=Ask.REQUIRED)
    told = {"name": "Dana", "phone": "050-123-4567"} | {missing: " "}
    response = post_join(in_house, **told)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json()["code"] == "invalid-input"
    assert [error["field"] for error in response.json()["errors"]] == [missing]
    assert not Ticket.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "told",
    [{"name": "x" * 10_000}, {"name": "a\0b"}, {"phone": "12"}, {"phone": "0" * 10_000}],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_done(
    in_house: House, told: dict[str, str]
) -> None:
    ask(in_house, asks_name=Ask.OPTIONAL, asks_phone=Ask.OPTIONAL)
    response = post_join(in_house, **told)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert [error["field"] for error in response.json()["errors"]] == [*told]
    assert not Ticket.objects.exists()


def test_any_name_can_join(in_house: House) -> None:
    ask(in_house, asks_name=Ask.REQUIRED)
    for name in ("דנה", "أحمد", "👩‍👧 Noa", "José"):
        assert post_join(in_house, name=name).status_code == HTTPStatus.CREATED
    assert Ticket.objects.filter(customer__name="👩‍👧 Noa").exists()


def test_staff_name_a_customer_whom_they_know(in_house: House, other_house: House) -> None:
    ask(in_house, asks_name=Ask.REQUIRED)
    known = customer_find_or_create(actor=in_house.actor, phone="+972501234567")
    assert join(in_house, Person(customer_id=known.pk)).customer == known
    theirs = Customer._base_manager.create(provider=other_house.provider)
    with pytest.raises(NotFoundError):
        join(in_house, Person(customer_id=theirs.pk))
    assert crossings() == {}


def test_nobody_is_named_where_everybody_looks(in_house: House) -> None:
    ask(in_house, asks_name=Ask.REQUIRED, asks_phone=Ask.REQUIRED)
    held = post_join(in_house, name=DANA.name, phone=DANA.phone).json()
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    look = Client().get("/api/v1/public/ticket", headers={"Ticket-Token": held["token"]})
    told = [
        json.dumps(build_snapshot(in_house.queue.pk)),
        json.dumps(list(TicketEvent.objects.values()), default=str),
        json.dumps(list(OutboxMessage.objects.values()), default=str),
        json.dumps(held),
        look.text,
        Client().get("/api/v1/public/providers/clinic").text,
    ]
    for text in told:
        assert not any(part in text for part in PERSONAL)


def test_an_erased_customer_leaves_the_ticket_and_its_times(in_house: House) -> None:
    ask(in_house, asks_name=Ask.REQUIRED, asks_phone=Ask.REQUIRED)
    ticket = join(in_house, DANA)
    assert ticket.customer is not None
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    customer_erase(actor=in_house.actor, customer_id=ticket.customer.pk)
    left = Ticket.objects.get(pk=ticket.pk)
    assert left.customer is None
    assert left.called_at is not None
    assert TicketEvent.objects.filter(ticket=ticket).count() == 2
    assert not Customer.objects.exists()
    assert not ContactPoint.objects.exists()
    assert not any(part in all_that_is_stored() for part in PERSONAL)


def all_that_is_stored() -> str:
    """Every row of every table of ours, as text."""
    text = []
    tables = [
        t for t in connection.introspection.table_names() if t.startswith(("que", "prov", "eve"))
    ]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM \"{table}\" t")
            text.append(cursor.fetchone()[0])
    return " ".join(text)


def test_what_is_stored_is_looked_through(in_house: House) -> None:
    customer_find_or_create(actor=in_house.actor, name="Dana", phone="+972501234567")
    assert "Dana" in all_that_is_stored()
    with pytest.raises(InvalidInputError):
        customer_find_or_create(actor=in_house.actor, name="x" * 10_000)
