"""Where a request or a task reads: from a replica that has seen what it must see.

Outside of ``reading`` everything is read from the primary. So it is in a transaction, once
something was written, where ``read_newest`` was asked for, and when no replica is known to be far
enough.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS

from waitlessq.db import replicas

P = ParamSpec("P")
R = TypeVar("R")

UNKNOWN = 2**63 - 1
"""A position that no replica ever reaches, for whoever can not be told a better one."""


class Reader:
    """One request or task: what it must see, and where it reads.

    ``find_position`` is asked once, when something is first to be read. Who ``may_write`` counts
    as having written when a model is about to be.
    """

    def __init__(self, find_position: Callable[[], int], *, may_write: bool = True) -> None:
        self.may_write = may_write
        self.has_written = False
        self.reads_newest = False
        self._find_position = find_position
        self._chosen: replicas.Replica | None = None

    def alias(self) -> str:
        """The database to read from now; the same replica as before, while it can be used."""
        if not (self.has_written or self.reads_newest):
            if self._chosen is None:
                self._chosen = self._choose()
            if self._chosen is not None and self._chosen.is_in:
                return self._chosen.alias
            self.reads_newest = True
        return DEFAULT_DB_ALIAS

    def _choose(self) -> replicas.Replica | None:
        usable = replicas.usable()
        position = self._find_position() if usable else UNKNOWN
        return next((one for one in usable if one.has_replayed(position)), None)


_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


@contextmanager
def reading(find_position: Callable[[], int], *, may_write: bool = True) -> Iterator[Reader]:
    """Lets the block read from replicas that have replayed the position."""
    reader = Reader(find_position, may_write=may_write)
    token = _reader.set(reader)
    try:
        yield reader
    finally:
        _reader.reset(token)


def current_reader() -> Reader | None:
    """Who reads at this moment, if anybody may read from replicas."""
    return _reader.get()


def note_write() -> None:
    """What is read from now on must show what was written."""
    reader = _reader.get()
    if reader is not None:
        reader.has_written = True


def read_newest() -> None:
    """What is read from now on, in this request, is from the primary."""
    reader = _reader.get()
    if reader is not None:
        reader.reads_newest = True


def newest(function: Callable[P, R]) -> Callable[P, R]:
    """For what answers a page that was told of a change: it asks the one who knows of it.

    A stream is quicker than a replica, and a page that is told "nothing new" asks no more.
    """

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        read_newest()
        return function(*args, **kwargs)

    return wrapper
