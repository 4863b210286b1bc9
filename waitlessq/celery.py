"""The Celery application; tasks are found in each app's tasks.py.

A task reads from replicas as requests do: whoever sends it says in a header what it must see.
Without that header, as on a schedule, everything is read from the primary.
"""

import logging
import os
import time
from contextlib import ExitStack
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.db import Error, connection
from psycopg_pool import PoolTimeout

from waitlessq import metrics
from waitlessq.db.reading import reading
from waitlessq.db.replicas import all_replicas, current_position
from waitlessq.logs import make_safe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waitlessq.settings")

app = Celery("waitlessq")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

POSITION_HEADER = "wal_position"

_until_done: ContextVar[ExitStack | None] = ContextVar("task_reading", default=None)


@signals.after_setup_logger.connect
@signals.after_setup_task_logger.connect
def leave_secrets_out(logger: logging.Logger, **_: Any) -> None:
    """Workers set up logs of their own."""
    make_safe(logger)


@signals.worker_init.connect
def serve_figures(**_: Any) -> None:
    """Answers Prometheus for the worker's processes."""
    metrics.serve()


@signals.beat_init.connect
def serve_figures_of_jobs(**_: Any) -> None:
    """Answers Prometheus for the scheduler; what it has yet to send counts from its start."""
    metrics.serve()
    for task, seconds in regular_tasks().items():
        metrics.JOB_EVERY.labels(task).set(seconds)
        metrics.JOB_SENT.labels(task).set(time.time())
    signals.after_task_publish.connect(note_sent)


def note_sent(sender: str, **_: Any) -> None:
    """Notes when the scheduler sent a regular job."""
    if sender in regular_tasks():
        metrics.JOB_SENT.labels(sender).set(time.time())


@signals.task_success.connect
def note_done(sender: Any, **_: Any) -> None:
    """Notes when a worker was done with a regular job."""
    if sender.name in regular_tasks():
        metrics.JOB_DONE.labels(sender.name).set(time.time())


def regular_tasks() -> dict[str, float]:
    """Every how many seconds each of them is sent."""
    return {
        job["task"]: every.total_seconds() if isinstance(every, timedelta) else every
        for job in settings.CELERY_BEAT_SCHEDULE.values()
        for every in [job["schedule"]]
    }


@signals.worker_process_shutdown.connect
def forget_figures(pid: int, **_: Any) -> None:
    """Counts of living processes are not this one's any more."""
    metrics.forget_process(pid)


@signals.before_task_publish.connect
def say_what_must_be_seen(headers: dict[str, Any], **_: Any) -> None:
    """Adds the primary's position, where the sender is connected to it; the scheduler is not."""
    if connection.connection is not None and all_replicas():
        try:
            headers[POSITION_HEADER] = current_position()
        except (Error, PoolTimeout):
            return


@signals.task_prerun.connect
def read_as_the_sender(task: Any, **_: Any) -> None:
    """Lets the task read from replicas that have seen what its sender had."""
    position = task.request.get(POSITION_HEADER)
    if position is not None:
        stack = ExitStack()
        stack.enter_context(reading(lambda: position))
        _until_done.set(stack)


@signals.task_postrun.connect
def read_no_more(**_: Any) -> None:
    """Ends what ``read_as_the_sender`` began."""
    stack = _until_done.get()
    if stack is not None:
        stack.close()
        _until_done.set(None)
