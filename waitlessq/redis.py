"""Connections to Redis that do not wait for it again and again.

A Redis that is frozen answers nothing, and each question to it waits its whole time limit. So after
one wait in vain this process asks nothing for a moment: every further question fails at once, as it
would if Redis were down.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Connection, SSLConnection
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import TimeoutError as SilentError
from redis.retry import Retry

SILENT_SECONDS = 1.0

# Whoever restarted is asked once more at once; who does not answer is not.
RETRY = Retry(NoBackoff(), 1, supported_errors=(LostError,))


class _Cautious(Connection):
    _asks_again_at = 0.0

    def _connect(self) -> Any:
        with _careful():
            return super()._connect()  # type: ignore[no-untyped-call]

    def send_packed_command(self, *args: Any, **kwargs: Any) -> Any:
        with _careful():
            return super().send_packed_command(*args, **kwargs)  # type: ignore[no-untyped-call]

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        with _careful():
            return super().read_response(*args, **kwargs)


@contextmanager
def _careful() -> Iterator[None]:
    if time.monotonic() < _Cautious._asks_again_at:
        raise LostError("Redis did not answer a moment ago.")
    try:
        yield
    except (SilentError, TimeoutError):
        _Cautious._asks_again_at = time.monotonic() + SILENT_SECONDS
        raise


class CautiousConnection(_Cautious):
    """For redis:// addresses."""


class CautiousSSLConnection(_Cautious, SSLConnection):
    """For rediss:// addresses."""


def pool_options(url: str) -> dict[str, Any]:
    """What django-redis gives to the pool of connections to this address."""
    cautious = CautiousSSLConnection if url.startswith("rediss:") else CautiousConnection
    return {"connection_class": cautious, "retry": RETRY}
