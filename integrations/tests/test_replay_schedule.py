"""Handing out actions: what waits, what is skipped, how far ahead, and how fast."""

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from threading import Thread
from time import monotonic

import pytest

from integrations.replay import schedule
from integrations.replay.schedule import Pace, Schedule


def make(waits: list[list[int]], skipped: AbstractSet[int] = frozenset()) -> Schedule:
    return Schedule(waits, skipped.__contains__, lambda _: 0.0)


def test_an_action_waits_for_those_before_it() -> None:
    todo = make([[], [0], [], [0, 2]])
    assert [todo.take(), todo.take()] == [0, 2]
    todo.done(2)
    todo.done(0)
    assert [todo.take(), todo.take()] == [1, 3]
    todo.done(1)
    todo.done(3)
    assert todo.take() is None
    assert todo.wait(0)


def test_what_was_done_before_is_skipped() -> None:
    todo = make([[], [0], [1]], skipped={0, 1})
    assert todo.left == 1
    assert todo.take() == 2


def test_nothing_is_left_when_all_was_done_before() -> None:
    todo = make([[], [0]], skipped={0, 1})
    assert todo.take() is None
    assert todo.wait(0)


def test_nothing_is_handed_out_once_it_stopped() -> None:
    todo = make([[], []])
    todo.take()
    todo.stop()
    assert todo.take() is None


def test_nobody_runs_far_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "WINDOW", 2)
    todo = make([[], [], []])
    assert [todo.take(), todo.take()] == [0, 1]
    waiting = Thread(target=todo.take)
    waiting.start()
    todo.done(1)
    waiting.join(0.05)
    assert waiting.is_alive()
    todo.stop()
    waiting.join()


def test_many_threads_do_everything_once() -> None:
    todo = make([[i - 3] if i > 2 else [] for i in range(3000)])
    done: list[int] = []

    def work() -> None:
        while (index := todo.take()) is not None:
            done.append(index)
            todo.done(index)

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert todo.wait(20)
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(3000))


def test_speed_is_a_factor_of_real_time() -> None:
    first = datetime(1999, 1, 4, tzinfo=UTC)
    pace = Pace(60, first, 1000.0)
    assert pace.due(first + timedelta(hours=1)) == 1060.0
    assert Pace(0, first, 1000.0).due(first + timedelta(hours=1)) == 1000.0


def test_an_action_is_not_sent_before_it_is_due() -> None:
    due = monotonic() + 0.05
    todo = Schedule([[]], {1}.__contains__, lambda _: due)
    assert todo.take() == 0
    assert monotonic() >= due
