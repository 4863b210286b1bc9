"""What if a queue had more counters? Asked over the API, in the location's time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from django_scopes import scope

from conftest import House, add_member, build_house, client_of
from providers.models import Role
from queues.models import Ticket
from queues.services.counters import counter_close
from queues.services.tickets import ticket_cancel
from queues.tests.test_waits import a_morning, finish_and_call
from waitlessq import clock

pytestmark = pytest.mark.django_db(transaction=True)

# Tuesday 10:00 in Jerusalem, so that there is a later today.
NOW = datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC)


@pytest.fixture
def busy() -> Iterator[House]:
    """Two counters, and 30 who wait."""
    house = build_house("clinic")
    with clock.override(NOW), scope(provider=house.provider):
        a_morning(house, waiting=30)
        yield house


Ask = Callable[..., Any]


@pytest.fixture
def ask(busy: House) -> Ask:
    """Asks as a viewer."""
    viewer = client_of(add_member(busy.provider, Role.VIEWER))
    address = f"/api/v1/providers/clinic/queues/{busy.queue.pk}/what-if"

    def get(**query: Any) -> Any:
        return viewer.get(address, {name.replace("start", "from"): query[name] for name in query})

    return get


def test_another_counter_shortens_everybodys_wait(ask: Ask) -> None:
    answer = ask().json()
    assert answer["open_counters"] == 2
    waiting = Ticket.objects.filter(state="waiting").order_by("order_key")
    assert [place["code"] for place in answer["line"]] == [ticket.code for ticket in waiting]
    for place in (*answer["line"], answer["newcomer"]):
        assert place["then"] <= place["now"]
    now, then = answer["newcomer"]["now"], answer["newcomer"]["then"]
    # Three instead of two.
    assert then[1] == pytest.approx(now[1] * 2 / 3, rel=0.15)


def test_one_from_later_on_helps_only_who_still_waits_then(ask: Ask) -> None:
    line = ask(start="10:20").json()["line"]
    assert line[0]["then"] == line[0]["now"]
    assert line[-1]["then"] < line[-1]["now"]
    assert ask(start="23:59").json()["newcomer"]["then"][1] == pytest.approx(
        line[-1]["now"][1], rel=0.2
    )


def test_without_any_counter_nobody_is_called(ask: Ask) -> None:
    answer = ask(counters=-2).json()
    assert answer["newcomer"]["then"] is None
    assert ask(counters=-1).json()["newcomer"]["then"] is not None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"counters": 0}, "counters"),
        ({"counters": 21}, "counters"),
        ({"counters": -3}, "counters"),
        ({"counters": "many"}, "counters"),
        ({"start": "09:59"}, "from"),
        ({"start": "noon"}, "from"),
        ({"start": "12:00", "until": "12:00"}, "until"),
        ({"until": "09:00"}, "until"),
    ],
)
def test_what_can_not_be_is_said(ask: Ask, query: dict[str, Any], field: str) -> None:
    response = ask(**query)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_this_very_minute_is_not_over(ask: Ask) -> None:
    assert ask(start="10:00").json()["newcomer"] == ask().json()["newcomer"]


def test_where_there_is_no_estimate_there_is_nothing_to_compare(busy: House, ask: Ask) -> None:
    finish_and_call(busy)
    ticket_cancel(actor=busy.actor, ticket_id=Ticket.objects.get(state="called").pk)
    for counter in (busy.counter, busy.counter2):
        counter_close(actor=busy.actor, counter_id=counter.pk)
    response = ask()
    assert (response.status_code, response.json()["code"]) == (HTTPStatus.CONFLICT, "no-estimate")
