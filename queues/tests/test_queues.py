"""Setting up queues."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from conftest import House
from events.models import OutboxMessage
from providers.errors import NameTakenError
from providers.services.locations import location_create
from providers.services.services import service_create
from queues.models import EventType, Queue, QueueStatus, TicketEvent
from queues.services.queues import queue_create, queue_update
from waitlessq.errors import NotFoundError

QUEUES = "/api/v1/providers/clinic/queues"
JSON = "application/json"


def post(client: Client, house: House, **fields: Any) -> Any:
    body = {"name": "Second", "prefix": "B", "location": house.location.pk} | fields
    client.raise_request_exception = False
    return client.post(QUEUES, body, content_type=JSON)


def patch(client: Client, house: House, **fields: Any) -> Any:
    client.raise_request_exception = False
    return client.patch(f"{QUEUES}/{house.queue.pk}", fields, content_type=JSON)


def test_a_queue_is_made_open_without_a_limit(owner: Client, house: House) -> None:
    response = post(owner, house, services=[house.service.pk])
    assert response.status_code == HTTPStatus.CREATED
    row = response.json()
    assert row == {
        "id": row["id"],
        "location": house.location.pk,
        "name": "Second",
        "prefix": "B",
        "services": [house.service.pk],
        "status": "open",
        "capacity": None,
        "head_start": "00:15:00",
        "rejoin_window": "00:15:00",
        "grace_time": "00:00:00",
        "call_limit": 1,
        "max_people": 1,
        "asks_name": "no",
        "asks_phone": "no",
        "appointment_merge": "interleaved",
        "follows_hours": True,
        "closing_window": "01:00:00",
        "at_closing": "expire",
        "remote_join": True,
        "early_join": "00:00:00",
        "opens_at": None,
        "sequence": 0,
    }
    assert owner.get(f"{QUEUES}/{row['id']}").json() == row


@pytest.mark.parametrize("prefix", [*"IOQW", "AI", "OB", "a", "1", "", "ABC", "Ä", "A B", "A\0"])
def test_a_prefix_is_one_or_two_letters_that_are_not_misread(
    owner: Client, house: House, prefix: str
) -> None:
    response = post(owner, house, prefix=prefix)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert {error["field"] for error in response.json()["errors"]} == {"prefix"}
    assert patch(owner, house, prefix=prefix).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("prefix", ["A", "Z", "HJ", "VX"])
def test_other_letters_are_fine(owner: Client, house: House, prefix: str) -> None:
    assert post(owner, house, prefix=prefix).json()["prefix"] == prefix


@pytest.mark.parametrize("capacity", [0, -1, 100_001, 10**30, "many", 1.5, True])
def test_a_queue_has_room_for_somebody_and_not_for_everybody(
    owner: Client, house: House, capacity: object
) -> None:
    assert post(owner, house, capacity=capacity).status_code == HTTPStatus.BAD_REQUEST
    assert patch(owner, house, capacity=capacity).status_code == HTTPStatus.BAD_REQUEST


def test_a_limit_can_be_set_and_taken_away(owner: Client, house: House) -> None:
    assert patch(owner, house, capacity=1).json()["capacity"] == 1
    assert patch(owner, house, capacity=None).json()["capacity"] is None


@pytest.mark.parametrize("status", ["", "ajar", None, 1])
def test_a_status_is_one_of_four(owner: Client, house: House, status: object) -> None:
    assert patch(owner, house, status=status).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("field", ["head_start", "rejoin_window"])
@pytest.mark.parametrize("length", ["-1", "-1 00:00:00", "999999999 00:00:00", "P5000Y", "x"])
def test_a_length_of_time_is_one_that_can_be_counted_with(
    owner: Client, house: House, field: str, length: str
) -> None:
    response = patch(owner, house, **{field: length})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json()["errors"][0]["field"] == field


def test_whatever_head_start_a_queue_has_people_can_join_it(owner: Client, house: House) -> None:
    patch(owner, house, head_start="999999999 00:00:00")
    body = {"queue": house.queue.pk, "priority": 9}
    response = owner.post("/api/v1/providers/clinic/tickets", body, content_type=JSON)
    assert response.status_code == HTTPStatus.CREATED


def test_a_patch_leaves_what_it_does_not_name(owner: Client, house: House) -> None:
    before = owner.get(f"{QUEUES}/{house.queue.pk}").json()
    after = patch(owner, house, name="New", location=10**9, sequence=99).json()
    assert after == before | {"name": "New", "sequence": before["sequence"] + 1}


def test_every_update_is_the_next_number_an_event_and_a_message(in_house: House) -> None:
    OutboxMessage.objects.all().delete()
    queue = queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, services=[], capacity=3)
    assert queue.sequence == in_house.queue.sequence + 1
    event = TicketEvent.objects.get(sequence=queue.sequence)
    assert (event.type, event.ticket) == (EventType.QUEUE_CHANGED, None)
    assert event.data == {"changed": ["capacity", "services"], "status": "open"}
    assert OutboxMessage.objects.get().payload == {
        "sequence": queue.sequence,
        "location": queue.location_id,
    }


def test_another_providers_location_and_services_are_refused(
    in_house: House, other_house: House
) -> None:
    with pytest.raises(NotFoundError):
        queue_create(actor=in_house.actor, location=other_house.location, name="x", prefix="B")
    with pytest.raises(NotFoundError):
        queue_create(
            actor=in_house.actor,
            location=in_house.location,
            name="x",
            prefix="B",
            services=[other_house.service],
        )
    with pytest.raises(NotFoundError):
        queue_update(
            actor=in_house.actor, queue_id=in_house.queue.pk, services=[other_house.service]
        )
    assert list(Queue.objects.all()) == [in_house.queue]
    assert list(in_house.queue.services.all()) == [in_house.service]


def test_another_providers_queue_is_not_updated(in_house: House, other_house: House) -> None:
    with pytest.raises(NotFoundError):
        queue_update(actor=in_house.actor, queue_id=other_house.queue.pk, name="Mine")


def test_the_api_refuses_another_providers_location_and_services(
    owner: Client, house: House, other_house: House
) -> None:
    for fields in (
        {"location": other_house.location.pk},
        {"services": [other_house.service.pk]},
        {"services": [house.service.pk, 10**30]},
    ):
        assert post(owner, house, **fields).status_code == HTTPStatus.BAD_REQUEST


def test_a_refused_name_leaves_everything_as_it_was(in_house: House) -> None:
    queue_create(actor=in_house.actor, location=in_house.location, name="Second", prefix="B")
    elsewhere = service_create(actor=in_house.actor, name="Elsewhere")
    with pytest.raises(NameTakenError):
        queue_update(
            actor=in_house.actor,
            queue_id=in_house.queue.pk,
            name="Second",
            services=[elsewhere],
            status=QueueStatus.CLOSED,
        )
    queue = Queue.objects.get(pk=in_house.queue.pk)
    assert (queue.name, queue.status, queue.sequence) == ("Walk-in", "open", 2)
    assert list(queue.services.all()) == [in_house.service]


def test_a_name_is_unique_within_its_location_only(in_house: House) -> None:
    north = location_create(actor=in_house.actor, name="North", time_zone="Europe/London")
    queue = queue_create(actor=in_house.actor, location=north, name="Walk-in", prefix="A")
    assert queue.name == in_house.queue.name
