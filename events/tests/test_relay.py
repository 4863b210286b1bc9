"""The relay: it goes on, whatever happens, and says so while all is told."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection, transaction

from events import outbox, relay
from events.models import OutboxMessage
from events.outbox import emit, handles, relay_batch
from waitlessq.streams.publisher import PublishError, StreamMessage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.session]


@pytest.fixture(autouse=True)
def _no_other_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_handlers", defaultdict(list))
    monkeypatch.setattr(outbox, "_topics_of_pages", set())


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> list[StreamMessage]:
    """The heartbeats."""
    heard: list[StreamMessage] = []
    monkeypatch.setattr(relay, "publish", heard.extend)
    monkeypatch.setattr(relay, "HEARTBEAT_SECONDS", 0.0)
    return heard


@pytest.fixture
def running(beats: list[StreamMessage]) -> Iterator[Callable[[], Thread]]:
    """Starts a relay in a thread of its own; it is stopped at the end."""
    stop, threads = Event(), []

    def run() -> None:
        try:
            relay.relay_until(stop)
        finally:
            connection.close()

    def start() -> Thread:
        threads.append(Thread(target=run))
        threads[-1].start()
        return threads[-1]

    yield start
    stop.set()
    for thread in threads:
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def regular(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What is done regularly."""
    tasks: list[Callable[[], None]] = []
    monkeypatch.setattr(relay, "_regular_tasks", tasks)
    monkeypatch.setattr(relay, "REGULAR_SECONDS", 0.0)
    return tasks


def tell(subject: int) -> None:
    with transaction.atomic():
        emit("a", provider_id=1, subject_id=subject)


def test_it_tells_what_comes_while_it_runs(running: Callable[[], Thread]) -> None:
    heard = Event()
    handles("a")(lambda _: heard.set())
    running()
    tell(1)
    assert heard.wait(timeout=10)


def test_a_database_that_went_away_is_asked_again(
    running: Callable[[], Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, failures = Event(), iter([OperationalError("gone"), OperationalError("still gone")])

    def fail_first(**_: object) -> outbox.Relayed:
        error = next(failures, None)
        if error is not None:
            raise error
        return relay_batch()

    monkeypatch.setattr(relay, "relay_batch", fail_first)
    handles("a")(lambda _: heard.set())
    tell(1)
    running()
    assert heard.wait(timeout=10)


def test_a_handler_that_fails_is_asked_again_and_meanwhile_no_heart_beats(
    running: Callable[[], Thread], beats: list[StreamMessage]
) -> None:
    heard, beats_before = Event(), []

    def fail_twice(batch: Sequence[OutboxMessage]) -> None:
        beats_before.append(len(beats))
        if len(beats_before) < 3:
            raise RuntimeError("not yet")
        heard.set()

    handles("a", tells_pages=True)(fail_twice)
    tell(1)
    running()
    assert heard.wait(timeout=10)
    assert beats_before == [0, 0, 0]


def test_what_fails_for_others_leaves_pages_their_heartbeat_and_their_messages(
    running: Callable[[], Thread], beats: list[StreamMessage], regular: list[Callable[[], None]]
) -> None:
    heard, tries = Event(), []

    def fail(_: Sequence[OutboxMessage]) -> None:
        tries.append(len(beats))
        raise RuntimeError("never")

    handles("b")(fail)
    handles("a", tells_pages=True)(lambda _: heard.set())
    with transaction.atomic():
        emit("b", provider_id=1, subject_id=1)
    running()
    while len(tries) < 3:
        time.sleep(0.01)
    regular_runs: list[int] = []
    regular.append(lambda: regular_runs.append(1))
    tell(1)
    assert heard.wait(timeout=10)
    beats_before = len(beats)
    while len(beats) < beats_before + 5 or not regular_runs:
        time.sleep(0.01)
    # Meanwhile it is not tried again and again.
    assert len(tries) < len(beats)


def test_while_all_is_told_the_heart_beats(
    running: Callable[[], Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    beaten, tries = Event(), []

    def refuse_once(messages: Sequence[StreamMessage]) -> None:
        tries.append([message.channel for message in messages])
        if len(tries) == 1:
            raise PublishError("gone")
        beaten.set()

    monkeypatch.setattr(relay, "publish", refuse_once)
    running()
    assert beaten.wait(timeout=10)
    assert tries[0] == ["heartbeat"]


def test_of_two_relays_one_works_and_the_other_takes_over_when_it_ends(
    running: Callable[[], Thread], beats: list[StreamMessage]
) -> None:
    heard = Event()
    handles("a")(lambda _: heard.set())
    with connection.cursor() as cursor:
        cursor.execute(relay.TAKE_TURN)
        running()
        tell(1)
        assert not heard.wait(timeout=0.5)
        assert beats == []
        cursor.execute(relay.TAKE_TURN.replace("try_advisory_lock", "advisory_unlock"))
    assert heard.wait(timeout=10)


def test_messages_that_come_all_the_time_do_not_stop_the_heart(
    running: Callable[[], Thread], beats: list[StreamMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    beaten = Event()
    monkeypatch.setattr(relay, "relay_batch", lambda **_: outbox.Relayed(messages=1))
    monkeypatch.setattr(relay, "publish", lambda _: beaten.set())
    running()
    assert beaten.wait(timeout=10)


@pytest.mark.parametrize("error", [OperationalError("gone"), ValueError("unforeseen")])
def test_what_is_done_regularly_is_done_again_after_it_failed(
    running: Callable[[], Thread],
    regular: list[Callable[[], None]],
    beats: list[StreamMessage],
    error: Exception,
) -> None:
    done, times = Event(), []

    def task() -> None:
        times.append(len(beats))
        if len(times) == 1:
            raise error
        done.set()

    regular.append(task)
    running()
    assert done.wait(timeout=10)
    # What failed is no reason to say that all is well.
    assert times[:2] == [0, 0]
