"""Calendar: who comes when? The bookings of a location, by resource, day, week or month."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, gettext_noop
from django.views.decorators.http import require_safe

from appointments.channels import CALENDARS
from appointments.models import ExceptionKind, Resource, ResourceKind
from appointments.selectors import (
    NOT_TO_BE,
    appointments_between,
    bookings_by_day,
    busy_feeds_for,
    exceptions_between,
    holds_between,
    resources_for,
    slots_version,
    working_times,
)
from console.views.busy_feeds import ShownFeed, shown_feed
from console.views.calendar.forms import LateForm
from console.views.calendar.grid import Contents, Grid, build_grid, week_of
from console.views.calendar.month import Month, build_month, days_of, month_days, next_month
from console.views.calendar.undo import offered_undo
from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Location, Role
from providers.selectors import locations_for
from waitlessq import clock
from waitlessq.db.reading import newest
from waitlessq.streams.channels import HEARTBEAT, secret_name
from waitlessq.walltime import instant

A_DAY = timedelta(days=1)
VIEWS = [
    ("resources", gettext_lazy("By person and room")),
    ("day", gettext_lazy("Day")),
    ("week", gettext_lazy("Week")),
    ("month", gettext_lazy("Month")),
]
FARTHEST = timedelta(days=3650)
# What the script says while a booking is moved.
TEXTS = {
    "free": gettext_noop("free"),
    "taken": gettext_noop("taken"),
    "closed": gettext_noop("nobody works then"),
    "notOffered": gettext_noop("not offered there"),
    "checking": gettext_noop("Looking what is free."),
    "alternatives": gettext_noop("Free: {times}."),
}


class ViewForm(forms.Form):
    """What of the calendar is looked at; what is not said is today, everybody, by resource."""

    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"), queryset=Location._base_manager.none(), required=False
    )
    view = forms.ChoiceField(
        label=gettext_lazy("View"), choices=VIEWS, required=False, widget=forms.HiddenInput
    )
    resource = forms.ModelChoiceField(
        label=gettext_lazy("Person or room"),
        queryset=Resource._base_manager.none(),
        required=False,
        empty_label=gettext_lazy("Everybody"),
    )
    date = forms.DateField(
        label=gettext_lazy("Date"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def __init__(self, actor: Actor, data: Any) -> None:
        super().__init__(data, auto_id="view_%s")
        self.label_suffix = ""
        places: Any = self.fields["location"]
        places.queryset, places.empty_label = locations_for(actor).order_by("name", "id"), None
        people: Any = self.fields["resource"]
        people.queryset = resources_for(actor).order_by("name")

    def clean_date(self) -> Any:
        """A day that calendars reach."""
        found = self.cleaned_data["date"]
        if found and abs(found - clock.now().date()) > FARTHEST:
            raise forms.ValidationError(gettext_lazy("Choose a day within ten years."))
        return found


@dataclass(frozen=True)
class Looked:
    """What of the calendar is looked at."""

    location: Location
    view: str
    day: date
    resource: Resource | None

    @property
    def query(self) -> str:
        """It as the query of an address."""
        return self.at(self.day)

    def at(self, day: date, view: str = "", resource: Resource | None = None) -> str:
        """The query of the same on another day, in another view, or of one resource."""
        asked = {"location": self.location.pk, "view": view or self.view, "date": day.isoformat()}
        if chosen := resource or self.resource:
            asked["resource"] = chosen.pk
        return urlencode(asked)

    @property
    def days(self) -> list[date]:
        """The days that are shown."""
        if self.view == "month":
            return month_days(self.day)
        return week_of(self.day) if self.view == "week" else [self.day]

    @property
    def before(self) -> date:
        """A day of what comes before what is shown."""
        return (self.day.replace(day=1) if self.view == "month" else self.days[0]) - A_DAY

    @property
    def after(self) -> date:
        """The first day of what comes after what is shown."""
        return next_month(self.day) if self.view == "month" else self.days[-1] + A_DAY

    @property
    def between(self) -> tuple[datetime, datetime]:
        """From the first midnight on the wall to the last."""
        first, last = self.days[0], self.days[-1] + A_DAY
        return instant(first, time(), self.location.zone), instant(last, time(), self.location.zone)


@require_safe
@newest
@for_members(Role.VIEWER)
def calendar(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page, and for its script the part of it that changes: 204 when nothing did."""
    form = ViewForm(actor, request.GET)
    looked = looked_at(actor, form)
    if looked is None:
        context = {"provider": actor.provider, "screen": "calendar", "form": form}
        status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
        return render(request, "console/calendar.html", context, status=status)
    is_part = request.headers.get("HX-Request") is not None
    if is_part and request.GET.get("since") == _stamp(actor):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    context = calendar_context(actor, looked)
    form.data = QueryDict(looked.query)
    context["form"] = form
    if not is_part and context["may_act"]:
        context["undo"] = undo = offered_undo(actor)
        context["notice"] = undo["said"] if undo else ""
    template = "console/_calendar.html" if is_part else "console/calendar.html"
    return render(request, template, context)


