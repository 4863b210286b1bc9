"""Sends tasks to workers without waiting for the broker.

For tasks that are only made quick by their message: what they do is in the database, and is found
there when the message is lost.
"""

import logging
from queue import Full, Queue
from threading import Lock, Thread
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

MOST_UNSENT = 1000


class Sender:
    """A thread that sends, one task after the other; it lives as long as the process."""

    def __init__(self) -> None:
        self._unsent: Queue[tuple[Task[Any, Any], tuple[Any, ...]]] = Queue(MOST_UNSENT)
        self._starting = Lock()
        self._thread: Thread | None = None

    def send(self, task: "Task[Any, Any]", arguments: tuple[Any, ...]) -> None:
        """Leaves it to the thread; while the broker is silent, what is too much is forgotten."""
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="sender", daemon=True)
                self._thread.start()
        try:
            self._unsent.put_nowait((task, arguments))
        except Full:
            logger.warning("The broker is too slow; %s%s is found later.", task.name, arguments)

    def _run(self) -> None:
        while True:
            task, arguments = self._unsent.get()
            try:
                task.apply_async(arguments, retry=False)
            except OperationalError:
                logger.warning("The broker does not answer; %s%s is found later.", task, arguments)
            except Exception:
                logger.exception("%s%s could not be sent.", task, arguments)


_sender = Sender()


def send_soon(task: "Task[Any, Any]", *arguments: Any) -> None:
    """Sends a task soon, or never. Call it once the transaction is committed."""
    _sender.send(task, arguments)
