"""Authorization: Bearer wlq_…"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from integrations.keys import find_key
from integrations.models import ApiKey
from providers.actors import Actor
from providers.models import Role
from waitlessq import limits

SCHEME = "bearer"


def key_of(request: HttpRequest) -> ApiKey | None:
    """The API key that a request carries; None without one; looked up once a request.

    Raises:
        AuthenticationFailed: it carries one that is not valid.
    """
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        return None
    found = request.__dict__
    if "api_key" not in found:
        found["api_key"] = find_key(text.strip())
    key: ApiKey | None = found["api_key"]
    if key is None:
        raise AuthenticationFailed("This API key is not valid.")
    return key


class KeyUser(AnonymousUser):
    """No person: what an API key may do is in its actor."""

    is_authenticated = True  # type: ignore[assignment]


class ApiKeyAuthentication(BaseAuthentication):
    """Authenticates by API key; ``request.auth`` is then the key's actor.

    Counts the key's requests: the rate is its provider's, whose plan it is.
    """

    def authenticate(self, request: Request) -> tuple[KeyUser, Actor] | None:
        key = key_of(request._request)
        if key is None:
            return None
        limits.check(request._request, "key", _rate_of(key), str(key.pk))
        return KeyUser(), Actor(key.provider, f"key:{key.pk}", Role(key.role))

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _rate_of(key: ApiKey) -> str:
    per_minute = key.provider.requests_per_minute
    return settings.RATE_PER_KEY if per_minute is None else f"{per_minute}/m"


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes API keys."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key: `wlq_…`."}
