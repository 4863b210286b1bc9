"""Letting others go first (docs/adr/0007)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from conftest import House
from queues.errors import NobodyBehindError
from queues.models import EventType, Ticket, TicketEvent
from queues.selectors import position
from queues.services import tickets
from queues.snapshot import build_snapshot
from queues.tests.test_join import join
from queues.tokens import token_for
from waitlessq import clock

JSON = "application/json"


def defer(house: House, ticket: Ticket, people: int) -> Ticket:
    return tickets.ticket_defer(actor=house.actor, ticket_id=ticket.pk, people=people)


def line(house: House) -> list[str]:
    waiting: list[str] = build_snapshot(house.queue.pk)["waiting"]
    return waiting


def let_ahead(ticket: Ticket) -> int:
    people: int = TicketEvent.objects.get(ticket=ticket, type=EventType.DEFERRED).data["people"]
    return people


@pytest.mark.parametrize(
    ("people", "order", "said"),
    [(1, "2134", 1), (2, "2314", 2), (3, "2341", 3), (99, "2341", 3)],
)
def test_so_many_go_first_and_the_event_says_how_many(
    in_house: House, people: int, order: str, said: int
) -> None:
    first, *_ = [join(in_house) for _ in range(4)]
    after = defer(in_house, first, people)
    assert line(in_house) == [f"A00{number}" for number in order]
    assert (after.state, position(after), let_ahead(after)) == ("waiting", said + 1, said)


def test_who_comes_later_stays_behind(in_house: House) -> None:
    first, _ = join(in_house), join(in_house)
    defer(in_house, first, 1)
    join(in_house)
    assert line(in_house) == ["A002", "A001", "A003"]


def test_the_last_lets_nobody_ahead(in_house: House) -> None:
    join(in_house)
    last = join(in_house)
    with pytest.raises(NobodyBehindError):
        defer(in_house, last, 2)
    assert line(in_house) == ["A001", "A002"]


@pytest.mark.parametrize("who", [0, 1])
def test_what_is_said_is_true_for_people_of_the_very_same_moment(in_house: House, who: int) -> None:
    with clock.override(datetime(2026, 1, 5, 9, tzinfo=UTC)):
        together = [join(in_house) for _ in range(4)]
    before = position(together[who])
    after = defer(in_house, together[who], 1)
    assert before is not None
    assert position(after) == before + let_ahead(after)


def test_the_holder_lets_two_go_first(in_house: House) -> None:
    first, *_ = [join(in_house) for _ in range(3)]
    client = Client(headers={"Ticket-Token": token_for(first.pk)})
    path = "/api/v1/public/ticket/defer"
    body = client.post(path, {"people": 2}, content_type=JSON).json()
    assert (body["position"], body["state"]) == (3, "waiting")
    refused = client.post(path, {"people": 2}, content_type=JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "nobody-behind")


@pytest.mark.parametrize("body", [{}, {"people": 0}, {"people": 100}, {"people": "x"}])
def test_a_number_that_is_none_is_refused(in_house: House, body: dict[str, Any]) -> None:
    client = Client(headers={"Ticket-Token": token_for(join(in_house).pk)})
    response = client.post("/api/v1/public/ticket/defer", body, content_type=JSON)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "people"


def test_staff_does_it_too(staff: Client, in_house: House) -> None:
    first, _ = join(in_house), join(in_house)
    path = f"/api/v1/providers/clinic/tickets/{first.pk}"
    assert staff.post(f"{path}/defer", {"people": 1}, content_type=JSON).status_code == 200
    *_, event = staff.get(f"{path}/events").json()
    assert (event["type"], event["data"]["people"]) == ("deferred", 1)
    assert line(in_house) == ["A002", "A001"]
