"""Why was A012 called before me?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from conftest import House
from providers.actors import Actor
from providers.services.services import service_create
from queues.models import Ticket
from queues.services import tickets
from queues.services.counters import counter_update
from queues.services.transfers import ticket_transfer
from queues.tests.test_join import join
from queues.tests.test_life import other_queue
from queues.tokens import token_for
from queues.why import Reason, why_before
from waitlessq import clock
from waitlessq.errors import NotFoundError

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def join_at(house: House, minutes: int, **more: Any) -> Ticket:
    with clock.override(START + timedelta(minutes=minutes)):
        return join(house, **more)


def call_next(house: House) -> Ticket:
    with clock.override(START + timedelta(minutes=60)):
        return tickets.ticket_call_next(actor=house.actor, counter_id=house.counter.pk)


def who(house: House, ticket: Ticket) -> dict[str, Any]:
    return {"actor": house.actor, "ticket_id": ticket.pk}


def assert_why(mine: Ticket, other: Ticket, reason: Reason) -> None:
    """That this is the reason, and that nothing that happens later changes it."""
    mine = Ticket.objects.get(pk=mine.pk)
    why = why_before(mine, other.code)
    assert why.reason == reason
    assert why.detail
    tickets.ticket_cancel(actor=Actor.system(mine.provider), ticket_id=other.pk)
    assert why_before(mine, other.code) == why


def test_who_came_earlier(in_house: House) -> None:
    other, mine = join_at(in_house, 0), join_at(in_house, 1)
    call_next(in_house)
    assert_why(mine, other, Reason.CAME_EARLIER)


def test_who_was_called_before_i_came(in_house: House) -> None:
    other = join_at(in_house, 0)
    call_next(in_house)
    assert_why(join_at(in_house, 90), other, Reason.BEFORE_YOU_CAME)


def test_who_has_priority_and_what_it_is_worth(in_house: House) -> None:
    mine, other = join_at(in_house, 0), join_at(in_house, 5, priority=2)
    call_next(in_house)
    why = why_before(mine, other.code)
    assert (why.reason, why.minutes) == (Reason.PRIORITY, 30)
    with override("en"):
        assert "counts as 30 min" in why.detail


def test_whom_i_let_go_first(in_house: House) -> None:
    mine, other = join_at(in_house, 0), join_at(in_house, 5)
    tickets.ticket_defer(**who(in_house, mine), people=1)
    call_next(in_house)
    assert_why(mine, other, Reason.YOU_LET_AHEAD)


def test_while_i_asked_for_time(in_house: House) -> None:
    mine, other = join_at(in_house, 0), join_at(in_house, 5)
    tickets.ticket_postpone(**who(in_house, mine), minutes=10)
    call_next(in_house)
    assert_why(mine, other, Reason.YOU_ASKED_FOR_TIME)


def test_while_i_was_called_myself(in_house: House) -> None:
    mine, other = join_at(in_house, 0), join_at(in_house, 5)
    call_next(in_house)
    tickets.ticket_mark_no_show(**who(in_house, mine))
    call_next(in_house)
    assert_why(mine, other, Reason.YOU_WERE_CALLED)


def test_before_i_was_sent_to_this_line(in_house: House) -> None:
    second = other_queue(in_house)
    mine, other = join_at(in_house, 0, queue_id=second.pk), join_at(in_house, 5)
    call_next(in_house)
    ticket_transfer(**who(in_house, mine), queue_id=in_house.queue.pk)
    assert_why(mine, other, Reason.YOU_WERE_ELSEWHERE)


def test_for_a_counter_that_does_not_do_what_i_want(in_house: House) -> None:
    service = service_create(actor=in_house.actor, name="Passports")
    in_house.queue.services.add(service)
    services = [in_house.service]
    counter_update(actor=in_house.actor, counter_id=in_house.counter.pk, services=services)
    mine, other = join_at(in_house, 0, service_id=service.pk), join_at(in_house, 5)
    call_next(in_house)
    assert_why(mine, other, Reason.OTHER_SERVICE)


def test_whom_the_desk_chose(in_house: House) -> None:
    mine, other = join_at(in_house, 0), join_at(in_house, 5)
    tickets.ticket_call(**who(in_house, other), counter_id=in_house.counter.pk)
    assert_why(mine, other, Reason.BY_HAND)


@pytest.mark.parametrize("code", ["", "A", "A001", "A003", "A999", "Ü1", "A" + "9" * 11])
def test_who_was_not_called_was_not_before_me(in_house: House, code: str) -> None:
    mine, _, _ = join_at(in_house, 0), join_at(in_house, 1), join_at(in_house, 2)
    with pytest.raises(NotFoundError):
        why_before(mine, code)


def test_the_holder_asks_and_hears_nothing_of_the_person(in_house: House) -> None:
    mine, other = join_at(in_house, 0), join_at(in_house, 5, priority=1, reference="4711")
    call_next(in_house)
    client = Client(headers={"Ticket-Token": token_for(mine.pk)})
    path = "/api/v1/public/ticket/why"
    body = client.get(path, {"code": other.code}).json()
    assert body == {
        "code": "A002",
        "called_at": body["called_at"],
        "reason": "priority",
        "minutes": 15,
        "detail": "A002 has priority here: it counts as 15 min of waiting.",
    }
    assert client.get(path, {"code": "A077"}).status_code == 404
    assert client.get(path).json()["errors"][0]["field"] == "code"


def test_pages_without_script_say_it_in_the_readers_language(in_house: House) -> None:
    client = Client(headers={"Accept-Language": "he"})
    client.post(f"/q/clinic/join/{in_house.queue.pk}/", {"key": "1" * 32})
    other = join(in_house)
    tickets.ticket_call(**who(in_house, other), counter_id=in_house.counter.pk)
    page = client.get("/q/clinic/ticket/").text
    assert "/ticket/why/?code=A002" in page
    assert "הדלפק בחר" in client.get("/q/clinic/ticket/why/?code=A002").text
    assert client.get("/q/clinic/ticket/why/?code=A009").status_code == 404
