"""Errors that a caller can act on, and the pages for those that no view handled."""

import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_noop
from psycopg_pool import PoolTimeout

PROBLEM_CONTENT_TYPE = "application/problem+json"
DATABASE_GONE = (OperationalError, InterfaceError, PoolTimeout)
RETRY_AFTER_SECONDS = 2


class DomainError(Exception):
    """A rule of the domain forbids what was asked.

    Subclasses name a stable ``code``, an HTTP ``status`` and a ``title`` that is the same for
    every occurrence; an instance adds the ``detail`` of this one and ``data`` to act on.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT

    def __init__(self, detail: str, **data: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.data = data


class NotFoundError(DomainError):
    """What was named does not exist, or not for the one who asks."""

    code = "not-found"
    title = "Not found"
    status = HTTPStatus.NOT_FOUND


class InvalidInputError(DomainError):
    """A field's value cannot be used; ``data["errors"]`` says which and why."""

    code = "invalid-input"
    title = "The request is not valid"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, errors=[{"field": field, "code": "invalid", "message": message}])


def problem(
    status: int, code: str, title: str, detail: str, data: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """An RFC 9457 problem document. ``code`` is stable; ``data`` adds members to it.

    What it quotes of a bad request may hold what UTF-8 cannot say; that becomes question marks.
    """
    document = {
        **(data or {}),
        "type": f"urn:waitlessq:problem:{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    return {name: _sayable(value) for name, value in document.items()}


def _sayable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_sayable(item) for item in value]
    if isinstance(value, dict):
        return {name: _sayable(item) for name, item in value.items()}
    return value


def _error(request: HttpRequest, status: HTTPStatus, code: str, detail: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(
            problem(status, code, status.phrase, detail),
            status=status,
            content_type=PROBLEM_CONTENT_TYPE,
        )
    # Without the request: who is signed in may be just what can not be found out.
    page = render_to_string("error.html", {"detail": gettext(detail)})
    return HttpResponse(page, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return _error(
        request, HTTPStatus.BAD_REQUEST, "bad-request", gettext_noop("The request is malformed.")
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return _error(
        request, HTTPStatus.FORBIDDEN, "forbidden", gettext_noop("Your role does not allow this.")
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return _error(
        request,
        HTTPStatus.NOT_FOUND,
        "not-found",
        gettext_noop("There is nothing at this address."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; 503 when the database is what failed."""
    if isinstance(sys.exception(), DATABASE_GONE):
        detail = gettext_noop("The database does not answer. Try again in a moment.")
        response = _error(request, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", detail)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return _error(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "server-error",
        gettext_noop(
            "Something failed on our side. Look whether it was applied before you send it again."
        ),
    )
