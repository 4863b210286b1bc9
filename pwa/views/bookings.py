"""A booking, for whoever has the link out of its mail: seen, moved, cancelled; without script.

A GET changes nothing, since scanners of mail follow links: what is done, a button of the page does.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from itertools import groupby, islice
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments import selectors
from appointments.models import Appointment, AppointmentState
from appointments.selectors import FreeSlot
from appointments.services.bookings import appointment_cancel, appointment_reschedule
from appointments.services.feeds import calendar_feed_mail
from appointments.services.mails import address_of
from appointments.tokens import APPOINTMENT
from appointments.words import when
from providers.actors import Actor
from pwa.views.links import by_link
from pwa.views.look import page_theme
from pwa.views.pages import to_ticket
from queues.services.check_in import asks_for_code, ticket_check_in
from waitlessq import clock
from waitlessq.errors import DomainError
from waitlessq.walltime import instant

DAYS_SEARCHED = 31
DAYS_SHOWN = 3
FARTHEST = timedelta(days=730)
SAID = {
    AppointmentState.PENDING: gettext_noop(
        "You asked for it. You will hear whether it is confirmed."
    ),
    AppointmentState.BOOKED: gettext_noop("Your booking is confirmed."),
    AppointmentState.ARRIVED: gettext_noop("You have arrived."),
    AppointmentState.FULFILLED: gettext_noop("This booking is over."),
    AppointmentState.CANCELLED: gettext_noop("This booking is cancelled."),
    AppointmentState.DECLINED: gettext_noop("This booking could not be taken."),
    AppointmentState.NO_SHOW: gettext_noop("You did not come to this booking."),
}


class Day(NamedTuple):
    """A day with free times: what it is called, and each time as it is sent and as it is read."""

    name: str
    times: list[tuple[str, str]]


for_booking = by_link(APPOINTMENT, selectors.public_appointment)


@require_safe
@for_booking
def booking(request: HttpRequest, booked: Appointment, token: str) -> HttpResponse:
    """What is booked, and what can be done about it."""
    return _booking(request, booked, token)


@require_POST
@for_booking
def cancel(request: HttpRequest, booked: Appointment, token: str) -> HttpResponse:
    """I do not come. A second time changes nothing."""
    if booked.state != AppointmentState.CANCELLED:
        try:
            appointment_cancel(actor=Actor.customer(booked.provider), appointment_id=booked.pk)
        except DomainError as error:
            return _booking(request, booked, token, problem=error)
    return redirect("booking", token)


@require_POST
@for_booking
def check_in(request: HttpRequest, booked: Appointment, token: str) -> HttpResponse:
    """I am here: leads to my ticket. A second time leads to the same one."""
    if booked.state == AppointmentState.ARRIVED:
        ticket_id = booked.check_ins.order_by("-pk").values_list("ticket_id", flat=True).first()
        if ticket_id is None:
            return redirect("booking", token)
        return to_ticket(booked.provider, ticket_id)
    try:
        actor, code = Actor.customer(booked.provider), request.POST.get("code", "")
        ticket = ticket_check_in(actor=actor, appointment_id=booked.pk, code=code)
    except DomainError as error:
        return _booking(request, booked, token, problem=error)
    return to_ticket(booked.provider, ticket.pk)


@require_POST
@for_booking
def feed(request: HttpRequest, booked: Appointment, token: str) -> HttpResponse:
    """Mails where all bookings of its customer can be followed. A second time changes nothing."""
    try:
        calendar_feed_mail(actor=Actor.customer(booked.provider), appointment=booked)
    except DomainError as error:
        return _booking(request, booked, token, problem=error)
    return _booking(request, booked, token, told=gettext("We have written to you."))


@require_http_methods(["GET", "POST"])
@for_booking
def move(request: HttpRequest, booked: Appointment, token: str) -> HttpResponse:
    """The free times, and taking one of them. A second time changes nothing."""
    if request.method != "POST":
        return _times(request, booked, token)
    starts_at = _instant(request.POST.get("starts_at", ""))
    if starts_at is None:
        return _times(request, booked, token, said=gettext("Choose a time."))
    if starts_at != booked.starts_at:
        try:
            appointment_reschedule(
                actor=Actor.customer(booked.provider),
                appointment_id=booked.pk,
                starts_at=starts_at,
            )
        except DomainError as error:
            return _times(request, booked, token, said=error.detail, status=HTTPStatus.CONFLICT)
    return redirect("booking", token)


def _booking(
    request: HttpRequest,
    booked: Appointment,
    token: str,
    problem: DomainError | None = None,
    told: str = "",
) -> HttpResponse:
    zone = booked.location.zone
    is_today = booked.starts_at.astimezone(zone).date() == clock.local_date(zone)
    may_check_in = is_today and booked.state == AppointmentState.BOOKED
    cancel_until = selectors.cancel_until(booked)
    move_until = selectors.reschedule_until(booked)
    people = booked.resources.select_related("resource").order_by("-resource__kind")
    context = _context(booked, token) | {
        "said": gettext(SAID[AppointmentState(booked.state)]),
        "with_whom": ", ".join(row.resource.name for row in people),
        "cancel_until": cancel_until and when(cancel_until, zone),
        "move_until": move_until and when(move_until, zone),
        "is_delayed": selectors.was_delayed(booked),
        "is_to_come": booked.state in {AppointmentState.PENDING, AppointmentState.BOOKED},
        "may_check_in": may_check_in,
        "asks_for_code": may_check_in and asks_for_code(booked),
        "code": request.POST.get("code", ""),
        "has_arrived": booked.state == AppointmentState.ARRIVED,
        "is_reachable": booked.customer is not None and address_of(booked.customer) is not None,
        "told": told,
        "problem": problem.detail if problem else "",
    }
    status = problem.status if problem else HTTPStatus.OK
    return render(request, "pwa/booking.html", context, status=status)


def _times(
    request: HttpRequest,
    booked: Appointment,
    token: str,
    said: str = "",
    status: HTTPStatus = HTTPStatus.BAD_REQUEST,
) -> HttpResponse:
    if selectors.reschedule_until(booked) is None:
        return redirect("booking", token)
    zone = booked.location.zone
    today = clock.local_date(zone)
    first = _day(request.GET.get("first", ""), today)
    days, further = _free_days(booked, first)
    context = _context(booked, token) | {
        "days": days,
        "later": further,
        "is_later": first > today,
        "problem": said,
    }
    return render(
        request, "pwa/booking_times.html", context, status=status if said else HTTPStatus.OK
    )


def _context(booked: Appointment, token: str) -> dict[str, Any]:
    return {
        "booked": booked,
        "provider": booked.provider,
        "token": token,
        "time": when(booked.starts_at, booked.location.zone),
        "theme": page_theme(booked.provider.colour),
    }


def _free_days(booked: Appointment, first: date) -> tuple[list[Day], date | None]:
    """The next days on which it could be instead, and from which day to look further."""
    zone = booked.location.zone
    last = first + timedelta(days=DAYS_SEARCHED)
    found = selectors.free_slots(
        service_id=booked.service_id,
        location=booked.location,
        first=instant(first, time(), zone),
        last=instant(last, time(), zone),
        moving=booked,
    )
    days = groupby(
        (slot for slot in found.slots if slot.starts_at != booked.starts_at),
        key=lambda slot: slot.starts_at.date(),
    )
    shown = [(day, list(slots)) for day, slots in islice(days, DAYS_SHOWN + 1)]
    if len(shown) > DAYS_SHOWN:
        further: date | None = shown.pop()[0]
    else:
        policy = selectors.bookable_policy(booked.service_id)
        ends = (clock.now() + policy.horizon).astimezone(zone).date()
        further = last if last < ends else None
    return [_shown(day, slots) for day, slots in shown], further


def _shown(day: date, slots: Sequence[FreeSlot]) -> Day:
    times = [(slot.starts_at.isoformat(), f"{slot.starts_at:%H:%M}") for slot in slots]
    return Day(date_format(day, "l j F"), times)


def _day(text: str, today: date) -> date:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    return min(max(found or today, today), today + FARTHEST)


def _instant(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
        return None if found is None or found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
