"""The one place that names what is cached, and for how long.

Redis may be gone, slow or empty at any time: then things are made anew, and nothing is wrong.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any, TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

from waitlessq.metrics import CACHE

V = TypeVar("V")

# Whoever makes something has so long, until another one tries.
MAKING_SECONDS = 10
# Whoever has nothing to show meanwhile waits so long for it, looking so often.
PATIENCE_SECONDS = 3.0
LOOK_SECONDS = 0.02
VERSIONS_KEPT_SECONDS = 86_400


class _Flight:
    """Something that is being made in this process, for all who asked for it meanwhile."""

    def __init__(self) -> None:
        self.is_done = Event()
        self.made: list[Any] = []


class _Flights:
    """Lets of those who ask for the same thing in this process only the first one make it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_key: dict[str, _Flight] = {}

    def share(self, key: str, make: Callable[[], V]) -> V:
        """What ``make`` returns, or what the first one's did; if that one failed, tries itself."""
        with self._lock:
            flight = self._by_key.get(key)
            is_first = flight is None
            if flight is None:
                flight = self._by_key[key] = _Flight()
        if is_first:
            try:
                flight.made.append(make())
            finally:
                with self._lock:
                    del self._by_key[key]
                flight.is_done.set()
        else:
            flight.is_done.wait(MAKING_SECONDS)
        return flight.made[0] if flight.made else make()


_flights = _Flights()


@dataclass(frozen=True, slots=True)
class CachedKind:
    """A kind of cached thing: the start of its keys, and its lifetime in seconds."""

    name: str
    seconds: int

    def key(self, *parts: object) -> str:
        """The cache key of one thing of this kind."""
        return ":".join((self.name, *map(str, parts)))

    def get_or_make(self, *parts: object, make: Callable[[], V], version: str | None = None) -> V:
        """The cached thing; made anew, by one of all who ask, when it is old or was changed.

        What is only old is shown to the others meanwhile; what was changed, or is not there, they
        wait for. Who can tell a ``version`` of what it is made from does, and nothing needs to be
        forgotten. ``make`` reads from where the version was read, or from the primary, so that it
        can not miss the change.
        """
        key = self.key(*parts)
        known, entry = _read(key, version)
        if entry is not None and entry[0] == known:
            _, fresh_until, value = entry
            if time.time() < fresh_until:
                CACHE.labels(self.name, "hit").inc()
                return value  # type: ignore[no-any-return]
            if not _may_make(key):
                CACHE.labels(self.name, "old").inc()
                return value  # type: ignore[no-any-return]
            return _flights.share(f"{key}@{known}", lambda: self._make(key, version, known, make))
        return _flights.share(
            f"{key}@{known}", lambda: self._make_or_await(key, version, known, make)
        )

    def _make_or_await(self, key: str, version: str | None, known: Any, make: Callable[[], V]) -> V:
        if not _may_make(key):
            found = _await(key, version)
            if found is not None:
                CACHE.labels(self.name, "waited").inc()
                return found[2]  # type: ignore[no-any-return]
        return self._make(key, version, known, make)

    def _make(self, key: str, version: str | None, known: Any, make: Callable[[], V]) -> V:
        newest, entry = _read(key, version)
        if entry is not None and entry[0] == newest and time.time() < entry[1]:
            # Somebody made it between the look and the leave to make it.
            CACHE.labels(self.name, "waited").inc()
            return entry[2]  # type: ignore[no-any-return]
        CACHE.labels(self.name, "miss").inc()
        value = make()
        # What is not there is not kept: anybody can ask for what is not there.
        if value is not None:
            cache.set(key, (known, time.time() + self.seconds, value), 2 * self.seconds)
        cache.delete(f"{key}:making")
        return value

    def forget(self, *parts: object) -> None:
        """Call it after a change was committed, until it succeeds: what was made before is void.

        Raises:
            RedisError: it could not be noted.
        """
        key = f"{self.key(*parts)}:version"
        write: Any = cache.set
        if not write(key, time.time_ns(), VERSIONS_KEPT_SECONDS):
            raise RedisError(f"{key} could not be written.")


def _read(key: str, version: str | None) -> tuple[Any, Any]:
    """The newest version, and what there is."""
    found = cache.get_many([key] if version is not None else [key, f"{key}:version"])
    return version or found.get(f"{key}:version"), found.get(key)


def _may_make(key: str) -> bool:
    """Whether nobody else is making it; without Redis nobody can say so."""
    return cache.add(f"{key}:making", 1, MAKING_SECONDS) is not False


def _await(key: str, version: str | None) -> Any:
    """What somebody else is making, of the newest version; None if it takes too long or failed."""
    ends = time.monotonic() + PATIENCE_SECONDS
    making = f"{key}:making"
    while time.monotonic() < ends:
        time.sleep(LOOK_SECONDS)
        found = cache.get_many([key, f"{key}:version", making])
        entry: Any = found.get(key)
        if entry is not None and entry[0] == (version or found.get(f"{key}:version")):
            return entry
        if making not in found:
            # Whoever made it is done, and kept nothing.
            return None
    return None


SNAPSHOT = CachedKind("snapshot", seconds=300)
NEWEST_SNAPSHOT = CachedKind("newest-snapshot", seconds=300)
PROVIDER = CachedKind("provider", seconds=300)
UNDO = CachedKind("undo", seconds=30)
STATISTICS = CachedKind("statistics", seconds=600)
SLOTS = CachedKind("slots", seconds=60)
SLOTS_VERSION = CachedKind("slots-version", seconds=86_400)
BUILD_STEP = CachedKind("build-step", seconds=60)
APP_HOST = CachedKind("app-host", seconds=60)
# That a task reads calendars elsewhere; longer than one does.
READING_FEEDS = CachedKind("reading-feeds", seconds=120)
BUCKET_CURRENT = CachedKind("bucket-current", seconds=5)
