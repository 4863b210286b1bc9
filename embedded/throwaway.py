"""A stack for one test run: fast, not durable, and gone afterwards."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from embedded.binaries import reachable_binaries
from embedded.cluster import Cluster
from embedded.keys import make_keys
from embedded.place import Place, find_place
from embedded.ports import passing_ports
from embedded.processes import FILE, Identity, RunRecord, end_survivors, identify
from embedded.project import Stack
from embedded.say import say
from embedded.services import Services, stop_servers
from embedded.valkey import Valkey

OWNER = "owner.json"


class Throwaway:
    """PostgreSQL, its standby and Valkey, without a thought for durability unless it is asked for.

    `stack` says from the beginning where they will be, and ports are held for the `programs` that
    run on them; nothing runs before `start`.
    """

    def __init__(
        self, checkout: Path, programs: Sequence[str] = (), *, durable: bool = False
    ) -> None:
        self._durable = durable
        self._place = find_place(checkout)
        self._ports = passing_ports(programs)
        self._folder = self._place.state / f"test-{os.getpid()}"
        self.stack = Stack(self._folder, self._ports.numbers, make_keys())
        self._services: Services | None = None
        self._record: RunRecord | None = None

    @property
    def valkey(self) -> Valkey:
        """The running Valkey."""
        assert self._services is not None, "start() comes first"  # noqa: S101
        return self._services.valkey

    @property
    def cluster(self) -> Cluster:
        """The running PostgreSQL servers."""
        assert self._services is not None, "start() comes first"  # noqa: S101
        return self._services.cluster

    def start(self) -> None:
        """Start them, after sweeping up what earlier runs left.

        Raises:
            ProblemError: one of them does not start; call `stop` all the same.
        """
        place, folder = self._place, self._folder
        sweep(place)
        # It has its name only once it says whose it is: others sweep at the same time.
        nameless = folder.with_name(f".{folder.name}")
        nameless.mkdir()
        nameless.chmod(place.state.stat().st_mode & 0o777)
        (nameless / OWNER).write_text(json.dumps(asdict(identify("tests", os.getpid()))))
        nameless.rename(folder)
        self._record = RunRecord(folder, place.checkout)
        binaries = reachable_binaries(place.state, place.account)
        self._services = Services(
            folder,
            binaries,
            place.account,
            self._ports,
            self.stack.keys,
            self.record,
            durable=self._durable,
        )
        self._services.start()

    def record(self, name: str, pid: int) -> None:
        """Have a process ended by the next run, should this one be killed."""
        if self._record is not None:
            self._record.add(name, pid)

    def release(self, name: str) -> None:
        """Let go of the port of `name`, for its program to bind."""
        self._ports.release(name)

    def stop(self) -> None:
        """Stop them and remove the folder."""
        self._ports.release_all()
        if self._services is not None:
            self._services.valkey.stop(2)
            self._services.cluster.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def throwaway_stack(checkout: Path) -> Iterator[Stack]:
    """A stack for the block.

    Raises:
        ProblemError: it does not start.
    """
    throwaway = Throwaway(checkout)
    try:
        throwaway.start()
        yield throwaway.stack
    finally:
        throwaway.stop()


def sweep(place: Place) -> None:
    """Stop and remove what test runs left behind that were killed."""
    for folder in place.state.glob("test-*"):
        with suppress(OSError, ValueError, TypeError):
            owner = Identity(**json.loads((folder / OWNER).read_text()))
            if owner.find() is not None:
                continue
        say(f"  ·  Removing what a test run that was cut off left in {folder}")
        remove_stack(folder, place.checkout)


def remove_stack(folder: Path, checkout: Path) -> None:
    """Stop whatever still runs in `folder` and remove it."""
    if (folder / FILE).exists():
        end_survivors(folder, checkout)
    stop_servers(folder)
    shutil.rmtree(folder, ignore_errors=True)
