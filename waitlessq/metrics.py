"""Figures for Prometheus; what each counts, and with which few labels.

Requests, errors and latency by route are django-prometheus's. Several processes write into one
folder (``PROMETHEUS_MULTIPROC_DIR``); one of them answers for all on a private port (``serve``).
"""

import logging
import os
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.db import connections
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    start_http_server,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

logger = logging.getLogger(__name__)

if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    # Each metric opens a file there as soon as it is named.
    Path(folder).mkdir(exist_ok=True)

MINUTE = 60.0

TICKET_EVENTS = Counter(
    "waitlessq_ticket_events", "Changes of tickets: joins are issued, calls are called.", ["type"]
)
WAITED = Histogram(
    "waitlessq_waited_seconds",
    "From joining to the first call.",
    buckets=[MINUTE * minutes for minutes in (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180)],
)
WAITS_INSIDE = Gauge(
    "waitlessq_waits_inside_ratio",
    "Waits of 14 days that were as long as people were told; 0.8 is meant.",
    multiprocess_mode="mostrecent",
)
QUEUES_MISJUDGED = Gauge(
    "waitlessq_queues_misjudged",
    "Queues whose ranges hold too seldom, or too often.",
    multiprocess_mode="mostrecent",
)
STREAMS = Gauge("waitlessq_streams", "Open event streams.", multiprocess_mode="livesum")
OUTBOX_MESSAGES = Gauge(
    "waitlessq_outbox_messages", "Messages not told yet.", multiprocess_mode="livemostrecent"
)
OUTBOX_AGE = Gauge(
    "waitlessq_outbox_age_seconds", "Of the oldest of them.", multiprocess_mode="livemostrecent"
)
CACHE = Counter("waitlessq_cache_reads", "Reads of the cache.", ["kind", "outcome"])
REPLICA_LAG = Gauge(
    "waitlessq_replica_lag_seconds", "How far it is behind.", ["replica"], multiprocess_mode="max"
)
REPLICA_IN = Gauge(
    "waitlessq_replica_is_read",
    "1 where it is read from.",
    ["replica"],
    multiprocess_mode="livemin",
)
POOL = Gauge(
    "waitlessq_pool_connections",
    "Connections of the pools of all processes.",
    ["database", "state"],
    multiprocess_mode="livesum",
)
NOTIFICATIONS = Counter(
    "waitlessq_notifications", "Push messages by what became of them.", ["kind", "outcome"]
)
JOB_EVERY = Gauge(
    "waitlessq_job_every_seconds",
    "How often the scheduler is to send a regular job.",
    ["task"],
    multiprocess_mode="max",
)
JOB_SENT = Gauge(
    "waitlessq_job_sent_timestamp_seconds",
    "When the scheduler sent it last, or began.",
    ["task"],
    multiprocess_mode="max",
)
JOB_DONE = Gauge(
    "waitlessq_job_done_timestamp_seconds",
    "When a worker was last done with it, and it had not failed.",
    ["task"],
    multiprocess_mode="max",
)
LIMITED = Counter("waitlessq_limited_requests", "Refused as too many.", ["limit"])


def serve() -> None:
    """Answers on METRICS_PORT, if there is one, for all processes that write into the folder."""
    if not settings.METRICS_PORT:
        return
    try:
        start_http_server(settings.METRICS_PORT, settings.METRICS_ADDRESS, registry())
    except OSError as error:
        # Another program of the same machine is quicker; with one folder it answers for both.
        logger.warning("No figures from here: %s", error)


def registry() -> CollectorRegistry:
    """What all processes have counted; of this one alone, if they have no folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    all_processes = CollectorRegistry()
    MultiProcessCollector(all_processes)  # type: ignore[no-untyped-call]
    return all_processes


def forget_process(pid: int) -> None:
    """What is counted only of living processes is not counted of this one any more."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]


_noting_pools = Lock()
_noted: dict[tuple[str, str], int] = {}


def pool_figures() -> dict[str, dict[str, int]]:
    """Of each pool of this process: its connections, those in use, and who waits for one."""
    figures = {}
    for connection in connections.all(initialized_only=True):
        pool = getattr(connection, "pool", None)
        if pool is not None:
            said = pool.get_stats()
            size, idle = said.get("pool_size", 0), said.get("pool_available", 0)
            waiting = said.get("requests_waiting", 0)
            figures[connection.alias] = {
                "open": size,
                "in_use": size - idle,
                "most": said.get("pool_max", 0),
                "waiting": waiting,
            }
    return figures


def _note_pools(**_: Any) -> None:
    # Once is enough of those that end at the same moment, and of what is as it was.
    if _noting_pools.acquire(blocking=False):
        try:
            for alias, figures in pool_figures().items():
                for state, number in figures.items():
                    if _noted.get((alias, state)) != number:
                        POOL.labels(alias, state).set(number)
                        _noted[alias, state] = number
        finally:
            _noting_pools.release()


request_finished.connect(_note_pools)
