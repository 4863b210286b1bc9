"""What customers do without an account: see a provider, join, look, leave."""

from http import HTTPStatus
from typing import Any

import pytest
from django.core.signing import Signer
from django.test import Client

from conftest import House
from queues.models import QueueStatus, Source, Ticket, TicketEvent
from queues.services import tickets
from queues.services.queues import queue_create, queue_update
from queues.tests.test_join import join
from queues.tokens import ticket_id_from, token_for
from waitlessq.streams.channels import secret_name

PUBLIC = "/api/v1/public"
JSON = "application/json"


def post_join(house: House, **body: Any) -> Any:
    path = f"{PUBLIC}/queues/{house.queue.pk}/tickets"
    return Client().post(path, body, content_type=JSON)


def look(token: str) -> Any:
    return Client().get(f"{PUBLIC}/ticket", headers={"Ticket-Token": token})


def leave(token: str) -> Any:
    return Client().post(f"{PUBLIC}/ticket/cancel", headers={"Ticket-Token": token})


def test_joining_gives_a_ticket_its_place_and_its_token(in_house: House) -> None:
    join(in_house)
    response = post_join(in_house, service=in_house.service.pk)
    assert response.status_code == HTTPStatus.CREATED
    body = response.json()
    ticket = Ticket.objects.get(code="A002")
    assert body == {
        "token": token_for(ticket.pk),
        "queue": in_house.queue.pk,
        "business_date": ticket.business_date.isoformat(),
        "code": "A002",
        "service": in_house.service.pk,
        "people": 1,
        "state": "waiting",
        "counter": None,
        "call_count": 0,
        "issued_at": body["issued_at"],
        "called_at": None,
        "position": 2,
        "called_by_mistake": False,
        "sequence": 4,
        "come_by": None,
        "rejoin_until": None,
        "deferred_until": None,
        "stream": secret_name("tickets", ticket.pk),
    }
    assert (ticket.source, ticket.priority) == (Source.PWA, 0)
    assert TicketEvent.objects.get(ticket=ticket).actor == "customer"


def test_a_customer_has_no_say_in_priority_source_or_reference(in_house: House) -> None:
    post_join(in_house, priority=9, source="staff", reference="mine", queue=1)
    ticket = Ticket.objects.get()
    assert (ticket.priority, ticket.source, ticket.reference) == (0, "pwa", "")


def test_i_see_my_place_and_where_i_am_called(in_house: House) -> None:
    join(in_house)
    token = post_join(in_house).json()["token"]
    assert look(token).json()["position"] == 2
    tickets.ticket_call_next(actor=in_house.actor, counter_id=in_house.counter2.pk)
    assert look(token).json()["position"] == 1
    tickets.ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    mine = look(token).json()
    assert (mine["state"], mine["counter"], mine["position"]) == ("called", "1", None)


def test_nobody_keeps_my_ticket_on_the_way(in_house: House) -> None:
    token = post_join(in_house).json()["token"]
    response = look(token)
    assert "no-store" in response.headers["Cache-Control"]
    assert "private" in response.headers["Cache-Control"]


def test_i_leave_and_whoever_is_behind_me_moves_up(in_house: House) -> None:
    mine, behind = (post_join(in_house).json()["token"] for _ in range(2))
    response = leave(mine)
    assert (response.status_code, response.json()["state"]) == (HTTPStatus.OK, "cancelled")
    assert look(mine).json()["position"] is None
    assert look(behind).json()["position"] == 1


def test_i_leave_once(in_house: House) -> None:
    token = post_join(in_house).json()["token"]
    leave(token)
    response = leave(token)
    assert response.status_code == HTTPStatus.CONFLICT
    body = response.json()
    assert (body["code"], body["state"]) == ("illegal-transition", "cancelled")
    assert body["possible"] == []


def test_looking_changes_nothing(in_house: House) -> None:
    token = post_join(in_house).json()["token"]
    before = TicketEvent.objects.count()
    look(token)
    assert (
        Client().get(f"{PUBLIC}/ticket/cancel", headers={"Ticket-Token": token}).status_code == 405
    )
    assert TicketEvent.objects.count() == before
    assert Ticket.objects.get().state == "waiting"


