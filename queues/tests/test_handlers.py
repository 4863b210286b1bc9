"""Once a change is committed, the relay builds the snapshot before anybody asks for it."""

from typing import Any

import pytest
from django_scopes import scope

from conftest import build_house
from events.models import OutboxMessage
from events.outbox import relay_batch
from queues import handlers, snapshot
from queues.models import Queue
from queues.services.queues import queue_create
from queues.snapshot import read_snapshot
from queues.tests.test_join import join
from queues.tests.test_snapshot import join_elsewhere


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The queues whose snapshots were built, in turn."""
    queues: list[int] = []
    build = snapshot.build_snapshot

    def remember(queue_id: int) -> dict[str, Any]:
        queues.append(queue_id)
        return build(queue_id)

    monkeypatch.setattr(snapshot, "build_snapshot", remember)
    return queues


@pytest.mark.django_db(transaction=True)
def test_each_changed_queue_is_built_once_however_often_it_changed(built: list[int]) -> None:
    house = build_house("clinic")
    with scope(provider=house.provider):
        second = queue_create(actor=house.actor, location=house.location, name="Second", prefix="B")
        for queue in (house.queue, second, house.queue, house.queue):
            join(house, queue_id=queue.pk)
    relay_batch()
    assert sorted(built) == sorted([house.queue.pk, second.pk])


@pytest.mark.django_db(transaction=True)
def test_the_first_reader_after_the_relay_builds_nothing(built: list[int]) -> None:
    house = build_house("clinic")
    with scope(provider=house.provider):
        join(house)
        relay_batch()
        built.clear()
        document = read_snapshot(Queue.objects.get(pk=house.queue.pk))
    assert built == []
    assert document["waiting"] == ["A001"]


@pytest.mark.django_db(transaction=True)
def test_queues_of_all_providers_are_built(built: list[int]) -> None:
    houses = [build_house("clinic"), build_house("salon")]
    relay_batch()
    assert sorted(built) == sorted(house.queue.pk for house in houses)


@pytest.mark.django_db(transaction=True)
def test_a_message_of_a_queue_that_is_gone_is_done(built: list[int]) -> None:
    OutboxMessage.objects.create(provider_id=1, topic="queue.changed", subject_id=10**9)
    assert relay_batch() == 1
    assert built == []


@pytest.mark.django_db(transaction=True)
def test_hearing_of_a_change_twice_does_no_harm(built: list[int]) -> None:
    house = build_house("clinic")
    messages = list(OutboxMessage.objects.all())
    handlers.keep_snapshots_warm(messages)
    handlers.keep_snapshots_warm(messages)
    assert built == [house.queue.pk]


@pytest.mark.django_db(transaction=True)
def test_what_the_relay_keeps_is_of_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    house = build_house("clinic")
    line = snapshot._line
    has_joined: list[bool] = []

    def line_after_a_join(numbered: Any) -> dict[str, Any]:
        if not has_joined:
            has_joined.append(True)
            join_elsewhere(house)
        return line(numbered)

    monkeypatch.setattr(snapshot, "_line", line_after_a_join)
    relay_batch()
    with scope(provider=house.provider):
        stale = Queue.objects.get(pk=house.queue.pk)
        stale.sequence = 2  # Read by a request just before the join.
        document = read_snapshot(stale)
    assert (document["sequence"], len(document["waiting"])) in {(2, 0), (3, 1)}
