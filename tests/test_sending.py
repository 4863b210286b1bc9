"""Sending tasks: nobody waits for a broker, and what can not be sent holds nothing up."""

from threading import Event
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from waitlessq import sending
from waitlessq.sending import Sender


class Broken:
    """A task whose broker is what the test says."""

    name = "task"

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.all_sent, self.broker_answers = Event(), Event()

    def apply_async(self, arguments: tuple[int], retry: bool) -> None:
        self.broker_answers.wait(timeout=10)
        if arguments == (2,):
            raise OperationalError
        if arguments == (3,):
            raise ValueError
        self.sent.append(arguments[0])
        if arguments == (4,):
            self.all_sent.set()


def test_who_sends_does_not_wait_and_what_fails_is_passed_over() -> None:
    task: Any = Broken()
    sender = Sender()
    for number in (1, 2, 3, 4):
        sender.send(task, (number,))
    assert task.sent == []
    task.broker_answers.set()
    assert task.all_sent.wait(timeout=10)
    assert task.sent == [1, 4]


def test_while_the_broker_is_silent_there_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST_UNSENT", 3)
    task: Any = Broken()
    sender = Sender()
    for number in [1] * 50:
        sender.send(task, (number,))
    sender_queue = sender._unsent
    assert sender_queue.qsize() <= 3
    task.broker_answers.set()
