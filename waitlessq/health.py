"""Whether this process lives, whether it can serve, and how all that it depends on is.

Each app registers what only it can look at with ``health_check`` in its ``health.py``. What a check
returns is shown to everybody: figures, no names, addresses or secrets.
"""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_redis import get_redis_connection
from redis import Redis

from waitlessq.db.replicas import all_replicas, usable
from waitlessq.metrics import pool_figures

Check = Callable[[], Mapping[str, Any]]

KEPT_SECONDS = 2.0
BROKER_TIMEOUT_SECONDS = 1.0
CELERY_QUEUE = "celery"

_checks: dict[str, Check] = {}


class NotWellError(Exception):
    """What is looked at does less than it should; the message says what."""


def health_check(name: str) -> Callable[[Check], Check]:
    """Registers a check: it returns figures, or raises what is wrong."""

    def register(check: Check) -> Check:
        _checks[name] = check
        return check

    return register


@require_safe
@never_cache
def livez(request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all; asks nothing of what it depends on."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 once this process can answer requests.

    Not a word of the database: without it cached snapshots are still served, and all other
    requests are told when to come back, which an edge without any backend could not do.
    """
    # From now on it knows of the replicas.
    usable()
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Every part with its state and figures; 503 when the primary is gone, without which little is.

    Looked at once in two seconds, however many ask.
    """
    report = _report.newest()
    is_down = report["status"] == "down"
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_down else HTTPStatus.OK
    return JsonResponse(report, status=status, json_dumps_params={"indent": 1})


class _Report:
    """The last report, for a moment."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made_at = float("-inf")
        self._made: dict[str, Any] = {}

    def newest(self) -> dict[str, Any]:
        """The report, made anew when it is old."""
        with self._lock:
            if time.monotonic() - self._made_at > KEPT_SECONDS:
                self._made = make_report()
                self._made_at = time.monotonic()
            return self._made


_report = _Report()


def make_report() -> dict[str, Any]:
    """Runs every check: what it said, and how many milliseconds it took."""
    parts = {name: _run(check) for name, check in _checks.items()}
    failed = {name for name, part in parts.items() if part["status"] != "ok"}
    status = "down" if "primary" in failed else "degraded" if failed else "ok"
    return {"status": status, "parts": parts}


def _run(check: Check) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        said: Mapping[str, Any] = {"status": "ok", **check()}
    except NotWellError as error:
        said = {"status": "failing", "problem": str(error)}
    except Exception as error:  # noqa: BLE001 (a check that fails is what it is for)
        # Not its text, which may name servers and accounts.
        said = {"status": "failing", "problem": type(error).__name__}
    return {**said, "ms": round((time.perf_counter() - began) * 1000, 1)}


@health_check("primary")
def check_primary() -> Mapping[str, Any]:
    """It answers, and is no replica."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        if cursor.fetchone()[0]:
            raise NotWellError("It only reads: another server is the primary.")
    return {}


@health_check("replicas")
def check_replicas() -> Mapping[str, Any]:
    """Each with what this process knows of it."""
    known = {
        one.alias: {"is_read": one.is_in, "lag_seconds": one.lag_seconds} for one in all_replicas()
    }
    left_out = [alias for alias, one in known.items() if not one["is_read"]]
    if left_out:
        raise NotWellError(f"Left out: {', '.join(left_out)}.")
    return known


@health_check("cache")
def check_cache() -> Mapping[str, Any]:
    """Redis takes something and gives it back."""
    redis = get_redis_connection("default")
    key = cache.make_key("health")
    redis.set(key, 1, ex=60)
    if redis.get(key) is None:
        raise NotWellError("It forgets at once.")
    said = redis.info("stats") | redis.info("memory")
    names = ("keyspace_hits", "keyspace_misses", "evicted_keys", "used_memory")
    return {name: said.get(name) for name in names}


@health_check("pools")
def check_pools() -> Mapping[str, Any]:
    """The connections of the process that answers."""
    figures = pool_figures()
    if any(one["waiting"] for one in figures.values()):
        raise NotWellError("Requests wait for a connection.")
    return figures


@health_check("broker")
def check_broker() -> Mapping[str, Any]:
    """It answers; how many tasks wait there."""
    timeout = BROKER_TIMEOUT_SECONDS
    with Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=timeout, socket_connect_timeout=timeout
    ) as broker:
        return {"waiting_tasks": broker.llen(CELERY_QUEUE)}
