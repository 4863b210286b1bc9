"""An entry of the wait list, for whoever has the link out of its mail: take what is offered."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from appointments import selectors
from appointments.errors import OfferOverError
from appointments.models import WaitlistEntry, WaitlistState
from appointments.questions import answers_in, asked
from appointments.services.bookings import Details
from appointments.services.offers import offer_accept, offer_refuse
from appointments.services.waitlist import waitlist_leave
from appointments.tokens import WAITLIST, appointment_token
from appointments.words import when
from events import idempotency
from providers.actors import Actor
from pwa.views.links import by_link
from pwa.views.look import page_theme
from waitlessq.errors import DomainError, NotFoundError
from waitlessq.forms import whole_number

for_entry = by_link(WAITLIST, selectors.public_entry)


@require_safe
@for_entry
def waiting(request: HttpRequest, entry: WaitlistEntry, token: str) -> HttpResponse:
    """What I wait for, and what is kept for me now."""
    return _page(request, entry, token)


@require_POST
@for_entry
def accept(request: HttpRequest, entry: WaitlistEntry, token: str) -> HttpResponse:
    """I take it: leads to the booking's page, once more as well."""
    offer_id = _offer_id(request)
    answers = answers_in(request.POST)

    def effect() -> idempotency.Answer:
        booked = offer_accept(
            actor=Actor.customer(entry.provider),
            entry_id=entry.pk,
            offer_id=offer_id,
            details=Details(answers=answers, source="waitlist"),
        )
        return idempotency.Answer(HTTPStatus.CREATED, json.dumps({"appointment": booked.pk}))

    try:
        answer = idempotency.run_once(
            scope=f"provider:{entry.provider_id}/waitlist:{entry.pk}/pages",
            key=f"accept-offer-{offer_id:020}",
            fingerprint=str(offer_id),
            effect=effect,
        )
    except NotFoundError:
        return _page(request, entry, token, problem=_over())
    except DomainError as error:
        return _page(request, entry, token, problem=error, answers=answers)
    return redirect("booking", appointment_token(json.loads(answer.body)["appointment"]))


@require_POST
@for_entry
def refuse(request: HttpRequest, entry: WaitlistEntry, token: str) -> HttpResponse:
    """Not this time. A second time changes nothing."""
    try:
        offer_refuse(
            actor=Actor.customer(entry.provider), entry_id=entry.pk, offer_id=_offer_id(request)
        )
    except OfferOverError:
        pass
    except NotFoundError:
        return _page(request, entry, token, problem=_over())
    return redirect("waiting", token)


@require_POST
@for_entry
def leave(request: HttpRequest, entry: WaitlistEntry, token: str) -> HttpResponse:
    """I wait no more. A second time changes nothing."""
    waitlist_leave(actor=Actor.customer(entry.provider), entry_id=entry.pk)
    return redirect("waiting", token)


def _over() -> OfferOverError:
    return OfferOverError(gettext("This time is not kept for you any more."))


def _offer_id(request: HttpRequest) -> int:
    return whole_number(request.POST.get("offer", "")) or 0


def _page(
    request: HttpRequest,
    entry: WaitlistEntry,
    token: str,
    problem: DomainError | None = None,
    answers: Mapping[str, str] | None = None,
) -> HttpResponse:
    zone = entry.location.zone
    offer = selectors.open_offer(entry)
    policy = selectors.bookable_policy(entry.service_id) if offer else None
    context = {
        "entry": entry,
        "provider": entry.provider,
        "token": token,
        "theme": page_theme(entry.provider.colour),
        "is_waiting": entry.state == WaitlistState.WAITING,
        "first": when(entry.first, zone),
        "last": when(entry.last, zone),
        "offer": offer,
        "time": offer and when(offer.starts_at, zone),
        "until": offer and f"{offer.expires_at.astimezone(zone):%H:%M}",
        "with_whom": ", ".join(selectors.held_names(offer)) if offer else "",
        "questions": asked(policy.questions, answers or {}) if policy else [],
        "problem": problem.detail if problem else "",
    }
    status = problem.status if problem else HTTPStatus.OK
    return render(request, "pwa/waiting.html", context, status=status)
