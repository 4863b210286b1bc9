"""Transactions that are tried again when PostgreSQL asks for it."""

import functools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from django.db import OperationalError, transaction

P = ParamSpec("P")
R = TypeVar("R")

RETRIES = 3
# 40001 serialization_failure, 40P01 deadlock_detected: PostgreSQL rolled back to be asked again.
RETRIED_SQLSTATES = {"40001", "40P01"}


def in_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """Runs ``function`` in one transaction, again (up to 3 times, with jitter) after a deadlock.

    Inside another transaction it joins that one without a savepoint: an error undoes all of it.
    """

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if transaction.get_connection().in_atomic_block:
            with transaction.atomic(savepoint=False):
                return function(*args, **kwargs)
        for retries_left in range(RETRIES, 0, -1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in RETRIED_SQLSTATES:
                    raise
                time.sleep(random.uniform(0.01, 0.05) * (RETRIES + 1 - retries_left))  # noqa: S311
        with transaction.atomic():
            return function(*args, **kwargs)

    return wrapper


@contextmanager
def consistent_read() -> Iterator[None]:
    """Queries inside see the database as of one moment.

    Inside another transaction they see what that one sees: its caller decides.
    """
    connection = transaction.get_connection()
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def sent_together() -> Iterator[None]:
    """Statements inside go to the server without waiting for each other.

    For several writes in a row whose results nobody looks at: one round trip instead of one each.
    The first error rises at the end of the block.
    """
    connection = transaction.get_connection()
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
