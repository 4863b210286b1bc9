"""One shape for every error of the API: RFC 9457 problem details with a stable code."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from waitlessq.errors import (
    DATABASE_GONE,
    PROBLEM_CONTENT_TYPE,
    RETRY_AFTER_SECONDS,
    DomainError,
    problem,
)
from waitlessq.limits import TooManyRequestsError


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler; None lets an unknown error become a 500."""
    headers: dict[str, str] = {}
    if isinstance(error, DomainError):
        body = problem(error.status, error.code, error.title, error.detail, error.data)
        if isinstance(error, TooManyRequestsError):
            headers = {"Retry-After": str(error.data["retry_after"])}
    elif isinstance(error, exceptions.ValidationError):
        fields = list(_field_errors(error.get_full_details()))
        detail = "; ".join(_sentence(f) for f in fields)
        body = problem(
            error.status_code,
            "invalid-input",
            "The request is not valid",
            detail,
            {"errors": fields},
        )
    elif isinstance(error, exceptions.APIException):
        headers = _headers(error)
        status = HTTPStatus(error.status_code)
        body = problem(status, _code(error), status.phrase, str(error.detail))
    elif isinstance(error, Http404):
        body = problem(404, "not-found", "Not found", "There is nothing at this address.")
    elif isinstance(error, PermissionDenied):
        body = problem(403, "forbidden", "Not allowed", "Your role does not allow this.")
    elif isinstance(error, DATABASE_GONE):
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        body = problem(
            503, "unavailable", "Not available", "The database does not answer. Try again."
        )
    else:
        return None
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=PROBLEM_CONTENT_TYPE)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait_seconds := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait_seconds))
    return headers


def _code(error: exceptions.APIException) -> str:
    codes = {
        exceptions.NotAuthenticated: "not-signed-in",
        exceptions.AuthenticationFailed: "credentials-refused",
        exceptions.PermissionDenied: "forbidden",
        exceptions.ParseError: "malformed-body",
    }
    return codes.get(type(error), error.default_code.replace("_", "-"))


def _field_errors(details: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flattens nested serializer errors into one entry per message, ``field`` with dots."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {"field": path, "code": str(details["code"]), "message": str(details["message"])}
    elif isinstance(details, dict):
        for name, inner in details.items():
            # Errors of the whole object belong to the object.
            inner_path = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from _field_errors(inner, inner_path)
    else:
        for inner in details:
            yield from _field_errors(inner, path)


def _sentence(entry: dict[str, str]) -> str:
    return f"{entry['field']}: {entry['message']}" if entry["field"] else entry["message"]
