"""Figures of the regular jobs: when each was sent, and when it was done."""

from collections.abc import Iterator

import pytest
from celery import signals
from prometheus_client import REGISTRY

from pwa.tasks import build_app
from queues.tasks import roll_up_figures
from waitlessq import celery

JOB, OTHER = roll_up_figures.name, build_app.name


@pytest.fixture(autouse=True)
def _as_the_scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("waitlessq.celery.time.time", lambda: 1000.0)
    celery.serve_figures_of_jobs()
    yield
    signals.after_task_publish.disconnect(celery.note_sent)


def figure(name: str, task: str = JOB) -> float | None:
    return REGISTRY.get_sample_value(f"waitlessq_job_{name}", {"task": task})


def test_a_job_that_was_not_sent_yet_counts_from_the_start() -> None:
    assert (figure("every_seconds"), figure("sent_timestamp_seconds")) == (3600.0, 1000.0)


def test_it_is_noted_when_a_job_is_sent_and_when_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("waitlessq.celery.time.time", lambda: 2000.0)
    signals.after_task_publish.send(sender=JOB, body=None, exchange="", routing_key="")
    assert figure("sent_timestamp_seconds") == 2000.0
    monkeypatch.setattr("waitlessq.celery.time.time", lambda: 2001.0)
    signals.task_success.send(sender=roll_up_figures, result=None)
    assert figure("done_timestamp_seconds") == 2001.0


def test_what_is_no_regular_job_is_not_noted() -> None:
    signals.after_task_publish.send(sender=OTHER, body=None, exchange="", routing_key="")
    signals.task_success.send(sender=build_app, result=None)
    assert figure("sent_timestamp_seconds", OTHER) is None
    assert figure("done_timestamp_seconds", OTHER) is None
