"""One booking of the calendar: what is known of it, and everything that is done with it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST, require_safe

from appointments.models import Appointment, Resource, ResourceKind
from appointments.selectors import (
    appointments_for,
    bookable_policy,
    places_of,
    resources_offering,
    second,
)
from appointments.services import bookings
from appointments.slots import Stretch
from appointments.transitions import Change, changes_from
from console.views.calendar.grid import HOUR
from console.views.calendar.presses import pressed, shown_status
from console.views.calendar.screen import ViewForm, looked_at
from console.views.calendar.undo import Done, Form
from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Role
from queues.services.check_in import ticket_check_in, ticket_walk_in
from queues.services.tickets import ticket_cancel
from waitlessq import clock
from waitlessq.db.reading import newest
from waitlessq.errors import DomainError, InvalidInputError
from waitlessq.forms import whole_number

MOST_MINUTES = 24 * 60
MINUTE = timedelta(minutes=1)
WRITTEN = "%Y-%m-%dT%H:%M"


Action = Callable[[Actor, Appointment, Form], Done]


class MoveForm(forms.Form):
    """Another time, person or length; times are those of the location's wall."""

    at = forms.DateTimeField(
        label=gettext_lazy("Time"),
        input_formats=[WRITTEN],
        widget=forms.DateTimeInput({"type": "datetime-local"}, WRITTEN),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=5, max_value=MOST_MINUTES, required=False
    )
    resource = forms.ModelChoiceField(
        label=gettext_lazy("With"),
        queryset=Resource._base_manager.none(),
        required=False,
        empty_label=gettext_lazy("Anybody"),
    )

    def __init__(self, appointment: Appointment, data: Any = None) -> None:
        first = _first_resource(appointment)
        zone = appointment.location.zone
        shown = {
            "at": appointment.starts_at.astimezone(zone).replace(tzinfo=None),
            "minutes": (appointment.ends_at - appointment.starts_at) // MINUTE,
            "resource": first and first.pk,
        }
        super().__init__(data, auto_id="move_%s", initial=shown)
        self.label_suffix = ""
        people: Any = self.fields["resource"]
        policy = bookable_policy(appointment.service_id)
        people.queryset = resources_offering(policy, appointment.location)

    def clean_at(self) -> datetime:
        """The time as it was written: which instant that is, the location's wall says."""
        written: datetime = self.cleaned_data["at"]
        return written.replace(tzinfo=None)


@require_safe
@newest
@for_members(Role.VIEWER)
def booking(request: HttpRequest, actor: Actor, appointment_id: int) -> HttpResponse:
    """What is known of a booking: a page of its own, and for htmx the part in a sheet."""
    return _page(request, actor, booking_of(actor, appointment_id))


@require_POST
@for_members(Role.STAFF)
def act(request: HttpRequest, actor: Actor, appointment_id: int, change: str) -> HttpResponse:
    """Does what a button says, and shows the calendar after it; what is refused changes nothing."""
    found = booking_of(actor, appointment_id)
    if change not in ACTIONS:
        raise Http404

    def refused(error: DomainError) -> HttpResponse:
        fresh = booking_of(actor, appointment_id)
        return _page(request, actor, fresh, shown_status(error), problem=error.detail)

    about = f"booking:{found.pk}/{change}"
    return pressed(
        request, actor, about, lambda: ACTIONS[change](actor, found, request.POST), refused
    )


