"""One PostgreSQL server in one data folder: made, started, recognised and stopped."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from embedded.binaries import Binaries
from embedded.keys import save_private
from embedded.place import Account
from embedded.ports import LOOPBACK
from embedded.processes import MARK, is_alive
from embedded.say import ProblemError, tail

SUPERUSER = "postgres"
# Where in postmaster.pid the server says how far it is, counted from 0.
STATUS_LINE = 7
# What "fast" and "immediate" mean to the server, each with the seconds it gets.
LEFTOVER_STOPS = ((signal.SIGINT, 8.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 1.0))
PROGRAM_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


@dataclass
class Server:
    """A server: `name` is also its name in the logs; `folder` holds its data and settings."""

    name: str
    folder: Path
    port: int
    binaries: Binaries
    account: Account
    mark: str
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / self.name

    @property
    def log(self) -> Path:
        """The file of what the server says before its own rotating log opens."""
        return self.folder / "log" / f"{self.name}.start.log"

    def start(self, settings: Mapping[str, str]) -> int:
        """Start with exactly `settings` and return the process id, without waiting."""
        config = self.folder / f"{self.name}.conf"
        lines = [f"{key} = {quote(value)}" for key, value in settings.items()]
        save_private(config, "\n".join(lines) + "\n")
        self.account.own(config)
        command = [self.program("postgres"), "-D", str(self.data), "-c", f"config_file={config}"]
        # Opened here, so the file is there whoever may write to the folder.
        with self.log.open("wb") as log:
            self.account.own(self.log)
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=PROGRAM_ENVIRONMENT | {MARK: self.mark},
                start_new_session=True,
                **self.account.popen_options(),
            )
        return self.process.pid

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Wait until the server takes queries.

        Raises:
            ProblemError: it ended, or took longer than `seconds`.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            lines = read_pid_file(self.data)
            if not self.is_running():
                raise ProblemError(f"PostgreSQL ({self.name}) did not start:\n{self.last_words()}")
            ours = lines and self.process and lines[0] == str(self.process.pid)
            if ours and lines[STATUS_LINE:] and lines[STATUS_LINE].strip() == "ready":
                return
            time.sleep(0.03)
        raise ProblemError(
            f"PostgreSQL ({self.name}) took more than {seconds:.0f} s:\n{self.last_words()}"
        )

    def is_running(self) -> bool:
        """Whether the server we started still runs."""
        return self.process is not None and self.process.poll() is None

    def last_words(self) -> str:
        """The end of the newest log."""
        logs = sorted(self.log.parent.glob(f"{self.name}*.log"), key=os.path.getmtime)
        return "\n".join(tail(path, 12) for path in logs[-2:])

    def stop(self, seconds: float) -> None:
        """Stop fast (connections are closed, data written); after `seconds` at once."""
        if self.process is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.process = None

    def connect(
        self, password: str, user: str = SUPERUSER, database: str = "postgres"
    ) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection that commits every statement."""
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=user,
            password=password,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's programs."""
        return str(self.binaries.postgres_bin / name)

    def run(self, name: str, *arguments: str, extra: Mapping[str, str] | None = None) -> str:
        """Run one of PostgreSQL's programs as the account and return what it printed.

        Raises:
            ProblemError: it failed; with its last lines.
        """
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [self.program(name), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=PROGRAM_ENVIRONMENT | {MARK: self.mark} | dict(extra or {}),
            start_new_session=True,
            **self.account.popen_options(),
        )
        if done.returncode != 0:
            said = "\n".join(f"     {line}" for line in done.stderr.splitlines()[-8:])
            raise ProblemError(f"{name} failed ({self.name}):\n{said}")
        return done.stdout


def stop_leftover(data: Path) -> bool:
    """Stop a server that outlived its launcher in `data`; say whether there was one.

    A pid file of a process that is not the server of this very folder is removed: it came with a
    copied folder, or its process id went to a stranger after a crash.
    """
    lines = read_pid_file(data)
    if not lines:
        return False
    server = _server_of(lines[0], data)
    if server is None:
        (data / "postmaster.pid").unlink(missing_ok=True)
        return False
    for number, seconds in LEFTOVER_STOPS:
        with suppress(psutil.Error):
            server.send_signal(number)
        deadline = time.monotonic() + seconds
        while is_alive(server) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not is_alive(server):
            break
    return True


def read_pid_file(data: Path) -> list[str]:
    """The lines of postmaster.pid; none when there is no such file."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def data_major(data: Path) -> int | None:
    """The major version that wrote `data`; None when it holds no data."""
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except (OSError, ValueError):
        return None


def quote(value: str) -> str:
    """`value` as PostgreSQL's settings files want it."""
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _server_of(pid: str, data: Path) -> psutil.Process | None:
    """Process `pid` if it is the server of `data`; servers work inside their data folder."""
    try:
        process = psutil.Process(int(pid))
        ours = is_alive(process) and Path(process.cwd()).resolve() == data.resolve()
    except (ValueError, psutil.Error, OSError):
        return None
    return process if ours else None
