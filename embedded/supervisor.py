"""The platform's own processes under honcho: shared log on the terminal, an ordered stop."""

import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

import psutil
from honcho.manager import Manager  # type: ignore[import-untyped]
from honcho.printer import Printer  # type: ignore[import-untyped]

from embedded.processes import group_members, is_alive

POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Program:
    """A process to supervise; `stop_seconds` is how long it may take to end when asked to."""

    name: str
    command: Sequence[str]
    stop_seconds: float


class TolerantOutput:
    """Standard output that goes on, silently, when its terminal was closed."""

    def write(self, text: str) -> None:
        """Print `text` if anybody can still read it."""
        with suppress(OSError, ValueError):
            sys.stdout.write(text)

    def flush(self) -> None:
        """Bring out what was written."""
        with suppress(OSError, ValueError):
            sys.stdout.flush()

    def isatty(self) -> bool:
        """Whether colours can be seen."""
        return sys.stdout.isatty()


class Supervisor(Manager):  # type: ignore[misc]
    """honcho's manager, which stops its programs one after the other in the order given.

    `started(name, pid)` is called for every program; `once_started` runs in a thread of its own
    when all of them run. `run()` returns when all have stopped; then `failure` tells why, or is
    None if that was asked for.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        environment: Mapping[str, str],
        started: Callable[[str, int], None],
        once_started: Callable[["Supervisor"], None],
    ) -> None:
        super().__init__(Printer(TolerantOutput()))
        self.failure: str | None = None
        self.asked = threading.Event()
        self._stopper: threading.Thread | None = None
        self._programs = programs
        self._report_start = started
        self._once_started = once_started
        for program in programs:
            # honcho runs a shell; with exec the program takes the shell's place and its signals.
            command = "exec " + shlex.join(program.command)
            self.add_process(program.name, command, env=dict(environment))

    def fail(self, reason: str) -> None:
        """Stop everything because of `reason`."""
        if not self.asked.is_set():
            self.failure = reason
        self.terminate()

    def terminate(self) -> None:
        """Begin the ordered stop; called again, it changes nothing."""
        if self.asked.is_set():
            return
        self.asked.set()
        if self.failure is None and self.returncode not in {130, 143}:
            self.failure = self._first_end()
        # The stop has a thread of its own, so that logs go on being printed meanwhile.
        self._stopper = threading.Thread(target=self._stop_in_order, name="stop")
        self._stopper.start()

    def run(self) -> None:
        """Supervise until everything has stopped, even if the supervision itself fails."""
        try:
            self.loop()
        finally:
            self.terminate()
            if self._stopper is not None:
                self._stopper.join()
            for facts in self._processes.values():
                self._end_reader(facts.get("process"))

    def _end_reader(self, reader: BaseProcess | None) -> None:
        """End honcho's reader of a program's output, in case nobody takes what it reads."""
        if reader is not None:
            reader.join(0.5)
            reader.kill()

    def kill(self) -> None:
        """Left to the ordered stop, which gives each program its own time."""

    def _start(self) -> None:
        # A closed terminal means to stop; honcho itself knows no SIGHUP.
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        super()._start()
        threading.Thread(target=self._watch_start, name="start", daemon=True).start()

    def _watch_start(self) -> None:
        pids = self._await_pids()
        for name, pid in pids.items():
            self._report_start(name, pid)
        if not self.asked.is_set():
            self._once_started(self)

    def _await_pids(self, seconds: float = 5.0) -> dict[str, int]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pids = {name: facts.get("pid") for name, facts in self._processes.items()}
            if all(pids.values()):
                break
            time.sleep(POLL_SECONDS)
        return {name: pid for name, pid in pids.items() if pid}

    def _first_end(self) -> str | None:
        for name, facts in self._processes.items():
            if "returncode" in facts:
                return f"{name} ended by itself with exit code {facts['returncode']}"
        return None

    def _stop_in_order(self) -> None:
        pids = self._await_pids()
        for program in self._programs:
            pid = pids.get(program.name)
            if pid is not None and group_members(pid):
                self._stop_one(program, pid)

    def _stop_one(self, program: Program, pid: int) -> None:
        started = time.monotonic()
        self._system_print(f"stopping {program.name}\n")
        with suppress(psutil.Error):
            leader = psutil.Process(pid)
            leader.terminate()
            while is_alive(leader) and time.monotonic() < started + program.stop_seconds:
                time.sleep(POLL_SECONDS)
        # Whatever is left of its group: a program too slow, or children it did not take along.
        late = bool(group_members(pid))
        if late:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        how = "ended by force" if late else "stopped"
        self._system_print(f"{program.name} {how} after {time.monotonic() - started:.1f} s\n")