@require_safe
@newest
@for_members(Role.STAFF)
def places(request: HttpRequest, actor: Actor, appointment_id: int) -> HttpResponse:
    """Where a booking could stand in the days that are looked at, before it is moved there.

    JSON: the step in minutes and, for each resource that offers the service, by date the minutes on
    the wall at which it is ``free`` and those at which it is ``open``, taken or not.
    """
    found = booking_of(actor, appointment_id)
    looked = looked_at(actor, ViewForm(actor, request.GET))
    asked = request.GET.get("minutes")
    length = whole_number(asked) if asked else (found.ends_at - found.starts_at) // MINUTE
    if looked is None or length is None or not 0 < length <= MOST_MINUTES:
        raise Http404
    first, last = looked.between
    try:
        step = bookable_policy(found.service_id).step // MINUTE
        within = Stretch(second(max(first, clock.now())), second(last))
        free, opened = places_of(found, within, length * MINUTE)
    except DomainError:
        # The service is booked no longer: it fits nowhere.
        step, free, opened = 1, {}, {}
    zone = found.location.zone
    document = {"step": step, "free": _on_wall(free, zone), "open": _on_wall(opened, zone)}
    return JsonResponse(document)


def booking_of(actor: Actor, appointment_id: int) -> Appointment:
    """A booking where the actor works.

    Raises:
        Http404: there is none.
    """
    found = appointments_for(actor).filter(pk=appointment_id).first()
    if found is None:
        raise Http404
    return found


def when_and_who(appointment: Appointment) -> dict[str, str]:
    """What sentences say of a booking: when it is, and with whom."""
    local = appointment.starts_at.astimezone(appointment.location.zone)
    names = [str(row.resource.name) for row in appointment.resources.select_related("resource")]
    return {
        "time": f"{date_format(local, 'D j M')}, {local:%H:%M}",
        "resource": ", ".join(names),
    }


def act_address(actor: Actor, appointment_id: int, change: str) -> str:
    """Where a button for a booking posts to."""
    return reverse("console-booking-act", args=[actor.provider.slug, appointment_id, change])


def _page(
    request: HttpRequest,
    actor: Actor,
    found: Appointment,
    status: HTTPStatus = HTTPStatus.OK,
    problem: str = "",
) -> HttpResponse:
    may_act = actor.may(Role.STAFF)
    possible = {change.value for change in changes_from(found)} if may_act else set()
    is_today = found.starts_at.astimezone(found.location.zone).date() == clock.local_date(
        found.location.zone
    )
    context = {
        "provider": actor.provider,
        "screen": "calendar",
        "booking": found,
        "query": request.GET.urlencode(),
        "zone": found.location.zone,
        "may_act": may_act,
        "problem": problem,
        "reason": request.POST.get("reason", ""),
        "answers": _answers(found) if may_act else [],
        "form_key": uuid4(),
        "can": possible,
        "can_check_in": Change.CHECKED_IN in possible and is_today,
        "can_walk_in": Change.RESCHEDULED in possible and is_today,
        "has_begun": found.starts_at <= clock.now(),
        "move_form": _move_form(request, found) if Change.RESCHEDULED in possible else None,
    }
    is_part = request.headers.get("HX-Request") is not None
    template = "console/_booking.html" if is_part else "console/booking.html"
    return render(request, template, context, status=status)


def _move_form(request: HttpRequest, found: Appointment) -> MoveForm | None:
    try:
        return MoveForm(found, request.POST if "at" in request.POST else None)
    except DomainError:
        return None


def _answers(found: Appointment) -> list[tuple[str, str]]:
    """What was answered, by the questions' own words where they are still asked."""
    details = getattr(found, "details", None)
    if details is None or not details.answers:
        return []
    try:
        questions = bookable_policy(found.service_id).questions
    except DomainError:
        questions = []
    labels = {question["id"]: question["label"] for question in questions}
    return [(labels.get(key, key), text) for key, text in details.answers.items() if text]


def _first_resource(appointment: Appointment) -> Resource | None:
    """Whom a booking is with: staff before rooms."""
    had = [row.resource for row in appointment.resources.select_related("resource")]
    return min(had, key=lambda one: (one.kind != ResourceKind.STAFF, one.pk), default=None)


def _on_wall(
    starts: Mapping[int, Iterable[int]], zone: ZoneInfo
) -> dict[int, dict[str, list[int]]]:
    found: dict[int, dict[str, list[int]]] = {}
    for resource_id, seconds in starts.items():
        days = found.setdefault(resource_id, {})
        for at in seconds:
            local = datetime.fromtimestamp(at, UTC).astimezone(zone)
            days.setdefault(local.date().isoformat(), []).append(local.hour * HOUR + local.minute)
    return found


