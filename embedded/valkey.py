"""One Valkey server: cache and message broker of the embedded stack."""

import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from embedded.binaries import Binaries
from embedded.keys import save_private
from embedded.place import Account
from embedded.ports import LOOPBACK
from embedded.processes import MARK
from embedded.say import ProblemError, tail

READY_SECONDS = 30.0


@dataclass
class Valkey:
    """The server; `durable` keeps a log of writes on disk, since tasks wait in it."""

    folder: Path
    port: int
    password: str
    binaries: Binaries
    account: Account
    mark: str
    durable: bool = True
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """The server's log file, of this start alone."""
        return self.folder / "log" / "valkey.log"

    def start(self) -> int:
        """Start the server and return its process id, without waiting."""
        data = self.account.make_private_folder(self.folder / "valkey")
        config = self.folder / "valkey.conf"
        # In a file, because arguments can be read by every user of the machine.
        save_private(config, self._settings(data))
        self.account.own(config)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(self.binaries.valkey_server), str(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": "/usr/bin:/bin", MARK: self.mark},
                start_new_session=True,
                **self.account.popen_options(),
            )
        return self.process.pid

    def wait_ready(self) -> None:
        """Wait until the server answers.

        Raises:
            ProblemError: it ended or does not answer.
        """
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if not self.is_running():
                raise ProblemError(f"Valkey did not start:\n{tail(self.log)}")
            if self.answers():
                return
            time.sleep(0.03)
        raise ProblemError(f"Valkey does not answer:\n{tail(self.log)}")

    def is_running(self) -> bool:
        """Whether the server we started still runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds: float) -> None:
        """Stop the server; after `seconds` at once."""
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.process = None

    def _settings(self, data: Path) -> str:
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{_escape(str(data))}"',
            'save ""',
            f"appendonly {'yes' if self.durable else 'no'}",
            # Only what has an expiry, the cache, may be dropped for room; tasks have none.
            "maxmemory 256mb",
            "maxmemory-policy volatile-lru",
        ]
        return "\n".join(lines) + "\n"

    def answers(self) -> bool:
        """Whether it serves; asked by hand, since PONG comes only once the data are loaded."""
        with suppress(OSError), socket.create_connection((LOOPBACK, self.port), 1) as line:
            line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            with line.makefile("rb") as answers:
                return answers.readline() == b"+OK\r\n" and answers.readline() == b"+PONG\r\n"
        return False


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
