"""Transactions: joined, and tried again when PostgreSQL asks for it."""

import functools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from django.db import OperationalError, transaction

from waitlessq.db.reading import note_write

P = ParamSpec("P")
R = TypeVar("R")

RETRIES = 3
# 40001 serialization_failure, 40P01 deadlock_detected: PostgreSQL rolled back to be asked again.
RETRIED_SQLSTATES = {"40001", "40P01"}

_is_open: ContextVar[bool] = ContextVar("transaction_is_open", default=False)


@contextmanager
def one_transaction() -> Iterator[None]:
    """A transaction; another one inside it joins it, so that an error anywhere undoes all of it.

    Joining costs no savepoint, and so no round trips. Who wants to catch an error and go on uses
    ``transaction.atomic`` around what may fail.
    """
    with transaction.atomic(savepoint=not _is_open.get()):
        token = _is_open.set(True)
        try:
            yield
        finally:
            _is_open.reset(token)
    note_write()


def in_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """Runs ``function`` in ``one_transaction``; after a deadlock again, up to 3 times, jittered.

    Inside another transaction there is no trying again: that is for the outermost one.
    """

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        retries = 0 if transaction.get_connection().in_atomic_block else RETRIES
        for retry in range(retries):
            try:
                with one_transaction():
                    return function(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in RETRIED_SQLSTATES:
                    raise
                time.sleep(random.uniform(0.01, 0.05) * (retry + 1))  # noqa: S311 (no secret)
        with one_transaction():
            return function(*args, **kwargs)

    return wrapper
