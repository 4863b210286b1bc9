"""What the estimator costs: time for updates and answers, size of the state."""

import json
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from statistics import median
from typing import Any

import psutil

from bench.forecast.log_events import LogEvent
from queues.forecast import Calendar, Joined, QueueForecast

LINES = (10, 50, 200, 1000)
REPEATS = 51
QUEUES = 10_000
WAITING_EACH = 10


def cost(events: Sequence[LogEvent], calendar: Calendar, learned: QueueForecast) -> dict[str, Any]:
    """Measures with the log's events, and with copies of what was learned from it."""
    return {
        "updates_per_second": round(_updates_per_second(events, calendar)),
        "forward_pass_ms": {
            str(length): round(_forward_pass_ms(learned, calendar, length), 3) for length in LINES
        },
        "restore_and_pass_ms": {
            str(length): round(_restored_ms(learned, calendar, length), 3) for length in LINES
        },
        "state_bytes_as_json": len(json.dumps(learned.to_dict())),
        "kib_in_memory_per_queue": round(_kib_per_queue(learned, calendar), 1),
        "queues_in_memory": QUEUES,
    }


def _updates_per_second(events: Sequence[LogEvent], calendar: Calendar) -> float:
    queues = {played.row.queue: QueueForecast(calendar) for played in events}
    started = time.perf_counter()
    for played in events:
        queues[played.row.queue].update(played.event)
    return len(events) / (time.perf_counter() - started)


def _forward_pass_ms(learned: QueueForecast, calendar: Calendar, length: int) -> float:
    forecast, now = _with_line(learned, calendar, length)
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        forecast.estimates(now, opens_in=0.0)
        times.append(time.perf_counter() - started)
    return median(times) * 1000


def _restored_ms(learned: QueueForecast, calendar: Calendar, length: int) -> float:
    """What a snapshot costs whoever has only the stored state."""
    forecast, now = _with_line(learned, calendar, length)
    saved = json.dumps(forecast.to_dict())
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        restored = QueueForecast.from_dict(json.loads(saved), calendar)
        restored.line_and_newcomer(now, opens_in=0.0)
        times.append(time.perf_counter() - started)
    return median(times) * 1000


def _kib_per_queue(learned: QueueForecast, calendar: Calendar) -> float:
    # As a store would give them, one by one.
    saved = json.dumps(_with_line(learned, calendar, WAITING_EACH)[0].to_dict())
    process = psutil.Process()
    before = process.memory_info().rss
    queues = [QueueForecast.from_dict(json.loads(saved), calendar) for _ in range(QUEUES)]
    return (process.memory_info().rss - before) / 1024 / len(queues)


def _with_line(
    learned: QueueForecast, calendar: Calendar, length: int
) -> tuple[QueueForecast, datetime]:
    """What was learned, with so many waiting, of the services and priorities that it knows."""
    saved = learned.to_dict()
    saved["line"] = {"waiting": []}
    forecast = QueueForecast.from_dict(saved, calendar)
    services = list(saved["services"]["services"]) or [""]
    at = datetime.fromtimestamp(saved["at"], calendar.zone)
    sequences = count(learned.sequence + 1)
    for ticket in range(length):
        at += timedelta(seconds=1)
        service = services[ticket % len(services)]
        forecast.update(Joined(next(sequences), at, ticket, at, service, ticket % 2))
    return forecast, at
