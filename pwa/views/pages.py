"""Pages for customers that need no script, no account and no install: join, wait, leave.

A ticket's token is kept in a cookie that only these pages of its provider are sent, so it stands
in no address and no log.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from itertools import islice
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_scopes import scope

from events import idempotency
from providers.actors import Actor
from providers.models import Provider
from providers.selectors import provider_by_slug
from pwa.views.people import PersonForm
from pwa.views.waits import WaitText, wait_text
from queues import selectors
from queues.models import Queue, QueueStatus, Source, Ticket, TicketState
from queues.opening import opening_words
from queues.services.tickets import (
    ticket_cancel,
    ticket_defer,
    ticket_join,
    ticket_postpone,
    ticket_rejoin,
    ticket_return_early,
)
from queues.snapshot import read_snapshot, read_snapshots
from queues.tokens import ticket_id_from, token_for
from queues.why import why_before
from waitlessq import clock
from waitlessq.db.reading import newest
from waitlessq.errors import DomainError, InvalidInputError

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Provider, P], HttpResponse]

COOKIE = "ticket"
COOKIE_SECONDS = 24 * 3600
LIVE_STATES = {
    TicketState.WAITING,
    TicketState.CALLED,
    TicketState.SERVING,
    TicketState.ON_HOLD,
    TicketState.DEFERRED,
}
# The Line draws so many people, and says the number of the others.
BARS = 12
# The buttons name the numbers.
LET_AHEAD = 2
MORE_MINUTES, MORE_MINUTES_WHEN_CALLED = 10, 5


def for_everybody(view: View[P]) -> Callable[..., HttpResponse]:
    """Finds the provider of a page and puts it in scope; answers are nobody else's to keep."""

    @never_cache
    @wraps(view)
    def found(
        request: HttpRequest, provider: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        row = provider_by_slug(provider)
        if row is None:
            raise Http404
        with scope(provider=row):
            return view(request, row, *args, **kwargs)

    return found


@require_safe
@for_everybody
def home(request: HttpRequest, provider: Provider) -> HttpResponse:
    """What can I queue for, and how long would I wait?"""
    return _home(request, provider)


@require_http_methods(["GET", "POST"])
@for_everybody
def join(request: HttpRequest, provider: Provider, queue_id: int) -> HttpResponse:
    """Issues a ticket, once for each time the form was shown, however often it is sent.

    Where the queue asks who joins there is a form of its own, which keeps what was typed.
    """
    queue = Queue.objects.filter(pk=queue_id).first()
    if queue is None:
        raise Http404
    if request.method != "POST":
        return _person_asked(request, provider, queue)
    form = PersonForm(queue, request.POST)
    key = idempotency.form_key(request.POST.get("key", ""))
    answer = _issue_once(provider, form, key)
    if answer is None:
        return _not_joined(request, provider, form, key)
    return to_ticket(provider, json.loads(answer.body)["ticket"])


def to_ticket(provider: Provider, ticket_id: int) -> HttpResponse:
    """Leads to the page of a ticket that this browser holds from now on."""
    response = redirect("customer-ticket", provider.slug)
    response.set_cookie(
        COOKIE,
        token_for(ticket_id),
        max_age=COOKIE_SECONDS,
        path=reverse("customer-home", args=[provider.slug]),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_safe
@newest
@for_everybody
def ticket(request: HttpRequest, provider: Provider) -> HttpResponse:
    """My ticket and my place; for htmx the part that changes, 204 when nothing did."""
    held = _held_ticket(request, provider)
    if held is None:
        return redirect("customer-home", provider.slug)
    return _ticket(request, provider, held)


@require_safe
@for_everybody
def why(request: HttpRequest, provider: Provider) -> HttpResponse:
    """My ticket, and why the number in ``?code=`` was called before it."""
    held = _held_ticket(request, provider)
    if held is None:
        return redirect("customer-home", provider.slug)
    try:
        answer = why_before(held, request.GET.get("code", "")).detail
    except DomainError as error:
        return _ticket(request, provider, held, problem=error.detail, status=error.status)
    return _ticket(request, provider, held, answer=answer)


@require_POST
@for_everybody
def leave(request: HttpRequest, provider: Provider) -> HttpResponse:
    """I leave: the next person moves up. A second time changes nothing."""

    def do(held: Ticket) -> None:
        if held.state in LIVE_STATES:
            ticket_cancel(actor=Actor.customer(provider), ticket_id=held.pk)

    return _done_by_holder(request, provider, do)


@require_POST
@for_everybody
def rejoin(request: HttpRequest, provider: Provider) -> HttpResponse:
    """I missed my call and am here now. A second time changes nothing."""

    def do(held: Ticket) -> None:
        if held.state not in LIVE_STATES:
            ticket_rejoin(actor=Actor.customer(provider), ticket_id=held.pk)

    return _done_by_holder(request, provider, do)


@require_POST
@for_everybody
def defer(request: HttpRequest, provider: Provider) -> HttpResponse:
    """I let two people go first, or the one there is; once for each time the form was shown."""

    def do(held: Ticket) -> None:
        ticket_defer(actor=Actor.customer(provider), ticket_id=held.pk, people=LET_AHEAD)

    return _done_by_holder(request, provider, _once(request, provider, "defer", do))


@require_POST
@for_everybody
def postpone(request: HttpRequest, provider: Provider) -> HttpResponse:
    """I need some more minutes; once for each time the form was shown."""

    def do(held: Ticket) -> None:
        is_called = held.state == TicketState.CALLED
        minutes = MORE_MINUTES_WHEN_CALLED if is_called else MORE_MINUTES
        ticket_postpone(actor=Actor.customer(provider), ticket_id=held.pk, minutes=minutes)

    return _done_by_holder(request, provider, _once(request, provider, "postpone", do))


@require_POST
@for_everybody
def come_back(request: HttpRequest, provider: Provider) -> HttpResponse:
    """I am ready before the time that I asked for. A second time changes nothing."""

    def do(held: Ticket) -> None:
        if held.state == TicketState.DEFERRED:
            ticket_return_early(actor=Actor.customer(provider), ticket_id=held.pk)

    return _done_by_holder(request, provider, do)


def _once(
    request: HttpRequest, provider: Provider, what: str, do: Callable[[Ticket], None]
) -> Callable[[Ticket], None]:
    """Does it once for each time the form was shown."""

    def do_once(held: Ticket) -> None:
        def effect() -> idempotency.Answer:
            do(held)
            return idempotency.Answer(HTTPStatus.OK, "{}")

        idempotency.run_once(
            scope=f"provider:{provider.pk}/ticket:{held.pk}/pages",
            key=idempotency.form_key(request.POST.get("key", "")),
            fingerprint=what,
            effect=effect,
        )

    return do_once


def _done_by_holder(
    request: HttpRequest, provider: Provider, do: Callable[[Ticket], None]
) -> HttpResponse:
    held = _held_ticket(request, provider)
    if held is None:
        return redirect("customer-home", provider.slug)
    try:
        do(held)
    except DomainError as error:
        return _ticket(request, provider, held, problem=error.detail, status=HTTPStatus.CONFLICT)
    return redirect("customer-ticket", provider.slug)


def _home(
    request: HttpRequest,
    provider: Provider,
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    held = _held_ticket(request, provider)
    lines = selectors.lines_now(Actor.customer(provider))
    snapshots = read_snapshots(line.queue for line in lines)
    context = {
        "provider": provider,
        "lines": [
            (line, _newcomer_text(line, snapshots.get(line.queue.pk)), _opening(line.queue))
            for line in lines
        ],
        "held": held if held is not None and held.state in LIVE_STATES else None,
        "key": uuid.uuid4(),
        "problem": problem,
    }
    return render(request, "pwa/home.html", context, status=status)


@dataclass(frozen=True, slots=True)
class _Opening:
    """Whether a queue can be joined from here now; else when, and when it opens, in words."""

    is_joinable: bool
    opens: str
    joins_from: str


def _opening(queue: Queue) -> _Opening:
    now, zone = clock.now(), queue.location.zone
    opens_at, joins_from = queue.opens_at, queue.joins_from
    if queue.status in {QueueStatus.OPEN, QueueStatus.PAUSED} or (opens_at and opens_at <= now):
        opens_at = joins_from = None
    is_early = joins_from is not None and joins_from <= now
    return _Opening(
        is_joinable=queue.remote_join and (queue.status == QueueStatus.OPEN or is_early),
        opens=opening_words(opens_at, zone, now) if opens_at else "",
        joins_from=(
            opening_words(joins_from, zone, now)
            if joins_from and queue.early_join and queue.remote_join and not is_early
            else ""
        ),
    )


def _newcomer_text(line: selectors.Line, snapshot: dict[str, Any] | None) -> WaitText | None:
    """How long who joins now waits; None if nobody can tell."""
    wait = snapshot and snapshot["newcomer"]
    return wait_text(wait, line.waiting) if wait else None


def _person_asked(request: HttpRequest, provider: Provider, queue: Queue) -> HttpResponse:
    if queue.is_anonymous:
        return redirect("customer-home", provider.slug)
    context = {"provider": provider, "form": PersonForm(queue), "key": uuid.uuid4()}
    return render(request, "pwa/join.html", context)


def _issue_once(provider: Provider, form: PersonForm, key: str) -> idempotency.Answer | None:
    """The ticket's id; None when the form now says what is wrong."""
    if not form.is_valid():
        return None
    try:
        return idempotency.run_once(
            scope=f"provider:{provider.pk}/queue:{form.queue.pk}/pages",
            key=key,
            fingerprint=str(form.queue.pk),
            effect=lambda: _issue(provider, form),
        )
    except InvalidInputError as error:
        form.add_error(error.data["errors"][0]["field"], error.detail)
    except DomainError as error:
        form.add_error(None, error.detail)
    return None


def _issue(provider: Provider, form: PersonForm) -> idempotency.Answer:
    issued = ticket_join(
        actor=Actor.customer(provider),
        queue_id=form.queue.pk,
        source=Source.PWA,
        person=form.person,
        people=form.people,
    )
    return idempotency.Answer(HTTPStatus.CREATED, json.dumps({"ticket": issued.pk}))


def _not_joined(
    request: HttpRequest, provider: Provider, form: PersonForm, key: str
) -> HttpResponse:
    """Says why, and keeps what was typed."""
    problems = form.non_field_errors()
    status = HTTPStatus.CONFLICT if problems else HTTPStatus.BAD_REQUEST
    if form.queue.is_anonymous:
        said = next(iter(form.errors.values()))[0]
        return _home(request, provider, problem=str(said), status=status)
    context = {"provider": provider, "form": form, "key": key}
    return render(request, "pwa/join.html", context, status=status)


def _held_ticket(request: HttpRequest, provider: Provider) -> Ticket | None:
    ticket_id = ticket_id_from(request.COOKIES.get(COOKIE, ""))
    if ticket_id is None:
        return None
    tickets = Ticket.objects.select_related("queue__location", "counter")
    return tickets.filter(pk=ticket_id, provider=provider).first()


def _ticket(
    request: HttpRequest,
    provider: Provider,
    held: Ticket,
    *,
    problem: str = "",
    answer: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    standing = selectors.standing(held)
    place = standing.position
    snapshot = None if place is None else read_snapshot(held.queue)
    wait = _wait(held, place, snapshot)
    back_at = held.deferred_until
    stamp = f"{held.state}-{held.call_count}-{place}-{wait and wait.stamp}"
    stamp += f"-{back_at:%H%M}" if back_at else ""
    called = snapshot["called"] if snapshot else []
    last_called = called[0]["code"] if called else ""
    stamp += f"-{last_called}-{standing.called_by_mistake:d}"
    come_by = held.come_by
    is_part = request.headers.get("HX-Request") is not None
    if is_part and request.GET.get("since") == stamp:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    ahead = (place or 1) - 1
    now, zone = clock.now(), held.queue.location.zone
    until = held.rejoin_until
    if until is not None and until < now:
        until = None
    context = {
        "provider": provider,
        "ticket": held,
        "ahead": ahead,
        "wait": wait,
        "bars": range(min(ahead, BARS)),
        "more": max(0, ahead - BARS),
        "is_live": held.state in LIVE_STATES,
        "rejoin_until": until and until.astimezone(zone).replace(tzinfo=None),
        "come_by": come_by and come_by.astimezone(zone).replace(tzinfo=None),
        "back_at": back_at and opening_words(back_at, zone, now),
        "opens": _opening(held.queue).opens,
        "is_earlier": held.business_date < now.astimezone(zone).date(),
        "as_of": now.astimezone(zone).replace(tzinfo=None),
        "stamp": stamp,
        "key": uuid.uuid4(),
        "problem": problem,
        "answer": answer,
        "last_called": last_called,
        "called_by_mistake": standing.called_by_mistake,
    }
    template = "pwa/_ticket.html" if is_part else "pwa/ticket.html"
    return render(request, template, context, status=status)


def _wait(held: Ticket, place: int | None, snapshot: Mapping[str, Any] | None) -> WaitText | None:
    """What the queue's snapshot says of the ticket, if it has it at that very place."""
    if place is None or snapshot is None:
        return None
    there = zip(snapshot["waiting"], snapshot["waits"], strict=False)
    code, wait = next(islice(there, place - 1, None), ("", None))
    return wait_text(wait, place - 1) if wait and code == held.code else None
