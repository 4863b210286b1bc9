"""Processes of this project alone: how they are recorded, recognised and ended."""

import json
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from embedded.keys import save_private

FILE = "run.json"
# Every process we start carries the state folder in this variable; it tells ours from a stranger
# that got a recorded process id later.
MARK = "WAITLESSQ_STATE"


@dataclass(frozen=True)
class Identity:
    """A process, told from a later one of the same id by when it was created (Unix seconds)."""

    name: str
    pid: int
    created: float

    def find(self) -> psutil.Process | None:
        """The process if it still runs."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1
            return process if same and is_alive(process) else None
        except psutil.Error:
            return None


class RunRecord:
    """The file that tells the next start, and other commands, what is running."""

    def __init__(self, state: Path, checkout: Path) -> None:
        self._path = state / FILE
        self._body: dict[str, Any] = {
            "checkout": str(checkout),
            "launcher": asdict(identify("launcher", os.getpid())),
            "processes": [],
            "address": None,
            "ready": False,
        }
        self._save()

    def add(self, name: str, pid: int) -> None:
        """Record a process the moment it was started."""
        with suppress(psutil.NoSuchProcess):
            self._body["processes"].append(asdict(identify(name, pid)))
            self._save()

    def announce(self, **facts: object) -> None:
        """Record facts on the stack: its address, or that it is ready."""
        self._body.update(facts)
        self._save()

    def remove(self) -> None:
        """Forget the run: everything has stopped."""
        self._path.unlink(missing_ok=True)

    def _save(self) -> None:
        save_private(self._path, json.dumps(self._body, indent=1))


def read_record(state: Path, checkout: Path) -> dict[str, Any] | None:
    """The record of the last run, unless it came along with a copied folder."""
    try:
        body = json.loads((state / FILE).read_text())
    except (OSError, ValueError):
        return None
    return body if body.get("checkout") == str(checkout) else None


def launcher_of(record: dict[str, Any]) -> psutil.Process | None:
    """The launcher that wrote `record`, if it still runs."""
    return Identity(**record["launcher"]).find()


def identify(name: str, pid: int) -> Identity:
    """The identity of a running process.

    Raises:
        psutil.NoSuchProcess: it has ended.
    """
    return Identity(name, pid, psutil.Process(pid).create_time())


def is_alive(process: psutil.Process) -> bool:
    """Whether `process` runs; one that has ended but was not yet collected does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def group_members(leader: int, mark: str | None = None) -> list[psutil.Process]:
    """The living processes of the group `leader`; with `mark`, only those that carry it."""
    members = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            ours = os.getpgid(process.pid) == leader and is_alive(process)
            if ours and (mark is None or process.environ().get(MARK) == mark):
                members.append(process)
    return members


def end(processes: Iterable[psutil.Process], seconds: float) -> None:
    """Ask `processes` to end, and after `seconds` make them."""
    waiting = list(processes)
    for process in waiting:
        with suppress(psutil.Error):
            process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while waiting and time.monotonic() < deadline:
        time.sleep(0.05)
        waiting = [process for process in waiting if is_alive(process)]
    for process in waiting:
        with suppress(psutil.Error):
            process.kill()


def end_survivors(state: Path, checkout: Path, seconds: float = 3.0) -> list[str]:
    """End what a killed launcher left behind and return the names; groups are ended whole.

    PostgreSQL is not stopped here: it has a way of its own (`postgres.stop_leftover`).
    """
    record = read_record(state, checkout)
    if record is None:
        return []
    survivors: list[psutil.Process] = []
    names: list[str] = []
    for entry in record["processes"]:
        identity = Identity(**entry)
        if identity.name in {"primary", "standby"}:
            continue
        found = group_members(identity.pid, str(state))
        leader = identity.find()
        if leader is not None and leader not in found:
            found.append(leader)
        if found:
            names.append(identity.name)
            survivors += found
    end(survivors, seconds)
    return names
