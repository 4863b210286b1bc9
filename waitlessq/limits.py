"""How often one may ask: by API key, by member, by address, and less at what is worth guessing.

django-ratelimit counts in fixed windows, in Redis. While Redis is gone each process counts for
itself: so nobody is shut out, and nothing is ever unlimited.
"""

import ipaddress
import time
from collections.abc import Callable
from functools import lru_cache
from http import HTTPMethod, HTTPStatus
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import ngettext
from django_ratelimit.core import get_usage
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from waitlessq.errors import PROBLEM_CONTENT_TYPE, DomainError, problem
from waitlessq.metrics import LIMITED

# What everybody is answered alike must not depend on who is signed in.
PUBLIC_API = "/api/v1/public/"
SAME_FOR_ALL = (PUBLIC_API, "/p/")
NEVER_LIMITED = ("/livez", "/readyz", "/health")
READS = {HTTPMethod.GET, HTTPMethod.HEAD, HTTPMethod.OPTIONS}
MOST_COUNTED_HERE = 10_000


class TooManyRequestsError(DomainError):
    """Somebody asks too often."""

    code = "too-many-requests"
    title = "Too many requests"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, retry_after_seconds: int) -> None:
        text = ngettext(
            "Too many requests. Try again in %(count)d second.",
            "Too many requests. Try again in %(count)d seconds.",
            retry_after_seconds,
        )
        super().__init__(text % {"count": retry_after_seconds}, retry_after=retry_after_seconds)


def check(request: HttpRequest, name: str, rate: str, who: str) -> None:
    """Counts one more request of ``who`` under this name; notes on the request what is left.

    ``rate`` is a number and a time, e.g. ``100/m`` or ``5/5m``.

    Raises:
        TooManyRequestsError: they were more than the rate.
    """
    if is_unlimited(request):
        return
    usage = get_usage(request, group=name, key=lambda *_: who, rate=rate, increment=True)
    if usage is None:
        return
    # The window ends in this second at the latest.
    seconds_left = max(1, usage["time_left"])
    request.limit = (name, usage["limit"], max(0, usage["limit"] - usage["count"]), seconds_left)  # type: ignore[attr-defined]
    if usage["should_limit"]:
        LIMITED.labels(name).inc()
        raise TooManyRequestsError(seconds_left)


