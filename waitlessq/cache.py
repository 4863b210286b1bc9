"""The one place that names what is cached, and for how long."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CachedKind:
    """A kind of cached thing: the start of its keys, and its lifetime in seconds."""

    name: str
    seconds: int

    def key(self, *parts: object) -> str:
        """The cache key of one thing of this kind."""
        return ":".join((self.name, *map(str, parts)))


SNAPSHOT = CachedKind("snapshot", seconds=300)
UNDO = CachedKind("undo", seconds=30)
SLOTS = CachedKind("slots", seconds=60)
SLOTS_VERSION = CachedKind("slots-version", seconds=86_400)
