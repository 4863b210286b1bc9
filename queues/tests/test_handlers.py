"""Once a change is committed, the relay tells it to whoever has the queue open."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.db.transaction import atomic
from django_scopes import scope

from conftest import House, build_house
from events.models import OutboxMessage
from events.outbox import relay_batch
from queues import handlers
from queues.models import Queue
from queues.services.queues import queue_create
from queues.services.tickets import ticket_call_next, ticket_cancel
from queues.snapshot import build_snapshot, read_snapshot
from queues.tests.test_join import join
from waitlessq.streams.channels import secret_names
from waitlessq.streams.publisher import PublishError, StreamMessage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[StreamMessage]:
    """What was published, in turn."""
    messages: list[StreamMessage] = []
    monkeypatch.setattr(handlers, "publish", messages.extend)
    return messages


def on(channel: str, told: Sequence[StreamMessage]) -> list[Mapping[str, Any]]:
    return [message.data for message in told if message.channel == channel]


def changed_house() -> House:
    """A house whose making has been told."""
    house = build_house("clinic")
    OutboxMessage.objects.all().delete()
    return house


def test_a_changed_queue_is_told_once_however_often_it_changed(told: list[StreamMessage]) -> None:
    house = build_house("clinic")
    with scope(provider=house.provider):
        second = queue_create(actor=house.actor, location=house.location, name="Second", prefix="B")
        for queue in (house.queue, second, house.queue, house.queue):
            join(house, queue_id=queue.pk)
    relay_batch()
    for queue in (house.queue, second):
        [document] = on(f"queues-{queue.pk}", told)
        assert {**document, "as_of": ""} == {**build_snapshot(queue.pk), "as_of": ""}


def test_the_first_reader_after_the_relay_builds_nothing(
    told: list[StreamMessage], django_assert_num_queries: Any
) -> None:
    house = build_house("clinic")
    with scope(provider=house.provider):
        join(house)
        relay_batch()
        queue = Queue.objects.get(pk=house.queue.pk)
        with django_assert_num_queries(0):
            document = read_snapshot(queue)
    assert document["waiting"] == ["A001"]


@pytest.mark.parametrize("slugs", [["clinic"], ["clinic", "salon", "office"]])
def test_queues_of_all_providers_are_told_with_the_same_statements(
    told: list[StreamMessage], django_assert_num_queries: Any, slugs: list[str]
) -> None:
    houses = [build_house(slug) for slug in slugs]
    relay_batch()
    for house in houses:
        with scope(provider=house.provider):
            join(house)
    messages = list(OutboxMessage.objects.filter(topic="queue.changed"))
    # Lock the estimators, read what they have not seen, save them; then the documents.
    with atomic(), django_assert_num_queries(4):
        handlers.publish_changes(messages)
    assert all(on(f"queues-{house.queue.pk}", told) for house in houses)


def test_the_desks_of_the_location_hear_of_it_on_every_name_that_is_good(
    told: list[StreamMessage],
) -> None:
    house = changed_house()
    with scope(provider=house.provider):
        join(house)
        join(house)
    relay_batch()
    for name in secret_names("locations", house.location.pk):
        assert on(name, told) == [{"queue": house.queue.pk, "sequence": 4}]


def test_a_ticket_hears_of_its_own_changes_only(told: list[StreamMessage]) -> None:
    house = changed_house()
    with scope(provider=house.provider):
        called, waiting = join(house), join(house)
        ticket_call_next(actor=house.actor, counter_id=house.counter.pk)
        ticket_cancel(actor=house.actor, ticket_id=called.pk)
    relay_batch()
    for name in secret_names("tickets", called.pk):
        assert on(name, told) == [{"queue": house.queue.pk, "sequence": 6}]
    for name in secret_names("tickets", waiting.pk):
        assert on(name, told) == []


def test_what_could_not_be_told_stays_to_be_told(
    told: list[StreamMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = build_house("clinic")

    def refuse(messages: Sequence[StreamMessage]) -> None:
        raise PublishError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(handlers, "publish", refuse)
        assert relay_batch().failed_topics == 1
    assert relay_batch().failed_topics == 0
    assert on(f"queues-{house.queue.pk}", told)


def test_a_message_of_a_queue_that_is_gone_is_done(told: list[StreamMessage]) -> None:
    payload = {"sequence": 1, "location": 1}
    OutboxMessage.objects.create(
        provider_id=1, topic="queue.changed", subject_id=10**9, payload=payload
    )
    assert relay_batch().messages == 1
    assert on(f"queues-{10**9}", told) == []


def test_a_message_of_the_release_before_is_told_as_far_as_it_goes(
    told: list[StreamMessage],
) -> None:
    house = changed_house()
    OutboxMessage.objects.create(
        provider_id=house.provider.pk,
        topic="queue.changed",
        subject_id=house.queue.pk,
        payload={"sequence": 2},
    )
    assert relay_batch().failed_topics == 0
    assert on(f"queues-{house.queue.pk}", told) == [build_snapshot(house.queue.pk)]