def client_address(request: HttpRequest) -> str:
    """Who is at the other end: behind trusted proxies, whom the last of them names.

    An IPv6 customer has a whole network; it counts as one.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    named = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    while named and _is_in(address, tuple(settings.TRUSTED_PROXIES)):
        address = named.pop().strip() or address
    return _network(address)


def is_unlimited(request: HttpRequest) -> bool:
    """Whether the request is from where nothing is counted."""
    addresses = tuple(settings.RATE_UNLIMITED_ADDRESSES)
    return bool(addresses) and _is_in(client_address(request), addresses)


class RateLimitMiddleware:
    """Counts requests by address, or by member where one is signed in, and POSTs of some routes.

    API keys are counted as well where they are looked up, since the rate is their provider's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(NEVER_LIMITED):
            return self.get_response(request)
        try:
            self._check(request)
        except TooManyRequestsError as error:
            return _refusal(request, error)
        return _say_what_is_left(request, self.get_response(request))

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Counts what is worth guessing, or would fill a queue."""
        route = request.resolver_match.url_name if request.resolver_match else None
        if request.method != HTTPMethod.POST or route not in settings.RATES_OF_POSTS:
            return None
        try:
            for rate, parts in settings.RATES_OF_POSTS[route]:
                who = " ".join(_part(request, part) for part in parts)
                check(request, f"{route} {' '.join(parts)}", rate, who)
        except TooManyRequestsError as error:
            return _refusal(request, error)
        return None

    def _check(self, request: HttpRequest) -> None:
        user_id = request.session.get("_auth_user_id") if _has_session(request) else None
        if user_id is None:
            check(request, "address", settings.RATE_PER_ADDRESS, client_address(request))
        elif request.method in READS and not request.path.startswith("/api/"):
            check(request, "pages", settings.RATE_OF_PAGES, user_id)
        else:
            check(request, "member", settings.RATE_PER_MEMBER, user_id)


class CountingCache(BaseCache):
    """What django-ratelimit counts in: its ``add`` and ``incr`` in one round trip."""

    def __init__(self, *_: Any) -> None:
        super().__init__({})
        self._count = 0

    def add(self, key: str, value: Any, timeout: Any = None, version: Any = None) -> bool:
        self._count = _count(cache.make_key(key), int(timeout))
        return self._count == 1

    def incr(self, key: str, delta: int = 1, version: Any = None) -> int:
        """The count that ``add`` has just come to; each thread has a cache of its own."""
        return self._count


_counted_here: dict[str, tuple[int, float]] = {}
_counting_here = Lock()


def _count(key: str, seconds: int) -> int:
    try:
        pipeline = get_redis_connection("default").pipeline(transaction=False)
        pipeline.set(key, 0, ex=seconds, nx=True)
        pipeline.incr(key)
        return int(pipeline.execute()[1])
    except RedisError:
        return _count_here(key, seconds)


def _count_here(key: str, seconds: int) -> int:
    now = time.monotonic()
    with _counting_here:
        if len(_counted_here) >= MOST_COUNTED_HERE:
            for one in [one for one, (_, until) in _counted_here.items() if until < now]:
                del _counted_here[one]
        if len(_counted_here) >= MOST_COUNTED_HERE:
            _counted_here.clear()
        count, until = _counted_here.get(key, (0, now + seconds))
        if until < now:
            count, until = 0, now + seconds
        _counted_here[key] = (count + 1, until)
        return count + 1


def _has_session(request: HttpRequest) -> bool:
    return (
        settings.SESSION_COOKIE_NAME in request.COOKIES
        # An API key comes first, and nobody is looked up for it here.
        and "Authorization" not in request.headers
        and not request.path.startswith(SAME_FOR_ALL)
    )


def _part(request: HttpRequest, name: str) -> str:
    if name == "address":
        return client_address(request)
    if name == "member":
        return str(request.session.get("_auth_user_id", ""))
    return request.POST.get(name, "").strip().lower()[:254]


@lru_cache(maxsize=1024)
def _is_in(address: str, networks: tuple[str, ...]) -> bool:
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        # A socket of this machine, which only a proxy of ours can write to.
        return address == "" and "unix" in networks
    return any(one in network for network in _networks(networks))


@lru_cache
def _networks(texts: tuple[str, ...]) -> list[Any]:
    return [ipaddress.ip_network(text, strict=False) for text in texts if text != "unix"]


def _network(address: str) -> str:
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(one, ipaddress.IPv6Address):
        if one.ipv4_mapped is not None:
            return str(one.ipv4_mapped)
        return str(ipaddress.ip_network(f"{one}/64", strict=False).network_address)
    return str(one)


def _refusal(request: HttpRequest, error: TooManyRequestsError) -> HttpResponse:
    retry_after = str(error.data["retry_after"])
    if request.path.startswith("/api/"):
        body = problem(error.status, error.code, error.title, error.detail, error.data)
        response: HttpResponse = JsonResponse(
            body, status=error.status, content_type=PROBLEM_CONTENT_TYPE
        )
    else:
        page = render_to_string("error.html", {"detail": error.detail})
        response = HttpResponse(page, status=error.status)
    if request.path.startswith(PUBLIC_API):
        # Not asked whose origin it is: that would cost more than the answer. It tells nothing.
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "Retry-After"
    response["Retry-After"] = retry_after
    response["Cache-Control"] = "no-store"
    return _say_what_is_left(request, response)


def _say_what_is_left(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The ``RateLimit`` fields (draft-ietf-httpapi-ratelimit-headers), of the API's answers."""
    said: tuple[str, int, int, int] | None = getattr(request, "limit", None)
    is_for_all = "public" in response.get("Cache-Control", "")
    if said is not None and request.path.startswith("/api/") and not is_for_all:
        name, limit, left, seconds = said
        response["RateLimit-Policy"] = f'"{name}";q={limit}'
        response["RateLimit"] = f'"{name}";r={left};t={seconds}'
    return response
