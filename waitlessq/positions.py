"""How much of what was written each client must see: a WAL position, kept for a minute.

Browsers carry it themselves, in a signed cookie. For API keys and ticket tokens Redis knows, under
a hash of the credential, that they wrote; the primary is asked for the position only when they
read, which programs that write do seldom. A replica that has not caught up within the minute is
out anyway (``REPLICA_LAG_SECONDS`` is less).
"""

import hashlib
import secrets
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
MARKS_FROM = UNKNOWN + 1
"""From here on a number is no position but the mark of somebody who wrote, each time another one.

A process of the release before this one takes it for a position that no replica reaches.
"""

SETTLE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
end
"""

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
    credential = _credential(request)
    if credential is not None:
        _keep_in_redis(credential)
        return
    response.set_cookie(
        COOKIE,
        SIGNER.sign(str(_position_or_unknown())),
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
        if position is not None:
            return _settled(credential, int(position))
    except RedisError:
        return UNKNOWN
    is_complete = since is not None and time.time() - float(since) > KEPT_SECONDS
    return 0 if is_complete else UNKNOWN


def _settled(credential: str, found: int) -> int:
    """The position that was found; for somebody's mark, where the primary is now.

    Whoever writes at this moment leaves another mark, which stays.
    """
    if found < MARKS_FROM:
        return found
    position = _position_or_unknown()
    if position != UNKNOWN:
        get_redis_connection("default").eval(SETTLE, 1, _key(credential), found, position)
    return position


def _keep_in_redis(credential: str) -> None:
    mark = MARKS_FROM + secrets.randbits(62)
    try:
        get_redis_connection("default").set(_key(credential), mark, ex=KEPT_SECONDS)
    except RedisError:
        _some_were_not_kept.set()


def _key(name: str) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:position:{name}"
