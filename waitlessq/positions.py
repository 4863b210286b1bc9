"""How much of what was written each client must see: a WAL position, kept for a minute.

Browsers carry it themselves, in a signed cookie. For API keys and ticket tokens it is in Redis,
under a hash of the credential. A replica that has not caught up within the minute is out anyway
(``REPLICA_LAG_SECONDS`` is less).
"""

import hashlib
import time
from threading import Event

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django_redis import get_redis_connection
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from waitlessq.db.reading import UNKNOWN
from waitlessq.db.replicas import current_position

KEPT_SECONDS = 60
COOKIE = "position"
CREDENTIALS = ("Authorization", "Ticket-Token")
SIGNER = Signer(salt="waitlessq.positions")

_some_were_not_kept = Event()


def find(request: HttpRequest) -> int:
    """The position that a request must see; 0 for whoever wrote nothing lately."""
    credential = _credential(request)
    if credential is not None:
        return _find_in_redis(credential)
    try:
        return int(SIGNER.unsign(request.COOKIES.get(COOKIE, "")))
    except (BadSignature, ValueError):
        return 0


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Notes that whoever sent the request has written until now."""
    position = _position_or_unknown()
    credential = _credential(request)
    if credential is not None:
        _keep_in_redis(credential, position)
        return
    response.set_cookie(
        COOKIE,
        SIGNER.sign(str(position)),
        max_age=KEPT_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _position_or_unknown() -> int:
    try:
        return current_position()
    except (Error, PoolTimeout):
        # It was committed, so it has to be shown, from wherever the primary is by then.
        return UNKNOWN


def _credential(request: HttpRequest) -> str | None:
    for name in CREDENTIALS:
        if text := request.headers.get(name):
            return hashlib.sha256(text.encode()).hexdigest()[:32]
    return None


def _find_in_redis(credential: str) -> int:
    """What Redis knows; nobody can be trusted for a minute after it lost something."""
    try:
        redis = get_redis_connection("default")
        if _some_were_not_kept.is_set():
            redis.set(_key("since"), time.time())
            _some_were_not_kept.clear()
        position, since = redis.mget(_key(credential), _key("since"))
        if since is None:
            redis.set(_key("since"), time.time(), nx=True)
    except RedisError:
        return UNKNOWN
    if position is not None:
        return int(position)
    is_complete = since is not None and time.time() - float(since) > KEPT_SECONDS
    return 0 if is_complete else UNKNOWN


def _keep_in_redis(credential: str, position: int) -> None:
    try:
        get_redis_connection("default").set(_key(credential), position, ex=KEPT_SECONDS)
    except RedisError:
        _some_were_not_kept.set()


def _key(name: str) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:position:{name}"
