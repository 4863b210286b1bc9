"""The web server of a database, and the processor time of servers.

On a machine that others use, that says more than the clock.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from embedded.cluster import DATABASE as BASE
from embedded.ports import LOOPBACK

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Server:
    """The web server of a database."""

    name: str
    port: int
    process: psutil.Process


@contextmanager
def web(settings: dict[str, str], name: str, place: int) -> Iterator[Server]:
    """The web server of a database, as `make run` starts it."""
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port: int = free.getsockname()[1]
    own = {
        "DATABASE_URL": settings["DATABASE_URL"].removesuffix(BASE) + name,
        # A cache of its own: rows of the copies have the same ids.
        "REDIS_URL": settings["REDIS_URL"].removesuffix("0") + str(place + 2),
    }
    command = [sys.executable, "-m", "gunicorn", "waitlessq.wsgi", "--worker-class", "gthread"]
    command += ["--workers", "2", "--threads", "2", "--no-control-socket"]
    command += ["--bind", f"{LOOPBACK}:{port}", "--log-level", "warning"]
    with subprocess.Popen(command, cwd=ROOT, env=settings | own) as process:
        try:
            wait_for(port, lambda: process.poll() is None)
            yield Server(name, port, psutil.Process(process.pid))
        finally:
            process.terminate()


def wait_for(port: int, is_alive: Callable[[], bool]) -> None:
    """Waits until somebody listens.

    Raises:
        RuntimeError: nobody does in time.
    """
    deadline = time.monotonic() + 30
    while is_alive() and time.monotonic() < deadline:
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("The web server does not start.")


def seconds_of(roots: list[psutil.Process]) -> float:
    """What these processes, and all that they started, have used so far."""
    total = 0.0
    for root in roots:
        for process in [root, *root.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                used = process.cpu_times()
                # Of those that ended, their parent knows.
                total += used.user + used.system + used.children_user + used.children_system
    return total
