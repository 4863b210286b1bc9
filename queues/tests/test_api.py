"""Tickets through the API: the whole life of one, lists, filters, and what it costs."""

from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conftest import House
from providers.services.services import service_create
from queues.models import Ticket
from queues.services.tickets import ticket_call_next
from queues.tests.test_join import join

P = "/api/v1/providers/clinic"
TICKETS = f"{P}/tickets"
JSON = "application/json"


def post(client: Client, path: str, **body: Any) -> Any:
    client.raise_request_exception = False
    return client.post(f"{P}{path}", body, content_type=JSON)


def test_a_ticket_from_joining_to_done(staff: Client, house: House) -> None:
    made = post(staff, "/tickets", queue=house.queue.pk, service=house.service.pk)
    assert made.status_code == HTTPStatus.CREATED
    ticket = made.json()
    assert (ticket["code"], ticket["state"], ticket["position"]) == ("A001", "waiting", 1)
    assert ticket["sequence"] == 3
    path = f"/tickets/{ticket['id']}"
    called = post(staff, f"{path}/call", counter=house.counter.pk).json()
    assert (called["state"], called["counter"]) == ("called", house.counter.pk)
    assert post(staff, f"{path}/recall").json()["call_count"] == 2
    assert post(staff, f"{path}/start").json()["state"] == "serving"
    done = post(staff, f"{path}/complete").json()
    assert done["state"] == "completed"
    assert done["issued_at"] < done["called_at"] < done["started_at"] < done["ended_at"]
    assert staff.get(f"{P}{path}").json() == done


def test_its_events_tell_its_life_oldest_first(staff: Client, house: House) -> None:
    ticket = post(staff, "/tickets", queue=house.queue.pk).json()
    post(staff, f"/counters/{house.counter.pk}/call-next")
    post(staff, f"/tickets/{ticket['id']}/no-show")
    events = staff.get(f"{TICKETS}/{ticket['id']}/events").json()
    assert [(e["type"], e["from_state"], e["to_state"]) for e in events] == [
        ("issued", "", "waiting"),
        ("called", "waiting", "called"),
        ("no_show", "called", "no_show"),
    ]
    assert [e["counter"] for e in events] == [None, house.counter.pk, house.counter.pk]
    assert all(e["actor"].startswith("member:") for e in events)


def test_what_is_not_possible_is_a_conflict_that_says_what_is(staff: Client, house: House) -> None:
    ticket = post(staff, "/tickets", queue=house.queue.pk).json()["id"]
    response = post(staff, f"/tickets/{ticket}/complete")
    assert response.status_code == HTTPStatus.CONFLICT
    body = response.json()
    assert (body["code"], body["state"]) == ("illegal-transition", "waiting")
    assert body["possible"] == ["called", "cancelled", "deferred", "postponed", "transferred"]


def test_nobody_to_call_is_a_conflict(staff: Client, house: House) -> None:
    response = post(staff, f"/counters/{house.counter.pk}/call-next")
    assert (response.status_code, response.json()["code"]) == (409, "nobody-waiting")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "queue"),
        ({"queue": None}, "queue"),
        ({"queue": "x"}, "queue"),
        ({"queue": 1, "priority": -1}, "priority"),
        ({"queue": 1, "priority": 10}, "priority"),
        ({"queue": 1, "reference": "x" * 65}, "reference"),
        ({"queue": 1, "reference": "a\0"}, "reference"),
        ({"queue": 1, "reference": ["a"]}, "reference"),
        ({"queue": 1, "source": "pwa"}, "source"),
        ({"queue": 1, "source": "fax"}, "source"),
        ({"queue": 1, "service": "x"}, "service"),
        ({"queue": 1, "service": True}, "service"),
        ({"queue": 1, "people": 0}, "people"),
        ({"queue": 1, "people": 100}, "people"),
    ],
)
def test_what_can_not_be_is_refused_and_named(
    staff: Client, house: House, body: dict[str, Any], field: str
) -> None:
    response = post(staff, "/tickets", **body)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**30, 10**900])
def test_an_id_that_is_none_is_not_found(staff: Client, house: House, number: int) -> None:
    ticket = post(staff, "/tickets", queue=house.queue.pk).json()["id"]
    assert post(staff, "/tickets", queue=number).status_code == HTTPStatus.NOT_FOUND
    call = post(staff, f"/tickets/{ticket}/call", counter=number)
    assert call.status_code == HTTPStatus.NOT_FOUND
    service = post(staff, "/tickets", queue=house.queue.pk, service=number)
    assert (service.status_code, service.json()["code"]) == (409, "service-not-taken")


