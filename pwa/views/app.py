"""The generated apps, as the local stack serves them; in production the edge does.

Only the links and files in ``PWA_ROOT`` are asked, no database, unless there is no such file.
"""

import re
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.clickjacking import (
    xframe_options_exempt,
    xframe_options_sameorigin,
)
from django.views.decorators.http import require_safe
from django_scopes import scope

from providers.selectors import provider_by_slug
from pwa import storage
from pwa.selectors import embedding_origins

CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}
# The name says what is in it, so it may be kept for ever; all else is asked for each time.
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+\Z")
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
@xframe_options_sameorigin
def entry(request: HttpRequest, provider: str) -> HttpResponseBase:
    """The app's one page; a friendly 404 where none is published yet."""
    return _answer(request, provider, "index.html") or _not_yet(request, provider)


@require_safe
@xframe_options_sameorigin
def file(request: HttpRequest, provider: str, name: str) -> HttpResponseBase:
    """A file of the version that is live."""
    response = _answer(request, provider, name)
    if response is None:
        raise Http404
    return response


@require_safe
@xframe_options_exempt
def embedded(request: HttpRequest, provider: str) -> HttpResponseBase:
    """The app's one page for frames on the sites that its provider allows.

    Never kept: who may show it is said with each answer.
    """
    row = provider_by_slug(provider)
    digest = storage.current_digest(provider)
    content = None if digest is None else storage.read_file(provider, digest, "index.html")
    if row is None or content is None:
        return _not_yet(request, provider)
    with scope(provider=row):
        origins = embedding_origins()
    response = HttpResponse(content, content_type=CONTENT_TYPES["html"])
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = content_security_policy(origins)
    return response


def content_security_policy(origins: Sequence[str] = ()) -> str:
    """What an app may load: its own, the release's, and the streams; ``origins`` may frame it."""
    streams = urlsplit(settings.STREAMS_URL)
    frames = " ".join(["'self'", *origins])
    connect = f"'self' {streams.scheme}://{streams.netloc}" if streams.netloc else "'self'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"font-src 'self'; connect-src {connect}; manifest-src 'self'; worker-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
    )


def _answer(request: HttpRequest, slug: str, name: str) -> HttpResponseBase | None:
    digest = storage.current_digest(slug)
    content_type = CONTENT_TYPES.get(name.rpartition(".")[2])
    if digest is None or content_type is None:
        return None
    content = storage.read_file(slug, digest, name)
    if content is None and HASHED.search(name):
        # A page of the version before asks for what it was made with.
        content = storage.read_kept_file(slug, name)
    if content is None:
        return None
    # A version's files never change.
    etag = quote_etag(digest)
    response = get_conditional_response(request, etag=etag) or HttpResponse(
        content, content_type=content_type
    )
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER if HASHED.search(name) else "no-cache"
    response["Content-Security-Policy"] = content_security_policy()
    return response


def _not_yet(request: HttpRequest, slug: str) -> HttpResponse:
    provider = provider_by_slug(slug)
    if provider is None:
        raise Http404
    context = {"provider": provider}
    response = render(request, "pwa/app/not_yet.html", context, status=HTTPStatus.NOT_FOUND)
    response["Cache-Control"] = "no-store"
    return response
