"""One effect for a request that is sent several times.

The effect, and the record of its answer, commit together: a process that dies in between leaves
neither, and the key can be used again. A transaction-scoped advisory lock tells a repeat
that the original still runs; the unique constraint holds even if the lock did not.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.db import IntegrityError, connection
from django.utils.translation import gettext

from events.models import IdempotencyRecord
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import DomainError

# One round trip for both. The record is looked up in the snapshot from before the lock: a request
# that commits in between is caught by the unique constraint.
LOCK_AND_FIND = """
SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)), status, body, fingerprint
FROM (SELECT) AS one LEFT JOIN events_idempotencyrecord ON scope = %s AND key = %s
"""
ADD_RECORD = """
INSERT INTO events_idempotencyrecord (scope, key, fingerprint, status, body, created_at)
VALUES (%s, %s, %s, %s, %s, clock_timestamp())
"""


class RequestRunningError(DomainError):
    """The first request with this key has not been answered yet."""

    code = "request-running"
    title = "The first request with this key still runs"


class KeyReusedError(DomainError):
    """The key belongs to another request."""

    code = "idempotency-key-reused"
    title = "The Idempotency-Key was used for another request"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered: an HTTP status and a JSON body."""

    status: int
    body: str
    is_repeat: bool = False


def form_key(text: str) -> str:
    """The key that a form was shown with, a UUID; anything else is as good as a new form.

    Those who share a scope must not find each other's, so a key that one may think of is none.
    """
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid4())


def fingerprint(method: str, path: str, body: bytes) -> str:
    """SHA-256, in hex, of what must be the same for a request to count as a repeat."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def run_once(*, scope: str, key: str, fingerprint: str, effect: Callable[[], Answer]) -> Answer:
    """Runs ``effect`` in a transaction unless its answer is on record, and returns the answer.

    ``scope`` says who may repeat the key: the same key in two scopes is two keys. What ``effect``
    raises undoes everything, the record included.

    Raises:
        RequestRunningError: the same key is being worked on at this moment.
        KeyReusedError: the key is on record with another fingerprint.
    """
    try:
        return _run_recorded(scope, key, fingerprint, effect)
    except IntegrityError as error:
        if "idempotency_key_is_unique" not in str(error):
            raise
        raise RequestRunningError(gettext("Ask again in a moment.")) from error


@in_transaction
def _run_recorded(scope: str, key: str, fingerprint: str, effect: Callable[[], Answer]) -> Answer:
    record = _lock_and_find(scope, key)
    if record is not None:
        if record.fingerprint != fingerprint:
            raise KeyReusedError("Use a new Idempotency-Key for a new request.")
        return Answer(record.status, record.body, is_repeat=True)
    answer = effect()
    _record(scope, key, fingerprint, answer)
    return answer


def _lock_and_find(scope: str, key: str) -> IdempotencyRecord | None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK_AND_FIND, [f"{scope} {key}", scope, key])
        has_lock, status, body, known_fingerprint = cursor.fetchone()
    if not has_lock:
        raise RequestRunningError(gettext("Ask again in a moment."))
    if status is None:
        return None
    return IdempotencyRecord(
        scope=scope, key=key, status=status, body=body, fingerprint=known_fingerprint
    )


def _record(scope: str, key: str, fingerprint: str, answer: Answer) -> None:
    row: list[Any] = [scope, key, fingerprint, answer.status, answer.body]
    with connection.cursor() as cursor:
        cursor.execute(ADD_RECORD, row)