def test_another_providers_rows_can_not_be_named(
    staff: Client, house: House, other_house: House
) -> None:
    ticket = post(staff, "/tickets", queue=house.queue.pk).json()["id"]
    assert post(staff, "/tickets", queue=other_house.queue.pk).status_code == 404
    assert post(staff, f"/tickets/{ticket}/call", counter=other_house.counter.pk).status_code == 404
    service = post(staff, "/tickets", queue=house.queue.pk, service=other_house.service.pk)
    assert service.json()["code"] == "service-not-taken"


def test_a_service_that_is_by_appointment_only_is_not_walked_in_for(
    staff: Client, in_house: House
) -> None:
    service = service_create(actor=in_house.actor, name="Surgery", use="booking")
    in_house.queue.services.add(service)
    response = post(staff, "/tickets", queue=in_house.queue.pk, service=service.pk)
    assert (response.status_code, response.json()["code"]) == (409, "service-not-taken")


def test_a_reference_finds_its_ticket(staff: Client, in_house: House) -> None:
    for reference in ("41", "42", ""):
        join(in_house, reference=reference)
    found = staff.get(TICKETS, {"reference": "42"}).json()["results"]
    assert [ticket["code"] for ticket in found] == ["A002"]
    taken = post(staff, "/tickets", queue=in_house.queue.pk, reference="42")
    assert (taken.status_code, taken.json()["code"]) == (409, "reference-taken")


def test_the_list_is_filtered_by_queue_state_and_date(staff: Client, in_house: House) -> None:
    first, second = join(in_house), join(in_house)
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)

    def found(**filters: Any) -> list[str]:
        return [ticket["code"] for ticket in staff.get(TICKETS, filters).json()["results"]]

    assert found() == [second.code, first.code]
    assert found(state="waiting") == [second.code]
    assert found(queue=in_house.queue.pk, state="called") == [first.code]
    assert found(queue=in_house.queue.pk + 1) == []
    assert found(business_date=first.business_date) == [second.code, first.code]
    assert found(business_date="2020-01-01") == []


@pytest.mark.parametrize(
    "query",
    [
        "queue=x",
        "queue=NaN",
        "queue=1e9999",
        "state=asleep",
        "business_date=yesterday",
        "reference=%00",
    ],
)
def test_a_filter_that_can_not_be_is_refused(staff: Client, house: House, query: str) -> None:
    staff.raise_request_exception = False
    response = staff.get(f"{TICKETS}?{query}")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json()["errors"][0]["field"] == query.partition("=")[0]


def test_another_providers_tickets_are_in_no_list(
    staff: Client, in_house: House, other_house: House
) -> None:
    Ticket._base_manager.filter(pk=join(in_house).pk).update(provider=other_house.provider)
    assert staff.get(TICKETS).json()["results"] == []


def ask(what: str, house: House, by_key: Client, staff: Client) -> Any:
    match what:
        case "join":
            return post(by_key, "/tickets", queue=house.queue.pk)
        case "call next":
            return post(by_key, f"/counters/{house.counter2.pk}/call-next")
        case "snapshot":
            return Client().get(f"/api/v1/public/queues/{house.queue.pk}/snapshot")
        case "ticket list":
            return by_key.get(TICKETS)
        case "counter list":
            return by_key.get(f"{P}/counters")
        case _:
            return staff.get("/console/clinic/")


KEY = 1
"""With a key: the key and its provider at once."""

SESSION = 2
"""With a session, which is cached: the user, the membership, the locations that limit it."""

COSTS = {
    # Lock the queue with its time zone and service; insert, append and emit; then the position.
    "join": KEY + 3,
    # Lock the counter, read it, lock its queues, find the first; update, append and emit.
    "call next": KEY + 5,
    # The queue and its provider; then all of the document.
    "snapshot": 1 + 1,
    "ticket list": KEY + 1,
    # The counters, their queues, their services, their tickets.
    "counter list": KEY + 4,
    # The lines, and whose ranges are off.
    "today page": SESSION + 2,
}


def is_statement(query: dict[str, str]) -> bool:
    words = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SET TRANSACTION")
    return not query["sql"].startswith(words)


@pytest.fixture
def by_key(api_key: str) -> Client:
    """The API key's client."""
    return Client(headers={"Authorization": f"Bearer {api_key}"})


@pytest.mark.parametrize("waiting", [5, 50])
@pytest.mark.parametrize("what", COSTS)
def test_a_request_costs_as_many_queries_however_long_the_line(
    in_house: House, by_key: Client, staff: Client, what: str, waiting: int
) -> None:
    for _ in range(waiting):
        join(in_house)
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    with CaptureQueriesContext(connection) as queries:
        assert ask(what, in_house, by_key, staff).status_code < HTTPStatus.BAD_REQUEST
    statements = [query["sql"] for query in queries.captured_queries if is_statement(query)]
    assert len(statements) == COSTS[what], "\n".join(statements)