def looked_at(actor: Actor, form: ViewForm) -> Looked | None:
    """What a form asks for; None if that is wrong, or there is no location."""
    if not form.is_valid():
        return None
    asked = form.cleaned_data
    resource = asked["resource"]
    location = resource.location if resource else asked["location"]
    location = location or locations_for(actor).order_by("name", "id").first()
    if location is None:
        return None
    day = asked["date"] or clock.local_date(location.zone)
    view = asked["view"] or ("day" if resource else "resources")
    if resource and view == "resources":
        view = "day"
    return Looked(location, view, day, resource)


def calendar_context(actor: Actor, looked: Looked) -> dict[str, Any]:
    """All that the calendar shows; as many queries however much is booked."""
    # Before all else: what changes meanwhile is asked for again.
    stamp = _stamp(actor)
    slug, now = actor.provider.slug, clock.now()
    here, zone = reverse("console-calendar", args=[slug]), looked.location.zone
    resources = resources_of(actor, looked.location)
    is_month = looked.view == "month"
    return {
        "provider": actor.provider,
        "screen": "calendar",
        "looked": looked,
        "grid": None if is_month else _grid(actor, looked, resources),
        "month": _month(actor, looked, resources) if is_month else None,
        "resources": resources,
        "failing_feeds": _failing_feeds(actor, resources),
        "may_act": actor.may(Role.STAFF),
        "may_set_up": actor.may(Role.MANAGER),
        "zone": zone,
        "has_other_zone": locations_for(actor)
        .exclude(time_zone=looked.location.time_zone)
        .exists(),
        "today": clock.local_date(zone),
        "before": looked.at(looked.before),
        "after": looked.at(looked.after),
        "now_query": looked.at(clock.local_date(zone)),
        "views": [
            {"name": name, "query": looked.at(looked.day, view), "is_shown": view == looked.view}
            for view, name in VIEWS
            if not (looked.resource and view == "resources")
        ],
        "as_of": now.astimezone(zone).replace(tzinfo=None),
        "form_key": uuid4(),
        "late_form": LateForm(actor, looked.location.pk),
        "texts": {name: gettext(text) for name, text in TEXTS.items()},
        "refresh": f"{here}?{looked.query}&since={stamp}",
        "stream": (
            f"{settings.STREAMS_URL}{secret_name(CALENDARS, looked.location.pk)},{HEARTBEAT}"
        ),
    }


def resources_of(actor: Actor, location: Location) -> list[Resource]:
    """Who and what can be booked at a location: staff, then rooms."""
    rows = resources_for(actor).filter(location=location, is_active=True)
    return sorted(rows, key=lambda one: (one.kind != ResourceKind.STAFF, one.rank, one.name))


def _grid(actor: Actor, looked: Looked, resources: list[Resource]) -> Grid:
    first, last = looked.between
    shown = [looked.resource] if looked.resource else resources
    found = appointments_between(actor, looked.location, first, last).exclude(state__in=NOT_TO_BE)
    if looked.resource:
        found = found.filter(resources__resource=looked.resource)
    contents = Contents(
        zone=looked.location.zone,
        resources=shown,
        opened=working_times(looked.location, shown, first, last),
        closed=list(exceptions_between(shown, first, last).exclude(kind=ExceptionKind.EXTRA)),
        appointments=list(found),
        holds=list(holds_between(looked.location, first, last)),
    )
    each = shown if looked.view == "resources" and shown else [looked.resource]
    return build_grid(contents, [(day, one) for day in looked.days for one in each])


def _month(actor: Actor, looked: Looked, resources: list[Resource]) -> Month:
    first, last = looked.between
    shown = [looked.resource] if looked.resource else resources
    # A room is mostly there; people say when the place is open.
    staff = [one for one in shown if one.kind == ResourceKind.STAFF] or shown
    works = working_times(looked.location, staff, first, last).values()
    return build_month(
        looked.day,
        bookings_by_day(actor, looked.location, first, last, looked.resource),
        days_of((one for stretches in works for one in stretches), looked.location.zone),
        {day: looked.at(day, "day" if looked.resource else "resources") for day in looked.days},
    )


def _failing_feeds(actor: Actor, resources: list[Resource]) -> list[ShownFeed]:
    failing = busy_feeds_for(actor).filter(resource__in=resources, failing_since__isnull=False)
    return [shown_feed(feed) for feed in failing.order_by("failing_since", "pk")]


def _stamp(actor: Actor) -> str:
    """Differs when the calendar would: with what is booked and open, and with the minute."""
    return f"{slots_version(actor.provider.pk)}-{clock.now():%H%M}"