def test_a_wrong_token_is_as_good_as_one_of_a_ticket_that_is_none(in_house: House) -> None:
    token = post_join(in_house).json()["token"]
    other_salt = Signer(salt="something else").sign(token.split(":")[0])
    wrong = ["", "x", token[:-1], token + "x", token.split(":")[0], other_salt, "é" * 99]
    answers = [ask(text) for text in [*wrong, token_for(10**9)] for ask in (look, leave)]
    assert {answer.status_code for answer in answers} == {HTTPStatus.NOT_FOUND}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "not-found"


def test_a_token_is_of_one_ticket(in_house: House) -> None:
    first, second = (post_join(in_house).json() for _ in range(2))
    assert first["token"] != second["token"]
    assert look(second["token"]).json()["code"] == "A002"
    assert ticket_id_from(first["token"]) == Ticket.objects.get(code="A001").pk


@pytest.mark.parametrize("status", [QueueStatus.PAUSED, QueueStatus.CLOSING, QueueStatus.CLOSED])
def test_a_queue_that_takes_nobody_says_why(in_house: House, status: QueueStatus) -> None:
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, status=status)
    response = post_join(in_house)
    assert response.status_code == HTTPStatus.CONFLICT
    body = response.json()
    assert (body["code"], body["queue_status"]) == ("queue-not-open", status)
    assert body["detail"] == f"Walk-in is {status}."


def test_a_full_queue_says_so(in_house: House) -> None:
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, capacity=1)
    post_join(in_house)
    body = post_join(in_house).json()
    assert (body["status"], body["code"], body["capacity"]) == (409, "queue-full", 1)


def test_a_service_that_the_queue_does_not_take_is_refused(
    in_house: House, other_house: House
) -> None:
    response = post_join(in_house, service=other_house.service.pk)
    assert (response.status_code, response.json()["code"]) == (409, "service-not-taken")


@pytest.mark.parametrize("queue", ["0", "999999999", str(10**30)])
def test_a_queue_that_is_none_can_not_be_joined(client: Client, db: None, queue: str) -> None:
    response = client.post(f"{PUBLIC}/queues/{queue}/tickets", {}, content_type=JSON)
    assert response.status_code == HTTPStatus.NOT_FOUND


def test_a_provider_shows_its_queues_also_those_that_are_closed(in_house: House) -> None:
    for name, status in (("Early", QueueStatus.CLOSED), ("Later", QueueStatus.PAUSED)):
        queue_create(
            actor=in_house.actor, location=in_house.location, name=name, prefix="B", status=status
        )
    body = Client().get(f"{PUBLIC}/providers/clinic").json()
    assert {key: body[key] for key in ("slug", "name", "trade")} == {
        "slug": "clinic",
        "name": "Clinic",
        "trade": "clinic",
    }
    assert body.keys() == {"slug", "name", "trade", "queues", "takes_bookings"}
    assert body["takes_bookings"] is False
    queues = [(q["name"], q["location"], q["status"]) for q in body["queues"]]
    assert queues == [
        ("Early", "Main", "closed"),
        ("Later", "Main", "paused"),
        ("Walk-in", "Main", "open"),
    ]
    assert [s["name"] for s in body["queues"][2]["services"]] == ["Advice"]


def test_the_card_says_how_each_queue_stands(in_house: House) -> None:
    called, *_ = [join(in_house), join(in_house), join(in_house)]
    tickets.ticket_call(actor=in_house.actor, ticket_id=called.pk, counter_id=in_house.counter.pk)
    [queue] = Client().get(f"{PUBLIC}/providers/clinic").json()["queues"]
    assert (queue["waiting_total"], queue["open_counters"]) == (2, 2)


def test_a_provider_that_is_none_has_no_card(client: Client, db: None) -> None:
    response = client.get(f"{PUBLIC}/providers/nowhere")
    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_the_card_takes_the_same_queries_however_many_queues(
    in_house: House, django_assert_num_queries: Any
) -> None:
    for number in range(8):
        queue_create(
            actor=in_house.actor,
            location=in_house.location,
            name=f"Queue {number}",
            prefix="B",
            services=[in_house.service],
        )
    # The queues, their services, whether there are bookings; and the provider and their snapshots
    # where none is kept.
    for queries in (4 + 1, 3):
        with django_assert_num_queries(queries):
            Client().get(f"{PUBLIC}/providers/clinic")


def test_the_public_needs_no_csrf_token_and_no_session_counts(in_house: House) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Authorization": "Bearer nonsense"})
    path = f"{PUBLIC}/queues/{in_house.queue.pk}/tickets"
    assert client.post(path, {}, content_type=JSON).status_code == HTTPStatus.CREATED
