"""What gunicorn does beside serving: figures of all its processes on a private port, safe logs."""

import os
from typing import Any

# The first process reads the settings, for its figures, and those that serve inherit them: what
# waitlessq.wsgi asks for has to stand in the environment by then.
os.environ.setdefault("DATABASE_POOL", "true")

from waitlessq import metrics
from waitlessq.logs import make_safe


def on_starting(server: Any) -> None:
    """Leaves secrets out of what it logs of requests itself."""
    make_safe(server.log.error_log)


def when_ready(server: Any) -> None:
    """Begins to answer for all processes; of the processes that serve, none does."""
    metrics.serve()


def child_exit(server: Any, worker: Any) -> None:
    """Forgets what was open in a process that has ended."""
    metrics.forget_process(worker.pid)
