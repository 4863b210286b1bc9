"""The one source of the current time.

Everything asks ``now()``. Only a replay of a queue log sets another time, for the length of one
request (see ``integrations.middleware``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

_override: ContextVar[datetime | None] = ContextVar("clock_override", default=None)


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _override.get() or timezone.now()  # noqa: TID251 (the one place)


def local_date(zone: ZoneInfo) -> date:
    """Today's date on the wall of ``zone``."""
    return now().astimezone(zone).date()


@contextmanager
def override(at: datetime) -> Iterator[None]:
    """Makes ``now()`` answer ``at`` (aware) inside the block, in this thread only."""
    token = _override.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _override.reset(token)