def _plain(service: Callable[..., Appointment], outcome: str) -> Action:
    def do(actor: Actor, found: Appointment, form: Form) -> Done:
        service(actor=actor, appointment_id=found.pk)
        return Done(gettext(outcome) % when_and_who(found))

    return do


def _with_reason(service: Callable[..., Appointment], outcome: str) -> Action:
    def do(actor: Actor, found: Appointment, form: Form) -> Done:
        service(actor=actor, appointment_id=found.pk, reason=form.get("reason", "")[:200])
        return Done(gettext(outcome) % when_and_who(found))

    return do


def _check_in(actor: Actor, found: Appointment, form: Form) -> Done:
    ticket = ticket_check_in(actor=actor, appointment_id=found.pk)
    said = gettext("Checked in: %(code)s is in the line.") % {"code": ticket.code}
    return Done(said, act_address(actor, found.pk, "leave"), {"ticket": str(ticket.pk)})


def _walk_in(actor: Actor, found: Appointment, form: Form) -> Done:
    ticket = ticket_walk_in(actor=actor, appointment_id=found.pk)
    said = gettext("The booking is cancelled; %(code)s is in the line, as of now.")
    return Done(said % {"code": ticket.code})


def _leave(actor: Actor, found: Appointment, form: Form) -> Done:
    """Takes a check-in back: its ticket leaves the line, the booking is expected again."""
    ticket_id = whole_number(form.get("ticket", ""))
    mine = found.check_ins.order_by("-pk").values_list("ticket_id", flat=True).first()
    if ticket_id is None or ticket_id != mine:
        raise Http404
    ticket_cancel(actor=actor, ticket_id=mine)
    return Done(gettext("Undone: expected on %(time)s.") % when_and_who(found))


def _move(actor: Actor, found: Appointment, form: Form) -> Done:
    wished = MoveForm(found, form)
    if not wished.is_valid():
        [name, messages] = next(iter(wished.errors.items()))
        raise InvalidInputError(name, f"{wished.fields[name].label}: {messages[0]}")
    asked, before = wished.cleaned_data, MoveForm(found).initial
    # The answer to a press of "Undo" offers nothing more.
    undo = "" if form.get("is_undo") else act_address(actor, found.pk, "move")
    length = asked["minutes"] and asked["minutes"] * MINUTE
    moved = bookings.appointment_reschedule(
        actor=actor,
        appointment_id=found.pk,
        starts_at=asked["at"],
        resource_id=asked["resource"] and asked["resource"].pk,
        length=length,
    )
    return Done(
        gettext("Moved to %(time)s, %(resource)s.") % when_and_who(moved), undo, _words_of(before)
    )


def _words_of(shown: Mapping[str, Any]) -> dict[str, str]:
    return {
        "at": f"{shown['at']:{WRITTEN}}",
        "minutes": str(shown["minutes"]),
        "resource": str(shown["resource"] or ""),
        "is_undo": "1",
    }


CANCELLED = gettext_noop("Cancelled: %(time)s, %(resource)s.")
ACTIONS: dict[str, Action] = {
    "confirm": _plain(bookings.appointment_confirm, gettext_noop("Approved: %(time)s.")),
    "decline": _with_reason(bookings.appointment_decline, gettext_noop("Declined: %(time)s.")),
    "cancel": _with_reason(bookings.appointment_cancel, CANCELLED),
    "fulfil": _plain(bookings.appointment_fulfil, gettext_noop("Took place: %(time)s.")),
    "no-show": _plain(bookings.appointment_mark_no_show, gettext_noop("Did not come: %(time)s.")),
    "check-in": _check_in,
    "leave": _leave,
    "walk-in": _walk_in,
    "move": _move,
}
