"""A counter may serve only some services of its queues."""

from typing import Any

import pytest
from django.test import Client

from conftest import House
from providers.models import Service
from providers.services.services import service_create
from queues.errors import NobodyWaitingError, ServiceNotServedError
from queues.models import Ticket
from queues.selectors import next_of
from queues.services import tickets
from queues.services.counters import counter_close, counter_update
from queues.snapshot import build_snapshots
from queues.tests.test_join import join
from queues.waits import Waits
from waitlessq.errors import NotFoundError


@pytest.fixture
def other(in_house: House) -> Service:
    """A service of the queue that its first counter does not do."""
    service = service_create(actor=in_house.actor, name="Passports")
    in_house.queue.services.add(service)
    limit(in_house, in_house.service)
    return service


def limit(house: House, *services: Service) -> None:
    counter_update(actor=house.actor, counter_id=house.counter.pk, services=services)


def call_next(house: House, **more: Any) -> Ticket:
    more = {"counter_id": house.counter.pk} | more
    return tickets.ticket_call_next(actor=house.actor, **more)


def test_the_first_that_the_counter_can_serve_is_called(in_house: House, other: Service) -> None:
    passed, _ = join(in_house, service_id=other.pk), join(in_house, service_id=other.pk)
    able = join(in_house, service_id=in_house.service.pk)
    assert next_of(in_house.counter, [in_house.service.pk]) == able
    assert call_next(in_house) == able
    assert call_next(in_house, counter_id=in_house.counter2.pk) == passed


def test_who_wants_nothing_in_particular_is_served_everywhere(
    in_house: House, other: Service
) -> None:
    join(in_house, service_id=other.pk)
    anything = join(in_house)
    assert call_next(in_house) == anything


def test_nobody_for_this_counter_is_said_and_is_true(in_house: House, other: Service) -> None:
    join(in_house, service_id=other.pk)
    with pytest.raises(NobodyWaitingError, match="what counter 1 does"):
        call_next(in_house)
    limit(in_house)
    assert call_next(in_house).service == other


def test_neither_is_somebody_called_by_hand(in_house: House, other: Service) -> None:
    ticket = join(in_house, service_id=other.pk)
    with pytest.raises(ServiceNotServedError) as error:
        tickets.ticket_call(
            actor=in_house.actor, ticket_id=ticket.pk, counter_id=in_house.counter.pk
        )
    assert error.value.data == {"counter": in_house.counter.pk, "service": other.pk}


def test_another_providers_service_is_none(in_house: House, other_house: House) -> None:
    with pytest.raises(NotFoundError):
        limit(in_house, other_house.service)


def test_whom_no_open_counter_serves_is_told_no_wait(
    in_house: House, other: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    able, unable = join(in_house), join(in_house, service_id=other.pk)
    waits = Waits({able.pk: (60, 120, 180), unable.pk: (90, 150, 200)})
    monkeypatch.setattr("queues.snapshot.waits_of", lambda *_: waits)
    [built] = build_snapshots([in_house.queue.pk]).values()
    assert built.document["waits"] == [(60, 120, 180), (90, 150, 200)]
    counter_close(actor=in_house.actor, counter_id=in_house.counter2.pk)
    [built] = build_snapshots([in_house.queue.pk]).values()
    assert built.document["waits"] == [(60, 120, 180), None]
    assert built.document["waiting"] == [able.code, unable.code]
    assert set(built.waits) == {able.pk}


def test_the_desk_says_who_is_passed_over_and_why(
    staff: Client, in_house: House, other: Service
) -> None:
    path = f"/console/clinic/desk/{in_house.counter.pk}/"
    join(in_house, service_id=other.pk)
    page = staff.get(path).text
    assert "Nobody waits for what this counter does." in page
    assert "for other counters" in page
    join(in_house)
    page = staff.get(path).text
    assert "Next is A002: 1 before it is for other counters." in page
    assert "A002" in page.partition('<tr class="is-next">')[2].partition("</tr>")[0]
    assert "Call A002" in page
    headers = {"HX-Request": "true"}
    done = staff.post(f"{path}next/", {"expected": "A002"}, headers=headers).text
    assert "You called A002." in done
    done = staff.post(f"{path}next/", {"expected": "A002"}, headers=headers).text
    assert "Nobody waits for what this counter does." in done


def test_the_api_limits_a_counter_and_frees_it(
    owner: Client, in_house: House, other: Service
) -> None:
    path = f"/api/v1/providers/clinic/counters/{in_house.counter2.pk}"
    for services in ([other.pk], []):
        body = owner.patch(path, {"services": services}, content_type="application/json").json()
        assert body["services"] == services
