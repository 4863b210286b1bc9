"""The kiosk's page: a touch screen in the hall where people take numbers, with nobody signed in.

The device proves itself with a secret in a cookie that only these addresses are sent, like a board.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_bidi, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe
from django_scopes import scope
from rest_framework import serializers as drf

from appointments.selectors import bookable_policies
from events import idempotency
from providers.actors import Actor
from providers.models import Provider, ServiceUse
from pwa.views.screens import ScreenPage
from queues.api.serializers import PublicJoinInput, person_from
from queues.models import Kiosk, Queue, Source, Ticket
from queues.on_site import spaced
from queues.selectors import code_to_show
from queues.services.check_in import ticket_check_in_by_phone
from queues.services.screens import kiosk_ask_help
from queues.services.tickets import ticket_join
from queues.snapshot import read_snapshot, read_snapshots
from queues.tokens import token_for
from waitlessq.db.reading import newest
from waitlessq.errors import PROBLEM_CONTENT_TYPE, DomainError, InvalidInputError, problem
from waitlessq.qr import qr_modules, qr_svg

PAGE = ScreenPage("kiosk", Kiosk)
LONGEST_PHONE = 40


class CheckInInput(drf.Serializer[Any]):
    """The number that was given when booking."""

    phone = drf.CharField(max_length=LONGEST_PHONE)


class JoinInput(PublicJoinInput):
    """What was chosen and typed at a kiosk."""

    queue = drf.IntegerField()


@require_safe
@newest
@never_cache
@ensure_csrf_cookie
def kiosk(request: HttpRequest) -> HttpResponse:
    """The kiosk of the device that asks; else the page that shows a code to pair it with."""
    found = PAGE.asked_by(request)
    if found is None:
        return PAGE.code_page(request)
    with override(found.languages[0]):
        context = {
            "kiosk": found,
            "language": found.languages[0],
            "is_rtl": get_language_bidi(),
            "release": PAGE.release,
        }
        response = render(request, "pwa/kiosk.html", context)
    PAGE.keep(response, request.COOKIES[PAGE.name])
    return response


@require_POST
@never_cache
def pair(request: HttpRequest) -> HttpResponse:
    """A code for the device to show, and the secret that it keeps."""
    return PAGE.pair()


@require_safe
@newest
def data(request: HttpRequest) -> HttpResponseBase:
    """All that the kiosk asks and offers, with an ETag; 403 for a device that is not paired."""
    return PAGE.data(request, partial(_document, request))


@require_POST
@never_cache
def take(request: HttpRequest) -> HttpResponse:
    """Issues a ticket; the same Idempotency-Key gets the same one, however often it is sent."""
    return _answer(request, _take)


@require_POST
@never_cache
def check_in(request: HttpRequest) -> HttpResponse:
    """Issues the ticket of a booking of today, by the phone number; repeated as above."""
    return _answer(request, _check_in)


@require_POST
@never_cache
def call_help(request: HttpRequest) -> HttpResponse:
    """Rings the desks of the location."""

    def ask(request: HttpRequest, found: Kiosk) -> dict[str, Any]:
        kiosk_ask_help(kiosk=found)
        return {}

    return _answer(request, ask)


def _answer(
    request: HttpRequest, do: Callable[[HttpRequest, Kiosk], dict[str, Any]]
) -> HttpResponse:
    """What it does for a paired device; a problem document says what the domain forbids."""
    found = PAGE.asked_by(request)
    if found is None:
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    with scope(provider=found.provider):
        try:
            return JsonResponse(do(request, found), status=HTTPStatus.CREATED)
        except DomainError as error:
            told = problem(error.status, error.code, error.title, error.detail, error.data)
            return JsonResponse(told, status=error.status, content_type=PROBLEM_CONTENT_TYPE)


def _check_in(request: HttpRequest, found: Kiosk) -> dict[str, Any]:
    told = _told(request, CheckInInput)
    return _issued(
        request,
        found,
        lambda actor: ticket_check_in_by_phone(
            actor=actor, location=found.location, phone=told["phone"]
        ),
    )


def _take(request: HttpRequest, found: Kiosk) -> dict[str, Any]:
    told = _told(request, JoinInput)
    queue = found.queues.filter(pk=told["queue"]).first()
    if queue is None:
        raise InvalidInputError("queue", "Choose one of the kiosk's queues.")

    return _issued(
        request,
        found,
        lambda actor: ticket_join(
            actor=actor,
            queue_id=queue.pk,
            source=Source.KIOSK,
            service_id=told.get("service"),
            people=told["people"],
            person=person_from(told),
        ),
    )


def _issued(request: HttpRequest, found: Kiosk, issue: Callable[[Actor], Ticket]) -> dict[str, Any]:
    """What stands on paper of the ticket: issued once, however often the request is sent."""

    def effect() -> idempotency.Answer:
        ticket = issue(Actor(found.provider, f"kiosk:{found.pk}"))
        return idempotency.Answer(HTTPStatus.CREATED, json.dumps({"ticket": ticket.pk}))

    answer = idempotency.run_once(
        scope=f"provider:{found.provider_id}/kiosk:{found.pk}",
        key=idempotency.form_key(request.headers.get("Idempotency-Key", "")),
        fingerprint=idempotency.fingerprint("POST", request.path, request.body),
        effect=effect,
    )
    tickets = Ticket.objects.select_related("queue", "service")
    return _paper(request, tickets.get(pk=json.loads(answer.body)["ticket"]))


def _told(request: HttpRequest, form: type[drf.Serializer[Any]]) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    checked = form(data=body)
    if not checked.is_valid():
        field, problems = next(iter(checked.errors.items()))
        raise InvalidInputError(str(field), str(problems[0]))
    return dict(checked.validated_data)


def _paper(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """What stands on the screen and on paper; nothing personal is on it."""
    # Behind the "#" it reaches no server and no log.
    address = f"{_app(request, ticket.provider)}#/take/{token_for(ticket.pk)}"
    return {
        "code": ticket.code,
        "queue": ticket.queue.name,
        "service": None if ticket.service is None else ticket.service.name,
        "people": ticket.people,
        "joined_at": ticket.issued_at.isoformat(),
        "wait": _wait(ticket),
        "qr": qr_svg(address, omitsize=True, border=0, dark="#000"),
        "modules": qr_modules(address),
    }


def _app(request: HttpRequest, provider: Provider) -> str:
    return request.build_absolute_uri(reverse("app", args=[provider.slug]))


def _wait(ticket: Ticket) -> Any:
    snapshot = read_snapshot(ticket.queue)
    return dict(zip(snapshot["waiting"], snapshot["waits"], strict=False)).get(ticket.code)


def _document(request: HttpRequest, found: Kiosk) -> dict[str, Any]:
    with scope(provider=found.provider):
        queues = list(found.queues.prefetch_related("services").order_by("name", "id"))
        snapshots = read_snapshots(queues)
        services = {service.pk for queue in queues for service in queue.services.all()}
        takes_bookings = bookable_policies().filter(service__in=services).exists()
        code = code_to_show(found.location)
    return {
        "release": PAGE.release,
        "provider": found.provider.name,
        "languages": found.languages,
        "time_zone": found.location.time_zone,
        "paper": found.paper,
        "height_cm": found.height_cm,
        "reach": found.reach,
        "takes_bookings": takes_bookings,
        "on_site": code and _on_site(code, _app(request, found.provider)),
        "queues": [_queue(queue, snapshots[queue.pk]) for queue in queues if queue.pk in snapshots],
    }


def _on_site(code: str, app: str) -> dict[str, str]:
    """What says on a phone that one is there: typed, or scanned."""
    qr = qr_svg(f"{app}#/here/{code}", omitsize=True, border=0, dark="#000")
    return {"code": spaced(code), "qr": qr}


def _queue(queue: Queue, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": queue.pk,
        "name": queue.name,
        "status": snapshot["status"],
        "opens_at": snapshot["opens_at"],
        "asks_name": queue.asks_name,
        "asks_phone": queue.asks_phone,
        "max_people": queue.max_people,
        "services": [
            {"id": service.pk, "name": service.name}
            for service in queue.services.all()
            if service.use != ServiceUse.BOOKING
        ],
    }
