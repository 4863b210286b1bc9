"""Booking for somebody: what, with whom, when, and who comes. What was typed is always kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from appointments.errors import SeriesConflictError
from appointments.models import Appointment, BookingPolicy
from appointments.questions import LONGEST_ANSWER, answers_in, field_of
from appointments.selectors import free_slots
from appointments.services.bookings import (
    MOST_IN_SERIES,
    Details,
    appointment_book,
    series_book,
)
from appointments.services.seats import Wish
from console.views.calendar.bookings import act_address, when_and_who
from console.views.calendar.undo import Done, offer_undo
from console.views.calendar.wishes import WishForm, fingerprint, policy_wanted, who_comes
from console.views.guard import for_members
from events import idempotency
from providers.actors import Actor
from providers.api.fields import HIGHEST_ID
from providers.models import Location, Role
from providers.selectors import locations_for
from queues.models import Ticket, TicketState
from queues.selectors import tickets_for
from queues.services.check_in import ticket_book
from waitlessq import clock
from waitlessq.db.reading import newest
from waitlessq.errors import DomainError, InvalidInputError
from waitlessq.forms import whole_number
from waitlessq.walltime import instant

A_DAY = timedelta(days=1)
LOOKED_AHEAD = timedelta(days=31)
LONGEST_NOTE = 500
# So the service calls what was answered.
ASKED = "answers."


class BookForm(WishForm):
    """What is booked. The times and people to choose from are the page's to show."""

    date = forms.DateField(
        label=gettext_lazy("Date"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    time = forms.TimeField(label=gettext_lazy("Time"), input_formats=["%H:%M"])
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=LONGEST_NOTE, strip=True
    )
    # Whose number leaves the line for it.
    ticket = forms.IntegerField(
        min_value=1, max_value=HIGHEST_ID, required=False, widget=forms.HiddenInput()
    )
    times = forms.IntegerField(
        label=gettext_lazy("How many times"), min_value=1, max_value=MOST_IN_SERIES, initial=1
    )
    weeks = forms.IntegerField(
        label=gettext_lazy("Weeks between them"), min_value=1, max_value=52, initial=1
    )
    skip_conflicts = forms.BooleanField(
        label=gettext_lazy("Leave out the times that are not free"), required=False
    )

    field_order = (
        "service", "resource", "date", "time",
        "find", "customer", "name", "phone", "email", "note",
    )  # fmt: skip

    def __init__(
        self, location: Location, policy: BookingPolicy | None, url: str, **options: Any
    ) -> None:
        super().__init__(location, policy, url, **options)
        self.look_when_changed(url, "resource", "date")
        if policy is not None:
            self._ask(policy.questions)

    def _ask(self, questions: Sequence[Mapping[str, Any]]) -> None:
        for question in questions:
            self.fields[field_of(question["id"])] = forms.CharField(
                label=question["label"], required=question["required"], max_length=LONGEST_ANSWER
            )

    @property
    def answers(self) -> dict[str, str]:
        """What was answered, by the questions' ids."""
        return answers_in(self.cleaned_data)

    def questions(self) -> list[Any]:
        """The service's own questions, as the page shows them."""
        return [self[field_of(one["id"])] for one in self.policy.questions] if self.policy else []


@dataclass(frozen=True)
class Offer:
    """The free times of a day as the wall shows them, and else the next day that has some."""

    times: Sequence[str]
    next_day: date | None = None


@require_http_methods(["GET", "POST"])
@newest
@for_members(Role.STAFF)
def book(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A form that books; what it has to choose from follows what was chosen."""
    said = request.POST if request.method == "POST" else request.GET
    places = locations_for(actor).order_by("name", "id")
    wanted = whole_number(said.get("location", "")) or 0
    location = places.filter(pk=wanted).first() or places.first()
    if location is None:
        return redirect("console-calendar", actor.provider.slug)
    is_look = request.method != "POST" or "look" in request.POST
    form = _form(actor, location, said, is_bound=not is_look)
    status = HTTPStatus.OK
    if not is_look:
        booked, status = _booked(actor, location, form, request.POST.get("key", ""))
        if booked is not None:
            return _after(request, actor, location, booked)
    return _page(request, actor, location, form, said, status)


def _form(actor: Actor, location: Location, said: Any, *, is_bound: bool) -> BookForm:
    # One form for both: what a look knows already is what a booking would be.
    policy = policy_wanted(location, said)
    url = f"{reverse('console-book', args=[actor.provider.slug])}?location={location.pk}"
    if is_bound:
        return BookForm(location, policy, url, data=said)
    shown = {name: said.get(name) for name in said}
    shown.setdefault("date", clock.local_date(location.zone).isoformat())
    # A day that was offered by its button.
    if said.get("look", "1") != "1":
        shown["date"] = said["look"]
    shown["service"] = policy and policy.service_id
    return BookForm(location, policy, url, initial=shown)


def _booked(
    actor: Actor, location: Location, form: BookForm, key: str
) -> tuple[Sequence[int] | None, HTTPStatus]:
    """The ids of what was booked, once for each time the form was shown; else what went wrong."""
    if not form.is_valid():
        return None, HTTPStatus.BAD_REQUEST

    def effect() -> idempotency.Answer:
        made = _book(actor, location, form)
        return idempotency.Answer(HTTPStatus.CREATED, json.dumps([one.pk for one in made]))

    try:
        answer = idempotency.run_once(
            scope=f"provider:{actor.provider.pk}/{actor.name}/book",
            key=idempotency.form_key(key),
            fingerprint=fingerprint("book", form),
            effect=effect,
        )
    except idempotency.KeyReusedError:
        # Browsers lead back to a form as it was sent; changed, it would be taken for the same.
        form.add_error(None, gettext("This form was sent already. Open a new one."))
        return None, HTTPStatus.CONFLICT
    except InvalidInputError as error:
        [wrong] = error.data["errors"]
        name = wrong["field"]
        if name.startswith(ASKED):
            name = field_of(name.removeprefix(ASKED))
        form.add_error(name if name in form.fields else None, wrong["message"])
        return None, error.status
    except SeriesConflictError as error:
        form.add_error("times", [error.detail, *_conflicts(error, location)])
        return None, error.status
    except DomainError as error:
        form.add_error("time", error.detail)
        return None, error.status
    found: list[int] = json.loads(answer.body)
    return found, HTTPStatus.OK


def _book(actor: Actor, location: Location, form: BookForm) -> Sequence[Appointment]:
    asked = form.cleaned_data
    customer = who_comes(actor, location, asked)
    wish = Wish(
        asked["service"].pk,
        datetime.combine(asked["date"], asked["time"]),
        location.pk,
        asked["resource"] and asked["resource"].pk,
    )
    details = Details(customer, asked["note"], form.answers)
    if asked["ticket"]:
        booked = ticket_book(
            actor=actor,
            ticket_id=asked["ticket"],
            starts_at=wish.starts_at,
            resource_id=wish.resource_id,
            service_id=wish.service_id,
            details=details,
        )
        return [booked]
    if asked["times"] == 1:
        return [appointment_book(actor=actor, wish=wish, details=details)]
    return series_book(
        actor=actor,
        wish=wish,
        details=details,
        weeks=asked["weeks"],
        times=asked["times"],
        skip_conflicts=asked["skip_conflicts"],
    )


def _conflicts(error: SeriesConflictError, location: Location) -> list[str]:
    """The times of a series that are not free, each with why."""
    return [
        f"{_said(datetime.fromisoformat(one['starts_at']).astimezone(location.zone))}: "
        f"{one['detail']}"
        for one in error.data["conflicts"]
    ]


def _said(local: datetime) -> str:
    return f"{date_format(local, 'D j M')}, {local:%H:%M}"


def _after(
    request: HttpRequest, actor: Actor, location: Location, booked: Sequence[int]
) -> HttpResponse:
    """Leads to the calendar of that day, where the one booking can be taken back for a while."""
    first = Appointment.objects.select_related("location").get(pk=booked[0])
    when = when_and_who(first)
    if len(booked) == 1:
        told = gettext("Booked: %(time)s, %(resource)s.") % when
        offer_undo(actor, Done(told, act_address(actor, first.pk, "cancel")))
    else:
        messages.success(request, gettext("All of them are booked, from %(time)s on.") % when)
    day = first.starts_at.astimezone(location.zone).date()
    query = urlencode({"location": location.pk, "date": day.isoformat()})
    return redirect(f"{reverse('console-calendar', args=[actor.provider.slug])}?{query}")


def _page(
    request: HttpRequest,
    actor: Actor,
    location: Location,
    form: BookForm,
    said: Any,
    status: HTTPStatus,
) -> HttpResponse:
    offer = _offer(form, location)
    chosen = str(form["time"].value() or "")[:5]
    # A time that was pointed at becomes the next one that is free.
    if not form.is_bound and chosen not in offer.times:
        chosen = next((one for one in offer.times if one >= chosen), "") if chosen else ""
    people, customer_id = form.people()
    context = {
        "provider": actor.provider,
        "screen": "calendar",
        "form": form,
        "location": location,
        "offer": offer,
        "chosen_time": chosen,
        "people": people,
        "customer_id": customer_id,
        "ticket": _ticket(actor, location, form),
        "form_key": uuid4(),
    }
    return render(request, "console/book.html", context, status=status)


def _ticket(actor: Actor, location: Location, form: BookForm) -> Ticket | None:
    """Whose number would leave the line."""
    pk = whole_number(str(form["ticket"].value() or ""))
    waiting = tickets_for(actor).filter(queue__location=location, state=TicketState.WAITING)
    return None if pk is None else waiting.filter(pk=pk).first()


def _offer(form: BookForm, location: Location) -> Offer:
    """What is free on the day that the form says, or which day has something free."""
    try:
        day = date.fromisoformat(str(form["date"].value()))
    except ValueError:
        return Offer([])
    policy = form.policy
    if policy is None or abs(day - clock.local_date(location.zone)) > timedelta(days=3650):
        return Offer([])
    resource_id = whole_number(str(form["resource"].value() or ""))
    chosen: Any = form.fields["resource"]
    if resource_id and not chosen.queryset.filter(pk=resource_id).exists():
        resource_id = None

    def starts(first: date, last: date) -> list[datetime]:
        found = free_slots(
            service_id=policy.service_id,
            location=location,
            first=instant(first, time(), location.zone),
            last=instant(last, time(), location.zone),
            resource_id=resource_id,
            for_customer=False,
        )
        return [slot.starts_at for slot in found.slots]

    # Of a time that the wall shows twice, the first is meant.
    times = list(dict.fromkeys(f"{at:%H:%M}" for at in starts(day, day + A_DAY)))
    if times:
        return Offer(times)
    later = starts(day, day + LOOKED_AHEAD)
    return Offer([], later[0].date() if later else None)
