"""The whole platform as `make run` starts it, each part to be killed, frozen and restarted."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from embedded.cluster import Cluster
from embedded.launcher import answers
from embedded.ports import LOOPBACK
from embedded.processes import end, group_members
from embedded.project import (
    GUNICORN,
    PROGRAM_PORTS,
    edge_plan,
    edge_ports,
    environment,
    platform_plan,
)
from embedded.say import ProblemError, step, tail
from embedded.supervisor import Program
from embedded.throwaway import Throwaway

READY_SECONDS = 60.0
STOP_SECONDS = 4.0
POLL_SECONDS = 0.05
STREAMS, SHARD = "streams", "shard1"
Process = subprocess.Popen[bytes]


class Part:
    """A process of the platform and its children; `launch` starts it in a session of its own."""

    def __init__(
        self, name: str, log: Path, launch: Callable[[], Process], is_ready: Callable[[], bool]
    ) -> None:
        self.name = name
        self.log = log
        self._launch = launch
        self._is_ready = is_ready
        self._process: Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether its first process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, without waiting."""
        self._process = self._launch()

    def wait_ready(self) -> None:
        """Wait until it does its work.

        Raises:
            ProblemError: it ended, or took too long.
        """
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            if not self.is_running or time.monotonic() > deadline:
                raise ProblemError(f"{self.name} does not get ready:\n{tail(self.log)}")
            time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """Kill it and its children at once (SIGKILL)."""
        process = self._signal(signal.SIGKILL)
        process.wait()
        while group_members(process.pid):
            time.sleep(POLL_SECONDS)

    def restart(self) -> None:
        """Kill it, start it again and wait until it is ready."""
        with self.killed():
            pass

    @contextmanager
    def killed(self) -> Iterator[None]:
        """It is dead during the block (SIGKILL), and ready again after it."""
        self.kill()
        try:
            yield
        finally:
            self.start()
            self.wait_ready()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It neither answers nor ends during the block (SIGSTOP)."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def signal_leader(self, number: signal.Signals) -> None:
        """Send a signal to its first process alone."""
        assert self._process is not None, f"{self.name} was never started"
        self._process.send_signal(number)

    def _signal(self, number: signal.Signals) -> Process:
        assert self._process is not None, f"{self.name} was never started"
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        return self._process


class Platform:
    """The plan of `make run`, or `make edge`, on a throw-away stack; nothing runs before `start`.

    Behind an edge, its one shard is the part that holds streams.
    """

    def __init__(self, checkout: Path, *, durable: bool = False) -> None:
        self._checkout = checkout
        has_edge = os.environ.get("EDGE") == "true"
        self._ports = edge_ports(1) if has_edge else PROGRAM_PORTS
        self._throwaway = Throwaway(checkout, self._ports, durable=durable)
        self._stack = self._throwaway.stack
        self._plan = edge_plan(self._stack) if has_edge else platform_plan(self._stack)
        self._logs = self._stack.state / "log"
        self._processes: list[Process] = []
        self.environment = environment(self._stack)
        self.url = self.environment["WEB_URL"]
        self.programs = {
            STREAMS if program.name == SHARD else program.name: self._part(program)
            for program in self._plan.programs
        }
        self.valkey = Part(
            "valkey",
            self._logs / "valkey.log",
            self._launch_valkey,
            self._is_valkey_ready,
        )

    @property
    def cluster(self) -> Cluster:
        """The database servers, once they are started."""
        return self._throwaway.cluster

    @property
    def web_url(self) -> str:
        """The web processes themselves, past an edge."""
        port = self._stack.ports.get(GUNICORN, self._stack.ports["web"])
        return f"http://{LOOPBACK}:{port}"

    def add_relay(self) -> Part:
        """One more relay; it runs until it is killed, or the platform ends."""
        [relay] = [program for program in self._plan.programs if program.name == "relay"]
        part = self._part(replace(relay, name="relay2"))
        part.start()
        return part

    @property
    def parts(self) -> list[Part]:
        """All that can be killed."""
        return [*self.programs.values(), self.valkey]

    def start(self) -> None:
        """Start the servers, set up the database, start the programs and wait until they work.

        Raises:
            ProblemError: something does not start.
        """
        self._throwaway.start()
        for command in self._plan.set_up:
            with step(command.title):
                self._carry_out(command.title, command.command)
        for name in self._ports:
            self._throwaway.release(name)
        with step("Start the platform"):
            # Started once more, so that it is a part like the others.
            self._throwaway.valkey.stop(2)
            for part in self.parts:
                part.start()
            for part in self.parts:
                part.wait_ready()

    def stop(self) -> None:
        """Stop everything and remove its data."""
        members = [one for process in self._processes for one in group_members(process.pid)]
        end(members, STOP_SECONDS)
        for process in self._processes:
            process.wait()
        self._throwaway.stop()

    def _part(self, program: Program) -> Part:
        log = self._logs / f"{program.name}.log"

        def launch() -> Process:
            return self._popen(program.name, program.command, log)

        return Part(program.name, log, launch, lambda: self._is_ready(program.name))

    def _is_ready(self, name: str) -> bool:
        if name == "web":
            return answers(self.url + self._plan.ready_path)
        if name in {STREAMS, SHARD}:
            port = self._stack.ports[STREAMS]
            with suppress(OSError), socket.create_connection((LOOPBACK, port)):
                return True
            return False
        return self.programs[name].is_running

    def _launch_valkey(self) -> Process:
        valkey = self._throwaway.valkey
        self._throwaway.record("valkey", valkey.start())
        assert valkey.process is not None
        return valkey.process

    def _is_valkey_ready(self) -> bool:
        return self._throwaway.valkey.answers()

    def _carry_out(self, name: str, command: Sequence[str]) -> None:
        log = self._logs / "setup.log"
        code = self._popen(name, command, log).wait()
        if code != 0:
            raise ProblemError(f"`{' '.join(command)}` ended with {code}:\n{tail(log)}")

    def _popen(self, name: str, command: Sequence[str], log: Path) -> Process:
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=self._checkout,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._throwaway.record(name, process.pid)
        self._processes.append(process)
        return process


PLATFORM = pytest.StashKey[Platform]()
