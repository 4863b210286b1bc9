"""The clock of a request, for replaying queue logs."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import AuthenticationFailed

from integrations.api.authentication import key_of
from waitlessq import clock
from waitlessq.errors import PROBLEM_CONTENT_TYPE, problem

CLOCK_HEADER = "Replay-Clock"
YEARS = range(1970, 2101)


class ReplayClockMiddleware:
    """Lets a replay key say at what time its request happens (an aware ISO 8601 time).

    Installed only where the setting REPLAY_CLOCK is on, which production does not have.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if CLOCK_HEADER not in request.headers:
            return self.get_response(request)
        try:
            key = key_of(request)
        except AuthenticationFailed:
            key = None
        if key is None or not key.may_replay:
            return _refuse(HTTPStatus.FORBIDDEN, "forbidden", "Only a replay key sets the clock.")
        try:
            at = parse_datetime(request.headers[CLOCK_HEADER])
        except ValueError:
            at = None
        if at is None or at.tzinfo is None or at.year not in YEARS:
            detail = f"{CLOCK_HEADER} takes an ISO 8601 time with an offset, 1970 to 2100."
            return _refuse(HTTPStatus.BAD_REQUEST, "invalid-input", detail)
        with clock.override(at):
            return self.get_response(request)


def _refuse(status: HTTPStatus, code: str, detail: str) -> JsonResponse:
    return JsonResponse(
        problem(status, code, status.phrase, detail),
        status=status,
        content_type=PROBLEM_CONTENT_TYPE,
    )
