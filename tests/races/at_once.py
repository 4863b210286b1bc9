"""Runs things in real threads on real connections."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

R = TypeVar("R")


def at_once(jobs: Sequence[Callable[[], R]]) -> list[R]:
    """Starts all jobs at the same moment, each in a thread with its own connection."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], R]) -> R:
        try:
            start.wait(timeout=20)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))
