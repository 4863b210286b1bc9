"""What if another counter opened? The sheet at the desk, and the page without script."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from conftest import House, add_member, build_house, client_of
from providers.models import Role
from queues.tests.test_waits import a_morning
from queues.tests.test_what_if import NOW
from waitlessq import clock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def busy() -> Iterator[House]:
    house = build_house("clinic")
    with clock.override(NOW), scope(provider=house.provider):
        a_morning(house, waiting=14)
        yield house


@pytest.fixture
def member(busy: House) -> Client:
    return client_of(add_member(busy.provider, Role.VIEWER))


def test_the_answer_is_what_a_newcomer_would_wait_and_the_line(busy: House, member: Client) -> None:
    address = f"/console/clinic/desk/{busy.counter.pk}/what-if/"
    assert "Without the change" not in member.get(address).text
    query: dict[str, Any] = {"queue": busy.queue.pk, "counters": 1, "from": "", "until": ""}
    text = member.get(address, query).text
    assert "<h3>Who joins now:" in text
    assert "Without the change" in text
    assert "And 4 more." in text
    part = member.get(address, query, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    fewer = member.get(address, query | {"counters": -1}).text
    assert "Nobody is called" not in fewer


def test_what_can_not_be_is_said_and_kept(busy: House, member: Client) -> None:
    address = f"/console/clinic/desk/{busy.counter.pk}/what-if/"
    query: dict[str, Any] = {
        "queue": busy.queue.pk,
        "counters": 1,
        "from": "23:58",
        "until": "23:57",
    }
    response = member.get(address, query)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "That is not after the beginning." in response.text
    assert 'value="23:57"' in response.text


def test_where_nobody_can_tell_it_says_so(house: House, staff: Client) -> None:
    address = f"/console/clinic/desk/{house.counter.pk}/what-if/"
    response = staff.get(address, {"queue": house.queue.pk, "counters": 1})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Nobody can say yet how long people wait here." in response.text
