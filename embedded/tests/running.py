"""A tiny platform in a process of its own, as the tests see it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg

from embedded.keys import load_keys
from embedded.place import find_place
from embedded.postgres import SUPERUSER
from embedded.processes import is_alive

SOURCE = Path(__file__).resolve().parents[2]


class TinyPlatform:
    """The platform in `checkout`, started by `start()`."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.output = checkout / "output.txt"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def state(self) -> Path:
        """Where it keeps its state."""
        return find_place(self.checkout).state

    def start(self, fault: str = "", *, wait: bool = True) -> None:
        """Start it; with `wait`, return once it is ready and fail the test if it is not."""
        command = [sys.executable, "-m", "embedded.tests.tiny", str(self.checkout)]
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                [*command, *([fault] if fault else [])],
                cwd=SOURCE,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while wait and "Ready after" not in self.said():
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def said(self) -> str:
        """Everything it has printed."""
        return self.output.read_text()

    def record(self) -> dict[str, Any]:
        """The record of the run."""
        body: dict[str, Any] = json.loads((self.state / "run.json").read_text())
        return body

    def send(self, number: signal.Signals) -> None:
        """Send the launcher a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        """Wait for the launcher's end and return its exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    def stop(self) -> int:
        """Stop it as Ctrl-C does, and return the exit code."""
        if self._process is not None and self._process.poll() is None:
            self.send(signal.SIGINT)
        return self.wait()

    def connect(self, name: str = "primary") -> "psycopg.Connection[tuple[Any, ...]]":
        """A superuser's connection to the primary or the standby."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.record()["ports"][name],
            user=SUPERUSER,
            password=load_keys(self.state).superuser_password,
            dbname="waitlessq",
            autocommit=True,
        )

    def is_streaming(self) -> bool:
        """Whether what is written on the primary arrives on the standby."""
        with self.connect() as primary, self.connect("standby") as standby:
            primary.execute("CREATE TABLE IF NOT EXISTS arrivals (at timestamptz)")
            primary.execute("INSERT INTO arrivals VALUES (clock_timestamp())")
            wanted = primary.execute("SELECT count(*) FROM arrivals").fetchone()
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                exists = standby.execute("SELECT to_regclass('arrivals')").fetchone()
                if exists and exists[0]:
                    found = standby.execute("SELECT count(*) FROM arrivals").fetchone()
                    if found == wanted:
                        return True
                time.sleep(0.02)
        return False


def is_running(pid: int) -> bool:
    """Whether a process of this id runs (one that ended but was not collected does not)."""
    try:
        return is_alive(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False
