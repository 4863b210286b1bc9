"""The whole platform behind its edge, on a stack of its own that keeps what it commits."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from embedded.launcher import answers
from embedded.processes import end, read_record
from embedded.project import GUNICORN, Plan, edge_plan, edge_ports, environment
from embedded.say import ProblemError, step, tail
from embedded.throwaway import Throwaway

READY_SECONDS = 90.0
STOP_SECONDS = 5.0


class Platform:
    """Started by `start`, gone after `stop`."""

    def __init__(self, checkout: Path, shards: int, web_workers: int) -> None:
        self._checkout = checkout
        self._throwaway = Throwaway(checkout, edge_ports(shards), durable=True)
        self._stack = self._throwaway.stack
        # Customers come from this machine here, and are limited as customers are.
        self.environment = environment(self._stack) | {
            "RATE_UNLIMITED_ADDRESSES": "",
            "TRUSTED_PROXIES": "127.0.0.0/8",
        }
        self.web_workers = web_workers
        self._programs: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def edge_port(self) -> int:
        """Where customers ask."""
        return self._stack.ports["web"]

    @property
    def web_port(self) -> int:
        """Where the web processes answer the edge."""
        return self._stack.ports[GUNICORN]

    @property
    def streams_port(self) -> int:
        """Where shards hold streams."""
        return self._stack.ports["streams"]

    def start(self) -> None:
        """Start everything.

        Raises:
            ProblemError: a part does not start.
        """
        self._throwaway.start()
        for command in self._plan().set_up:
            with step(command.title):
                self.carry_out(command.command)
        for name in self._stack.ports:
            if name not in {"primary", "standby", "valkey"}:
                self._throwaway.release(name)
        with step("Start the platform"):
            self._start_programs()

    def restart_web(self, workers: int) -> None:
        """Other web processes in the place of those that are."""
        self.web_workers = workers
        self._stop_programs(["web"])
        self._start_programs(["web"])

    def carry_out(self, command: Sequence[str]) -> None:
        """Run a command in the platform's environment.

        Raises:
            ProblemError: it failed.
        """
        log = self._stack.state / "setup.log"
        with log.open("wb") as output:
            code = subprocess.call(
                command,
                cwd=self._checkout,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        if code != 0:
            raise ProblemError(f"`{' '.join(command)}` ended with {code}:\n{tail(log)}")

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Of each part, its first process and all below it."""
        record = read_record(self._stack.state, self._checkout)
        assert record is not None  # noqa: S101 (it was started)
        firsts = {entry["name"]: entry["pid"] for entry in record["processes"]}
        firsts |= {name: process.pid for name, process in self._programs.items()}
        found = {}
        for name, pid in firsts.items():
            with suppress(psutil.Error):
                first = psutil.Process(pid)
                found[name] = [first, *first.children(recursive=True)]
        return found

    def log_of(self, name: str) -> Path:
        """Where a program's output goes."""
        return self._stack.state / f"{name}.log"

    def stop(self) -> None:
        """Stop everything and remove its data."""
        self._stop_programs(list(self._programs))
        self._throwaway.stop()

    def _plan(self) -> Plan:
        os.environ["WEB_WORKERS"] = str(self.web_workers)
        return edge_plan(self._stack)

    def _start_programs(self, only: Iterable[str] = ()) -> None:
        names = set(only)
        for program in self._plan().programs:
            if names and program.name not in names:
                continue
            with self.log_of(program.name).open("ab") as log:
                process = subprocess.Popen(
                    program.command,
                    cwd=self._checkout,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self._throwaway.record(program.name, process.pid)
            self._programs[program.name] = process
        deadline = time.monotonic() + READY_SECONDS
        while not answers(f"{self.environment['WEB_URL']}/readyz"):
            if time.monotonic() > deadline:
                raise ProblemError(f"The platform does not answer:\n{tail(self.log_of('web'))}")
            time.sleep(0.1)

    def _stop_programs(self, names: Sequence[str]) -> None:
        processes = self.processes()
        end([one for name in names for one in processes.get(name, [])], STOP_SECONDS)
        for name in names:
            self._programs.pop(name).wait()


def seed(platform: Platform, queues: int, waiting: int, result: Path) -> None:
    """Puts people into queues.

    Raises:
        ProblemError: it failed.
    """
    command = (sys.executable, "-m", "bench.scale.seed", str(queues), str(waiting), str(result))
    with step(f"Put {queues * waiting} people into {queues} queues"):
        platform.carry_out(command)
