"""A stack for one test run: fast, not durable, and gone afterwards."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from embedded.binaries import reachable_binaries
from embedded.keys import make_keys
from embedded.place import Place, find_place
from embedded.ports import passing_ports
from embedded.processes import FILE, Identity, RunRecord, end_survivors, identify
from embedded.project import Stack
from embedded.say import say
from embedded.services import Services, stop_servers

OWNER = "owner.json"


@contextmanager
def throwaway_stack(checkout: Path) -> Iterator[Stack]:
    """PostgreSQL, its standby and Valkey for the block, without a thought for durability.

    Raises:
        ProblemError: they do not start.
    """
    place = find_place(checkout)
    sweep(place)
    folder = place.state / f"test-{os.getpid()}"
    folder.mkdir()
    folder.chmod(place.state.stat().st_mode & 0o777)
    (folder / OWNER).write_text(json.dumps(asdict(identify("tests", os.getpid()))))
    ports, keys = passing_ports(), make_keys()
    record = RunRecord(folder, place.checkout)
    binaries = reachable_binaries(place.state, place.account)
    services = Services(folder, binaries, place.account, ports, keys, record.add, durable=False)
    try:
        services.start()
        yield Stack(folder, ports.numbers, keys)
    finally:
        ports.release_all()
        services.valkey.stop(2)
        services.cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


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
