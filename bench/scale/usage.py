"""Processor time and memory of each part, while it is loaded."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

EVERY_SECONDS = 2.0
Processes = Mapping[str, Sequence[psutil.Process]]


@dataclass
class Usage:
    """Of one part: processors it kept busy, and the most memory that it held, in bytes."""

    processors: float = 0.0
    memory: int = 0


@dataclass
class Sampler:
    """Looks every two seconds, in a thread, between `start` and `stop`."""

    processes: Callable[[], Processes]
    usage: dict[str, Usage] = field(default_factory=dict)
    # Each second's busy share of the whole machine.
    machine: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="usage", daemon=True)
        self._before: dict[str, float] = {}
        self._started = 0.0

    def start(self) -> None:
        """Begin."""
        self._before = {name: _seconds(ones) for name, ones in self.processes().items()}
        self._started = time.monotonic()
        psutil.cpu_percent()
        self._thread.start()

    def stop(self) -> None:
        """End, and add up."""
        self._over.set()
        self._thread.join()
        elapsed = time.monotonic() - self._started
        for name, ones in self.processes().items():
            used = _seconds(ones) - self._before.get(name, 0.0)
            self.usage.setdefault(name, Usage()).processors = max(0.0, used / elapsed)

    def _run(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            at = time.monotonic() - self._started
            self.machine.append((at, psutil.cpu_percent() / 100))
            for name, ones in self.processes().items():
                usage = self.usage.setdefault(name, Usage())
                usage.memory = max(usage.memory, sum(map(_memory, ones)))


def _seconds(processes: Sequence[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _memory(process: psutil.Process) -> int:
    """Its share of memory: what it has with others is divided among them."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
