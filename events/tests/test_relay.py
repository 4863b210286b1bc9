"""The relay: it goes on, whatever happens, and says so while all is told."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from threading import Event, Lock, Thread, get_ident

import pytest
from django.db import OperationalError, connection, transaction

from events import outbox, parts, relay
from events.models import OutboxMessage
from events.outbox import emit, handles, relay_batch
from events.parts import PARTS, TAKE, Share
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


class Running(Thread):
    """A relay in a thread of its own, which ends with its connection."""

    def __init__(self) -> None:
        super().__init__()
        self._stop_it = Event()
        self.start()

    def run(self) -> None:
        try:
            relay.relay_until(self._stop_it)
        finally:
            connection.close()

    def end(self) -> None:
        self._stop_it.set()
        self.join(timeout=10)
        assert not self.is_alive()


@pytest.fixture
def running(beats: list[StreamMessage]) -> Iterator[Callable[[], Running]]:
    """Starts a relay; it is stopped at the end."""
    relays: list[Running] = []

    def start() -> Running:
        relays.append(Running())
        return relays[-1]

    yield start
    for one in relays:
        one.end()


@pytest.fixture(autouse=True)
def regular(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What is done regularly."""
    tasks: list[Callable[[], None]] = []
    monkeypatch.setattr(relay, "_regular_tasks", tasks)
    monkeypatch.setattr(relay, "_divided_tasks", [])
    monkeypatch.setattr(relay, "REGULAR_SECONDS", 0.0)
    return tasks


def tell(subject: int) -> None:
    with transaction.atomic():
        emit("a", provider_id=1, subject_id=subject)


def test_it_tells_what_comes_while_it_runs(running: Callable[[], Running]) -> None:
    heard = Event()
    handles("a")(lambda _: heard.set())
    running()
    tell(1)
    assert heard.wait(timeout=10)


