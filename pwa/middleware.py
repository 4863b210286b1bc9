"""Apps at host names of their own, and what pages there may ask of the platform."""

from collections.abc import Callable
from http import HTTPMethod, HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.utils.cache import patch_vary_headers

from appointments.api.public import APPOINTMENT_HEADER, HOLD_HEADER
from appointments.api.waitlist import WAITLIST_HEADER
from pwa.selectors import is_app_origin, slug_at
from queues.api.public import TOKEN_HEADER
from waitlessq.limits import PUBLIC_API

STRICT_TRANSPORT = "Strict-Transport-Security"
ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": (
        f"Content-Type, If-None-Match, Idempotency-Key, {TOKEN_HEADER}, {APPOINTMENT_HEADER}, "
        f"{HOLD_HEADER}, {WAITLIST_HEADER}"
    ),
    "Access-Control-Max-Age": "600",
}
EXPOSED = "Age, Date, ETag, Idempotency-Replayed, Retry-After"
GetResponse = Callable[[HttpRequest], HttpResponse]


class AppHostMiddleware:
    """Answers at a provider's own host name with its app, as if it were asked for under /p/.

    Besides the app there are the public API, shared files and the pages without script; nothing
    else of the platform is at such a name: no console, nobody signed in.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = request.META.get("HTTP_HOST", "")
        name, _ = split_domain_port(host)
        if not name or validate_host(name, _our_hosts()):
            return self.get_response(request)
        slug = slug_at(name)
        if slug is None:
            # Refused by whoever asks for the host, as any name that is nobody's.
            return self.get_response(request)
        # Verified, so it is allowed though no setting says so.
        request.get_host = lambda: host  # type: ignore[method-assign]
        if not request.path_info.startswith(_at_every_host(slug)):
            request.path_info = request.path = f"/p/{slug}{request.path_info}"
        response = self.get_response(request)
        if response.has_header(STRICT_TRANSPORT):
            # What else is below the provider's domain is not ours to decide on.
            response[STRICT_TRANSPORT] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response


class AppOriginMiddleware:
    """Lets pages at verified domains ask the public API from elsewhere, without cookies (CORS)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PUBLIC_API):
            return self.get_response(request)
        origin = request.headers.get("Origin", "")
        is_allowed = _is_from_elsewhere(request, origin) and is_app_origin(origin)
        asks_first = request.method == HTTPMethod.OPTIONS and is_allowed
        response = (
            HttpResponse(status=HTTPStatus.NO_CONTENT, headers=ALLOWED)
            if asks_first
            else self.get_response(request)
        )
        if is_allowed:
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Expose-Headers"] = EXPOSED
        patch_vary_headers(response, ["Origin"])
        return response


def _is_from_elsewhere(request: HttpRequest, origin: str) -> bool:
    """Browsers name the origin of posts to their own host, too: nobody need be asked about it."""
    _, _, host = origin.partition("://")
    name, _ = split_domain_port(host)
    return host not in {"", request.META.get("HTTP_HOST")} and not validate_host(name, _our_hosts())


def _our_hosts() -> list[str]:
    local = [".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else []
    return settings.ALLOWED_HOSTS or local


def _at_every_host(slug: str) -> tuple[str, ...]:
    return (PUBLIC_API, "/static/", "/language/", f"/q/{slug}/", f"/p/{slug}/")
