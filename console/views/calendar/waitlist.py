"""The wait list: who would take a time that becomes free, and what is kept for them now."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from appointments.errors import OfferOverError
from appointments.models import WaitlistEntry, WaitlistState
from appointments.questions import answers_in, asked
from appointments.selectors import bookable_policy, held_names, open_offer, waitlist_for
from appointments.services.bookings import Details
from appointments.services.offers import offer_accept, offer_refuse
from appointments.services.waitlist import waitlist_leave
from appointments.words import when
from console.views.guard import for_members
from events import idempotency
from providers.actors import Actor
from providers.models import Role
from waitlessq import clock
from waitlessq.db.reading import newest
from waitlessq.errors import DomainError, NotFoundError
from waitlessq.forms import whole_number

SHOWN = 200
Form = Mapping[str, str]


@require_safe
@newest
@for_members(Role.STAFF)
def waitlist(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everybody who waits for a time, those to whom one is offered first."""
    return _page(request, actor)


@require_POST
@for_members(Role.STAFF)
def act(request: HttpRequest, actor: Actor, entry_id: int, answer: str) -> HttpResponse:
    """What they said by phone; once for each time the page was shown, however often it is sent."""
    if answer not in SAID_BY_PHONE:
        raise Http404

    def effect() -> idempotency.Answer:
        said = SAID_BY_PHONE[answer](actor, entry_id, request.POST)
        return idempotency.Answer(HTTPStatus.OK, json.dumps(said))

    try:
        done = idempotency.run_once(
            scope=f"provider:{actor.provider.pk}/{actor.name}/waitlist:{entry_id}/{answer}",
            key=idempotency.form_key(request.POST.get("key", "")),
            fingerprint="",
            effect=effect,
        )
    except NotFoundError:
        raise Http404 from None
    except OfferOverError as error:
        return _page(request, actor, gettext("It is not kept for them any more."), error.status)
    except DomainError as error:
        return _page(request, actor, error.detail, error.status, entry_id)
    messages.success(request, json.loads(done.body))
    return redirect("console-waitlist", actor.provider.slug)


def _accept(actor: Actor, entry_id: int, form: Form) -> str:
    details = Details(answers=answers_in(form))
    booked = offer_accept(actor=actor, entry_id=entry_id, offer_id=_offer(form), details=details)
    return gettext("Booked: %(time)s.") % {"time": when(booked.starts_at, booked.location.zone)}


def _refuse(actor: Actor, entry_id: int, form: Form) -> str:
    offer_refuse(actor=actor, entry_id=entry_id, offer_id=_offer(form))
    return gettext("They wait on; the time is offered to the next.")


def _leave(actor: Actor, entry_id: int, form: Form) -> str:
    waitlist_leave(actor=actor, entry_id=entry_id)
    return gettext("They are not on the wait list any more.")


def _offer(form: Form) -> int:
    return whole_number(form.get("offer", "")) or 0


SAID_BY_PHONE: Mapping[str, Callable[[Actor, int, Form], str]] = {
    "accept": _accept,
    "refuse": _refuse,
    "leave": _leave,
}


def _page(
    request: HttpRequest,
    actor: Actor,
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    entry_id: int = 0,
) -> HttpResponse:
    found = waitlist_for(actor).filter(state=WaitlistState.WAITING, last__gt=clock.now())
    found = found.select_related("location", "service", "resource", "customer")
    waiting = found.prefetch_related("customer__contact_points").order_by("id")[:SHOWN]
    rows = [_row(one, request.POST if one.pk == entry_id else {}) for one in waiting]
    context = {
        "provider": actor.provider,
        "screen": "calendar",
        "rows": sorted(rows, key=lambda row: row["offer"] is None),
        "problem": problem,
    }
    return render(request, "console/waitlist.html", context, status=status)


def _row(entry: WaitlistEntry, typed: Form) -> dict[str, Any]:
    zone, offer = entry.location.zone, open_offer(entry)
    policy = bookable_policy(entry.service_id) if offer else None
    return {
        "entry": entry,
        "first": when(entry.first, zone),
        "last": when(entry.last, zone),
        "offer": offer,
        "time": offer and when(offer.starts_at, zone),
        "until": offer and f"{offer.expires_at.astimezone(zone):%H:%M}",
        "names": ", ".join(held_names(offer)) if offer else "",
        "questions": asked(policy.questions, answers_in(typed)) if policy else [],
        "key": uuid4(),
    }
