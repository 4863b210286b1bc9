"""Messages of the outbox: told after the commit, in order, once by one relay."""

from collections import defaultdict
from collections.abc import Sequence
from queue import SimpleQueue
from threading import Event

import pytest
from django.db import connection, transaction

from events import outbox
from events.models import IdempotencyRecord, OutboxMessage
from events.outbox import emit, handles, relay_batch
from tests.races.at_once import at_once


@pytest.fixture(autouse=True)
def _no_other_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_handlers", defaultdict(list))


def tell(topic: str = "a", subject: int = 1) -> None:
    with transaction.atomic():
        emit(topic, provider_id=1, subject_id=subject)


def heard(topic: str) -> list[list[int]]:
    """The batches that a handler of ``topic`` will have been given, as lists of subjects."""
    batches: list[list[int]] = []
    handles(topic)(lambda batch: batches.append([message.subject_id for message in batch]))
    return batches


def refuse(batch: Sequence[OutboxMessage]) -> None:
    raise RuntimeError("not today")


@pytest.mark.django_db
def test_a_message_goes_with_the_transaction_that_told_it() -> None:
    tell()
    with transaction.atomic():
        emit("a", provider_id=1, subject_id=2)
        transaction.set_rollback(True)
    assert [m.subject_id for m in OutboxMessage.objects.all()] == [1]


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_nothing_can_be_told() -> None:
    with pytest.raises(transaction.TransactionManagementError, match="outside a transaction"):
        emit("a", provider_id=1, subject_id=1)
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_a_message_carries_what_it_was_given() -> None:
    with transaction.atomic():
        emit("a", provider_id=3, subject_id=4, payload={"sequence": 5, "name": "ë"})
    message = OutboxMessage.objects.get()
    assert (message.provider_id, message.subject_id) == (3, 4)
    assert message.payload == {"sequence": 5, "name": "ë"}


@pytest.mark.django_db
def test_each_topic_gets_its_messages_in_one_batch_oldest_first() -> None:
    a, b = heard("a"), heard("b")
    for topic, subject in [("a", 3), ("b", 9), ("a", 1), ("a", 2)]:
        tell(topic, subject)
    assert relay_batch().messages == 4
    assert (a, b) == ([[3, 1, 2]], [[9]])
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_a_batch_has_a_limit_and_takes_the_oldest() -> None:
    a = heard("a")
    for subject in (1, 2, 3):
        tell("a", subject)
    assert [relay_batch(limit=2).messages for _ in range(3)] == [2, 1, 0]
    assert a == [[1, 2], [3]]


@pytest.mark.django_db
def test_a_failing_topic_keeps_its_messages_and_the_others_go_on() -> None:
    handles("bad")(refuse)
    good = heard("good")
    tell("bad", 1)
    tell("good", 2)
    assert relay_batch().messages == 1
    assert good == [[2]]
    assert [m.topic for m in OutboxMessage.objects.all()] == ["bad"]


@pytest.mark.django_db
def test_a_failing_topic_is_told_again_once_its_handler_works() -> None:
    handles("bad")(refuse)
    tell("bad", 1)
    relay_batch()
    outbox._handlers["bad"].clear()
    bad = heard("bad")
    assert relay_batch().messages == 1
    assert bad == [[1]]


@pytest.mark.django_db
def test_a_failing_topic_with_more_messages_than_a_batch_does_not_stop_the_others() -> None:
    handles("bad")(refuse)
    good = heard("good")
    for subject in (1, 2):
        tell("bad", subject)
    tell("good", 3)
    for _ in range(3):
        relay_batch(limit=2)
    assert good == [[3]]


@pytest.mark.django_db
def test_what_a_failed_handler_wrote_is_undone_with_what_the_one_before_it_wrote() -> None:
    def write(batch: Sequence[OutboxMessage]) -> None:
        IdempotencyRecord.objects.create(
            scope="s", key=batch[0].topic, fingerprint="", status=200, body=""
        )

    handles("good")(write)
    handles("bad")(write)
    handles("bad")(refuse)
    tell("bad")
    tell("good")
    relay_batch()
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["good"]


@pytest.mark.django_db
def test_a_handler_that_broke_its_transaction_breaks_no_other() -> None:
    def divide(batch: Sequence[OutboxMessage]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    handles("bad")(divide)
    good = heard("good")
    tell("bad")
    tell("good")
    assert relay_batch().messages == 1
    assert good == [[1]]


@pytest.mark.django_db(transaction=True)
def test_a_relay_passes_by_what_another_holds() -> None:
    first_has_it, second_is_done = Event(), Event()

    def wait(batch: Sequence[OutboxMessage]) -> None:
        first_has_it.set()
        assert second_is_done.wait(timeout=10)

    def second() -> int:
        assert first_has_it.wait(timeout=10)
        try:
            return relay_batch().messages
        finally:
            second_is_done.set()

    handles("a")(wait)
    tell("a")
    assert at_once([lambda: relay_batch().messages, second]) == [1, 0]


@pytest.mark.django_db(transaction=True)
def test_relays_that_run_at_once_never_hand_over_the_same_message() -> None:
    told: SimpleQueue[int] = SimpleQueue()

    def remember(batch: Sequence[OutboxMessage]) -> None:
        for message in batch:
            told.put(message.pk)

    def relay_all() -> int:
        done = 0
        while batch := relay_batch(limit=7).messages:
            done += batch
        return done

    handles("a")(remember)
    with transaction.atomic():
        for subject in range(200):
            emit("a", provider_id=1, subject_id=subject)
    assert sum(at_once([relay_all] * 4)) == 200
    assert len({told.get() for _ in range(200)}) == 200
    assert told.empty()
