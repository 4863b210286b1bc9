"""Free loopback ports, remembered from one start to the next."""

import hashlib
import json
import random
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from embedded.say import ProblemError

LOOPBACK = "127.0.0.1"
FILE = "ports.json"
TRIES = 500


class Ports:
    """Ports by service name, each held by a listening socket until its service takes it over.

    Holding them keeps two stacks that start at the same moment from choosing the same ports.
    """

    def __init__(self) -> None:
        self._held: dict[str, socket.socket] = {}
        self.numbers: dict[str, int] = {}

    def choose(self, name: str, candidates: list[int]) -> int:
        """Hold the first free port of `candidates` for `name` and return it.

        Raises:
            ProblemError: none of them is free.
        """
        for number in candidates:
            held = _listen(number)
            if held is not None:
                self._held[name] = held
                self.numbers[name] = number
                return number
        raise ProblemError(f"No free port for {name} between {candidates[0]} and {candidates[-1]}.")

    def release(self, name: str) -> int:
        """Let go of the port of `name`, for its service to bind, and return it."""
        held = self._held.pop(name, None)
        if held is not None:
            held.close()
        return self.numbers[name]

    def release_all(self) -> None:
        """Let go of every port."""
        for name in list(self._held):
            self.release(name)

    def __getitem__(self, name: str) -> int:
        return self.numbers[name]


def remembered_ports(
    state: Path, checkout: Path, web_port: int, programs: Sequence[str] = ("streams",)
) -> Ports:
    """Hold the ports of the last start where they are free, others where not, and remember them.

    `web_port` is where to look first for the web server's; `programs` have ports beside it.
    """
    path = state / FILE
    known = _read(path)
    digest = hashlib.sha256(str(checkout).encode()).hexdigest()
    # Copies of the project look from different starting points, so they seldom meet.
    base = 20000 + int(digest[:8], 16) % 9000
    ports = Ports()
    ports.choose("web", _candidates(known.get("web"), web_port))
    for offset, name in enumerate(("primary", "standby", "valkey", "metrics", *programs)):
        ports.choose(name, _candidates(known.get(name), base + offset))
    path.write_text(json.dumps({**known, **ports.numbers}))
    return ports


def passing_ports(programs: Sequence[str] = ()) -> Ports:
    """Hold ports for a stack that lives as long as one test run, and for `programs` on it."""
    ports = Ports()
    base = random.randrange(20000, 29000)  # noqa: S311 - nothing secret about a port
    for name in ("primary", "standby", "valkey", *programs):
        ports.choose(name, _candidates(None, base))
    return ports


def _candidates(known: int | None, start: int) -> list[int]:
    numbers = list(range(start, min(start + TRIES, 65536)))
    return numbers if known is None else [known, *numbers]


def _read(path: Path) -> Mapping[str, int]:
    try:
        stored = json.loads(path.read_text())
        return {str(name): int(number) for name, number in stored.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _listen(number: int) -> socket.socket | None:
    held = socket.socket()
    # Without it, a port we ourselves used a minute ago would count as taken (TIME_WAIT).
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((LOOPBACK, number))
        held.listen(1)
    except OSError:
        held.close()
        return None
    return held
