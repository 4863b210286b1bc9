"""Waits in the snapshot: stored estimators that relays move on, and who reads them."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django_scopes import scope

from conftest import House, build_house
from events.outbox import relay_batch
from queues import handlers
from queues.models import SavedForecast, Source, Ticket
from queues.services import tickets
from queues.snapshot import build_snapshot
from queues.waits import CALLS_TO_TELL
from waitlessq import clock
from waitlessq.streams.publisher import StreamMessage

pytestmark = pytest.mark.django_db(transaction=True)

STEP = timedelta(minutes=3)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[StreamMessage]:
    """What was published, in turn."""
    messages: list[StreamMessage] = []
    monkeypatch.setattr(handlers, "publish", messages.extend)
    return messages


@pytest.fixture
def busy(told: list[StreamMessage]) -> Iterator[House]:
    """A house where people wait, and some were called before; no relay saw it yet."""
    house = build_house("clinic")
    with scope(provider=house.provider):
        a_morning(house)
        yield house


def a_morning(house: House, calls: int = CALLS_TO_TELL, waiting: int = 3) -> None:
    """So many were called after 6 minutes each, and so many wait, the first for 6 minutes."""
    start = clock.now() - STEP * (calls + 3)
    for number in range(calls + 2):
        with clock.override(start + number * STEP):
            join(house)
            if number >= 2:
                finish_and_call(house)
    for _ in range(waiting - 2):
        join(house)


def join(house: House, **more: Any) -> Ticket:
    more = {"source": Source.STAFF} | more
    return tickets.ticket_join(actor=house.actor, queue_id=house.queue.pk, **more)


def finish_and_call(house: House) -> Ticket | None:
    return tickets.ticket_finish_and_call_next(actor=house.actor, counter_id=house.counter.pk)


def saved(house: House) -> SavedForecast:
    return SavedForecast.objects.get(queue=house.queue)


def waits_in(document: Mapping[str, Any]) -> list[Any]:
    return [*document["waits"], document["newcomer"]]


def relay_all() -> None:
    while relay_batch().messages:
        pass


def snapshots(told: list[StreamMessage]) -> list[Mapping[str, Any]]:
    return [message.data for message in told if message.event == "snapshot"]


def test_everybody_in_line_and_who_would_join_is_told_a_range(busy: House) -> None:
    document = build_snapshot(busy.queue.pk)
    assert len(document["waits"]) == len(document["waiting"]) == 3
    waits = waits_in(document)
    assert all(0 <= low <= middle <= high for low, middle, high in waits)
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
