"""The generated apps, as the local stack serves them; in production the edge does.

Only the links and files in ``PWA_ROOT`` are asked, no database, unless there is no such file.
"""

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext
from django.views.decorators.clickjacking import (
    xframe_options_exempt,
    xframe_options_sameorigin,
)
from django.views.decorators.http import require_safe
from django_scopes import scope

from providers.selectors import provider_by_slug
from pwa import storage
from pwa.bundle import content_security_policy, origin_of
from pwa.selectors import embedding_origins, previewed_build
from waitlessq.errors import RETRY_AFTER_SECONDS

logger = logging.getLogger(__name__)

ENTRY, WORKER = "index.html", "sw.js"
SELF = "'self'"


def from_storage(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Says so where files can not be read; with a 404 phones would take the app for gone."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except OSError:
            logger.exception("Apps can not be read.")
            detail = gettext("The files can not be read now. Try again in a moment.")
            status = HTTPStatus.SERVICE_UNAVAILABLE
            response = render(request, "error.html", {"detail": detail}, status=status)
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
            response["Cache-Control"] = "no-store"
            return response

    return answered


@require_safe
@xframe_options_sameorigin
@from_storage
def entry(request: HttpRequest, provider: str) -> HttpResponseBase:
    """The app's one page; a friendly 404 where none is published yet."""
    return _answer(request, provider, ENTRY) or _not_yet(request, provider)


@require_safe
@xframe_options_sameorigin
@from_storage
def file(request: HttpRequest, provider: str, name: str) -> HttpResponseBase:
    """A file of the version that is live."""
    response = _answer(request, provider, name)
    if response is None:
        raise Http404
    return response


@require_safe
@xframe_options_exempt
@from_storage
def embedded(request: HttpRequest, provider: str) -> HttpResponseBase:
    """The app's one page for frames on the sites that its provider allows.

    Never kept: who may show it is said with each answer.
    """
    row = provider_by_slug(provider)
    digest = storage.current_digest(provider)
    content = None if digest is None else storage.read_file(provider, digest, ENTRY)
    if row is None or content is None:
        return _not_yet(request, provider)
    with scope(provider=row):
        origins = embedding_origins()
    response = HttpResponse(content, content_type=storage.CONTENT_TYPES["html"])
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = _policy(origins)
    return response


@require_safe
@xframe_options_sameorigin
@from_storage
def preview(request: HttpRequest, provider: str, key: str, name: str = "") -> HttpResponseBase:
    """A file of one version, published or not, for whoever has its address."""
    version = previewed_build(provider, key)
    # Its worker would keep the app on the phone, under an address that does not last.
    if version is None or name == WORKER:
        raise Http404
    response = _file_of(request, provider, version.digest, name or ENTRY)
    if response is None:
        raise Http404
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _answer(request: HttpRequest, slug: str, name: str) -> HttpResponseBase | None:
    digest = storage.current_digest(slug)
    if digest is None:
        return None
    return _file_of(request, slug, digest, name)


def _file_of(request: HttpRequest, slug: str, digest: str, name: str) -> HttpResponseBase | None:
    content_type = storage.CONTENT_TYPES.get(name.rpartition(".")[2])
    if content_type is None:
        return None
    content = storage.read_file(slug, digest, name)
    if content is None and storage.HASHED.search(name):
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
    response["Cache-Control"] = storage.cache_control(name)
    response["Content-Security-Policy"] = _policy()
    return response


def _policy(origins: Sequence[str] = ()) -> str:
    """What the app may load; ``origins`` may have it in a frame."""
    streams = origin_of(settings.STREAMS_URL)
    policy = content_security_policy(*([streams] if streams else []))
    return f"{policy}; frame-ancestors {' '.join([SELF, *origins])}"


def _not_yet(request: HttpRequest, slug: str) -> HttpResponse:
    provider = provider_by_slug(slug)
    if provider is None:
        raise Http404
    context = {"provider": provider}
    response = render(request, "pwa/app/not_yet.html", context, status=HTTPStatus.NOT_FOUND)
    response["Cache-Control"] = "no-store"
    return response
