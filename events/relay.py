"""The process that tells what happened: it looks into the outbox many times a second.

It polls, and nobody wakes it: a wake-up for each change would cost every request a message to
Redis, and save a page 25 ms on average. Several divide what there is to tell (``events.parts``).
While all is told, by whomever, one of them says so on the heartbeat channel, so that pages know
that silence means that nothing happened.
"""

import logging
import time
from collections.abc import Callable, Collection
from threading import Event
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, connection

from events.health import outbox_state
from events.outbox import RELAY_BATCH, are_for_pages, are_pages_waiting, relay_batch
from events.parts import Share
from waitlessq.db import replicas
from waitlessq.metrics import OUTBOX_AGE, OUTBOX_MESSAGES
from waitlessq.streams.channels import HEARTBEAT
from waitlessq.streams.publisher import PublishError, StreamMessage, is_behind, publish

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.05
HEARTBEAT_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 1.0
REGULAR_SECONDS = 0.25
# What waits for longer is not told in time, whoever should.
WAITS_SECONDS = 2.0

Task = Callable[[], None]
DividedTask = Callable[[Collection[int]], None]
D = TypeVar("D", bound=DividedTask)

_regular_tasks: list[Task] = []
_divided_tasks: list[DividedTask] = []


def regularly(task: Task) -> Task:
    """Registers what one of the relays does four times a second, beside what it is asked for.

    It holds up the telling while it runs, so it must do a little at a time. Whatever it raises is
    logged, and it is run again.
    """
    _regular_tasks.append(task)
    return task


def each_regularly(task: D) -> D:
    """The same for what each relay does, of the parts that it is given."""
    _divided_tasks.append(task)
    return task


class _Failing:
    """Topics whose handlers failed: each is left alone for a while, longer each time."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[float, float]] = {}

    def resting(self) -> set[str]:
        """Those that are not to be tried now."""
        now = time.monotonic()
        return {topic for topic, (until, _) in self._until.items() if now < until}

    def note(self, failed: Collection[str]) -> None:
        """What came of a pass; what was tried and did not fail works again."""
        tried_anew = self._until.keys() - self.resting() - set(failed)
        for topic in tried_anew:
            del self._until[topic]
        for topic in failed:
            _, pause = self._until.get(topic, (0.0, POLL_SECONDS))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._until[topic] = (time.monotonic() + pause, pause)

    @property
    def keeps_pages_waiting(self) -> bool:
        """Whether pages are not told all that there is to tell them."""
        return are_for_pages(self._until)


class _Relay:
    """One process of those that tell."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._share = Share()
        self._failing = _Failing()
        self._beaten_at = float("-inf")
        self._regular_at = float("-inf")
        self._committed_at = float("-inf")
        self._noted_at = float("-inf")

    def run(self) -> None:
        """Tries again and again until it is stopped; less often while something fails."""
        pause = POLL_SECONDS
        while not self._stop.wait(pause):
            is_well = self._tell()
            pause = POLL_SECONDS if is_well else min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _tell(self) -> bool:
        """Tells what there is; whether nothing is left to be told."""
        try:
            self._beat_for_replicas()
            # What a shard of streams has yet to take must not reach it after what another tells.
            self._share.divide(may_give_up=not is_behind())
            if not self._share.parts:
                return False
            self._empty_outbox()
            self._run_regular_tasks()
            self._note_outbox()
            return self._failing.keeps_pages_waiting or self._beat()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The outbox can not be read: %s", error)
            connection.close()
            # All locks went with it.
            self._share = Share()
            return False
        except Exception:
            logger.exception("A regular task failed; it is run again.")
            return False

    def _empty_outbox(self) -> None:
        while not self._stop.is_set():
            resting = self._failing.resting()
            relayed = relay_batch(without=resting, parts=self._share.parts)
            self._failing.note(relayed.failed)
            if relayed.messages < RELAY_BATCH:
                break

    def _run_regular_tasks(self) -> None:
        if time.monotonic() - self._regular_at >= REGULAR_SECONDS:
            for divided in _divided_tasks:
                divided(self._share.parts)
            for task in _regular_tasks if self._share.has_first else ():
                task()
            self._regular_at = time.monotonic()

    def _note_outbox(self) -> None:
        is_due = time.monotonic() - self._noted_at >= HEARTBEAT_SECONDS
        if is_due and self._share.has_first:
            count, seconds = outbox_state()
            OUTBOX_MESSAGES.set(count)
            OUTBOX_AGE.set(seconds)
            self._noted_at = time.monotonic()

    def _beat_for_replicas(self) -> None:
        """Whatever its share: a replica without news must not look left behind."""
        if time.monotonic() - self._committed_at >= replicas.BEAT_SECONDS:
            replicas.beat()
            self._committed_at = time.monotonic()

    def _beat(self) -> bool:
        """Says that all is told, if it is; False if nobody took it.

        One speaks for all, so it looks at what is left for others to tell, too. What fails for
        others than pages is no reason to leave those without a sign.
        """
        is_due = time.monotonic() - self._beaten_at >= HEARTBEAT_SECONDS
        if not (is_due and self._share.has_first) or are_pages_waiting(WAITS_SECONDS):
            return True
        try:
            publish([StreamMessage(HEARTBEAT, HEARTBEAT, {})])
        except PublishError as error:
            logger.warning("No heartbeat: %s", error)
            return False
        self._beaten_at = time.monotonic()
        return True


def relay_until(stop: Event) -> None:
    """Hands over messages until ``stop`` is set. Several relays divide them.

    Nothing ends it: while the database is gone, or handlers or regular tasks fail, it tries again,
    at least every second.
    """
    _Relay(stop).run()
