"""What is done in the calendar by a press: once for each form, said, and taken back for a while."""

import json
from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from console.views.calendar.screen import ViewForm, calendar_context, looked_at
from console.views.calendar.undo import Done, offer_undo, offered_undo
from events import idempotency
from providers.actors import Actor
from waitlessq.errors import DomainError

Refused = Callable[[DomainError], HttpResponse]


def pressed(
    request: HttpRequest,
    actor: Actor,
    about: str,
    do: Callable[[], Done],
    refused: Refused | None = None,
) -> HttpResponse:
    """Does it unless the very same form did it before, and shows the calendar after it.

    What the domain forbids is said with status 409, or 400 where what was sent is wrong; without a
    script by ``refused``, else in the calendar. ``about`` says what the form's key is for.
    """
    is_part = request.headers.get("HX-Request") is not None
    status = HTTPStatus.OK
    try:
        done = _once(request, actor, about, do)
    except DomainError as error:
        if refused is not None and not is_part:
            return refused(error)
        done, status = Done(error.detail), shown_status(error)
    is_error = status != HTTPStatus.OK
    if not is_error:
        offer_undo(actor, done)
    looked = looked_at(actor, ViewForm(actor, request.GET))
    if not is_part or looked is None:
        if is_error or not done.undo:
            messages.info(request, done.said)
        here = reverse("console-calendar", args=[actor.provider.slug])
        return redirect(f"{here}?{request.GET.urlencode()}")
    context = calendar_context(actor, looked) | {"is_part": True, "notice": done.said}
    context |= {"notice_is_error": is_error, "undo": None if is_error else offered_undo(actor)}
    return render(request, "console/_calendar.html", context, status=status)


def shown_status(error: DomainError) -> HTTPStatus:
    """A status with which htmx shows what was refused."""
    is_wrong = error.status == HTTPStatus.BAD_REQUEST
    return HTTPStatus.BAD_REQUEST if is_wrong else HTTPStatus.CONFLICT


def _once(request: HttpRequest, actor: Actor, about: str, do: Callable[[], Done]) -> Done:
    """Whoever got no answer tries again."""

    def effect() -> idempotency.Answer:
        return idempotency.Answer(HTTPStatus.OK, json.dumps(asdict(do())))

    answer = idempotency.run_once(
        scope=f"provider:{actor.provider.pk}/{actor.name}/{about}",
        key=idempotency.form_key(request.POST.get("key", "")),
        fingerprint="",
        effect=effect,
    )
    return Done(**json.loads(answer.body))