def test_a_database_that_went_away_is_asked_again(
    running: Callable[[], Running], monkeypatch: pytest.MonkeyPatch
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
    running: Callable[[], Running], beats: list[StreamMessage]
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
    running: Callable[[], Running], beats: list[StreamMessage], regular: list[Callable[[], None]]
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
    running: Callable[[], Running], monkeypatch: pytest.MonkeyPatch
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


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Relays that look often, and take a few messages at a time."""
    monkeypatch.setattr(relay, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(parts, "DIVIDE_SECONDS", 0.0)
    monkeypatch.setattr(relay, "relay_batch", partial(relay_batch, limit=3))


class Heard:
    """A handler that takes its time, and notes who told what, and what two told at once."""

    def __init__(self) -> None:
        self.by_subject: dict[int, set[int]] = defaultdict(set)
        self.at_once: set[int] = set()
        self._telling: dict[int, int] = defaultdict(int)
        self._lock = Lock()

    def __call__(self, messages: Sequence[OutboxMessage]) -> None:
        subjects = {message.subject_id for message in messages}
        with self._lock:
            for one in subjects:
                self._telling[one] += 1
                self.by_subject[one].add(get_ident())
                if self._telling[one] > 1:
                    self.at_once.add(one)
        time.sleep(0.01)
        with self._lock:
            for one in subjects:
                self._telling[one] -= 1

    @property
    def tellers(self) -> set[int]:
        return set().union(*self.by_subject.values())


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_all_told() -> bool:
    return not OutboxMessage.objects.exists()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("is_divided", [True, False])
def test_relays_divide_what_there_is_and_nothing_is_told_by_two_at_once(
    running: Callable[[], Running], monkeypatch: pytest.MonkeyPatch, is_divided: bool
) -> None:
    """Where each may tell everything, as a control, two do."""
    if not is_divided:
        monkeypatch.setattr(Share, "divide", lambda *_, **__: None)
        monkeypatch.setattr(Share, "parts", frozenset(range(PARTS)), raising=False)
        monkeypatch.setattr(Share, "__init__", lambda _: None)
    heard = Heard()
    handles("a")(heard)
    threads = {one.ident for one in (running(), running(), running())}

    def have_all_told() -> bool:
        for subject in [*range(6)] * 6:
            tell(subject)
        until(is_all_told)
        return heard.tellers == threads and (is_divided or bool(heard.at_once))

    # However late a relay joins, in the end each has something to tell.
    until(have_all_told)
    assert (not heard.at_once) == is_divided


@pytest.mark.usefixtures("quick")
def test_what_one_had_to_tell_another_tells_once_it_is_gone(
    running: Callable[[], Running],
) -> None:
    heard = Heard()
    handles("a")(heard)
    first, second = running(), running()

    def have_both_told() -> bool:
        for subject in range(PARTS):
            tell(subject)
        until(is_all_told)
        return heard.tellers == {first.ident, second.ident}

    until(have_both_told)
    first.end()
    heard.by_subject.clear()
    for subject in range(PARTS):
        tell(subject)
    until(is_all_told)
    assert heard.tellers == {second.ident}


def test_while_another_leaves_something_untold_no_heart_beats(
    running: Callable[[], Running],
    beats: list[StreamMessage],
    regular: list[Callable[[], None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relay, "WAITS_SECONDS", 0.0)
    monkeypatch.setattr(parts, "DIVIDE_SECONDS", 0.0)
    heard, passes = Event(), []
    regular.append(lambda: passes.append(len(beats)))
    handles("a", tells_pages=True)(lambda _: heard.set())
    with connection.cursor() as cursor:
        # As a relay that is frozen has it.
        cursor.execute(TAKE, [3])
        running()
        until(lambda: beats)
        tell(3)
        begun = len(passes)
        until(lambda: len(passes) > begun + 4)
        assert len(set(passes[begun + 2 :])) == 1
        assert not heard.is_set()
        cursor.execute(parts.GIVE_UP, [3])
    beaten = len(beats)
    assert heard.wait(timeout=10)
    until(lambda: len(beats) > beaten)


def test_regular_tasks_are_done_by_one_and_divided_ones_by_each(
    running: Callable[[], Running],
    regular: list[Callable[[], None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "DIVIDE_SECONDS", 0.0)
    alone: list[int] = []
    divided: dict[int, frozenset[int]] = {}

    def note_parts(mine: Collection[int]) -> None:
        divided[get_ident()] = frozenset(mine)

    regular.append(lambda: alone.append(get_ident()))
    monkeypatch.setattr(relay, "_divided_tasks", [note_parts])
    for _ in range(2):
        running()
    halves = [frozenset(range(first, PARTS, 2)) for first in (0, 1)]
    until(lambda: sorted(divided.values(), key=min) == halves)
    alone.clear()
    until(lambda: len(alone) > 3)
    assert {divided[one] for one in alone} == {halves[0]}


def test_while_a_shard_of_streams_is_behind_nothing_changes_hands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it takes late must not come after what the next relay tells."""
    monkeypatch.setattr(parts, "DIVIDE_SECONDS", 0.0)
    share = Share()
    share.divide(may_give_up=True)
    assert share.parts == frozenset(range(PARTS))
    monkeypatch.setattr(parts, "PLACE", "SELECT 1, 2")
    share.divide(may_give_up=False)
    assert share.parts == frozenset(range(PARTS))
    share.divide(may_give_up=True)
    assert share.parts == frozenset(range(1, PARTS, 2))
    connection.close()


def test_messages_that_come_all_the_time_do_not_stop_the_heart(
    running: Callable[[], Running], beats: list[StreamMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    beaten = Event()
    monkeypatch.setattr(relay, "relay_batch", lambda **_: outbox.Relayed(messages=1))
    monkeypatch.setattr(relay, "publish", lambda _: beaten.set())
    running()
    assert beaten.wait(timeout=10)


@pytest.mark.parametrize("error", [OperationalError("gone"), ValueError("unforeseen")])
def test_what_is_done_regularly_is_done_again_after_it_failed(
    running: Callable[[], Running],
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
