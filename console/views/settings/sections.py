"""The sections of the settings: what each lists, how it is made and changed, and who may."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy

from appointments.models import BookingPolicy
from appointments.selectors import resources_for, usual_week
from appointments.services import resources
from console.views.settings import forms
from console.views.settings.booking_forms import PolicyForm, ResourceForm
from providers import selectors as provider_selectors
from providers.actors import Actor
from providers.models import Role, ServiceUse
from providers.selectors import hours_of
from providers.services import locations, members, services
from queues import selectors
from queues.services import counters, queues
from waitlessq.db.transactions import in_transaction


@dataclass(frozen=True)
class Section:
    """Rows of one kind.

    ``initial`` is what the form shows of a row; ``create`` and ``update`` are given the actor and
    what was filled in; where others make the rows, ``create`` is None. ``note`` says more about a
    row in the list.
    """

    slug: str
    title: Any
    add: Any
    hint: Any
    form: type[forms.SettingsForm]
    rows: Callable[[Actor], QuerySet[Any]]
    create: Callable[..., Any] | None
    update: Callable[..., Any]
    least: Role = Role.MANAGER
    search: Sequence[str] = ("name",)
    note: Callable[[Any], str] = lambda _row: ""

    def name(self, row: Any) -> str:
        """What a row is called."""
        return str(row.name or row)

    def initial(self, row: Any) -> dict[str, Any]:
        """What the form shows of a row."""
        names = [name for name in self.form.base_fields if hasattr(row, name)]
        values = {name: getattr(row, name) for name in names}
        return {k: list(v.all()) if hasattr(v, "all") else v for k, v in values.items()}


class LocationSection(Section):
    """Locations, whose form has their week."""

    def initial(self, row: Any) -> dict[str, Any]:
        hours = hours_of([row])[row.pk]
        week = {f"weekday-{day}": hours.week.get(day, []) for day in forms.DAYS}
        return super().initial(row) | week


@in_transaction
def _location_create(*, actor: Actor, **fields: Any) -> Any:
    week = _without_week(fields)
    location = locations.location_create(actor=actor, **fields)
    if any(week.values()):
        locations.location_set_hours(actor=actor, location=location, week=week)
    return location


@in_transaction
def _location_update(*, actor: Actor, row: Any, **fields: Any) -> Any:
    week = _without_week(fields)
    if week:
        whole = {**hours_of([row])[row.pk].week, **week}
        locations.location_set_hours(actor=actor, location=row, week=whole)
    return locations.location_update(actor=actor, location=row, **fields) if fields else row


def _without_week(fields: dict[str, Any]) -> dict[int, Any]:
    """Takes the days of the week out of the fields of a location."""
    return {day: fields.pop(f"weekday-{day}") for day in forms.DAYS if f"weekday-{day}" in fields}


def _queue_update(*, actor: Actor, row: Any, **fields: Any) -> Any:
    return queues.queue_update(actor=actor, queue_id=row.pk, **fields)


def _counter_update(*, actor: Actor, row: Any, **fields: Any) -> Any:
    return counters.counter_update(actor=actor, counter_id=row.pk, **fields)


def _location_name(row: Any) -> str:
    return str(row.location.name)


LOCATIONS = LocationSection(
    slug="locations",
    title=gettext_lazy("Locations and hours"),
    add=gettext_lazy("Add a location"),
    hint=gettext_lazy("A location is a branch with an address, a time zone and opening hours."),
    form=forms.LocationForm,
    rows=lambda actor: provider_selectors.locations_for(actor).order_by("name"),
    create=_location_create,
    update=_location_update,
    note=lambda row: str(row.address),
)
QUEUES = Section(
    slug="queues",
    title=gettext_lazy("Queues"),
    add=gettext_lazy("Add a queue"),
    hint=gettext_lazy("A queue gives out numbers at one location."),
    form=forms.QueueForm,
    rows=lambda actor: (
        selectors.queues_for(actor).select_related("location").order_by("location__name", "name")
    ),
    create=queues.queue_create,
    update=_queue_update,
    note=_location_name,
)
COUNTERS = Section(
    slug="counters",
    title=gettext_lazy("Counters"),
    add=gettext_lazy("Add a counter"),
    hint=gettext_lazy("A counter is a place that people are called to."),
    form=forms.CounterForm,
    rows=lambda actor: (
        selectors.counters_for(actor).select_related("location").order_by("location__name", "name")
    ),
    create=counters.counter_create,
    update=_counter_update,
    note=_location_name,
)
SERVICES = Section(
    slug="services",
    title=gettext_lazy("Services"),
    add=gettext_lazy("Add a service"),
    hint=gettext_lazy("A service is something that people come for."),
    form=forms.ServiceForm,
    rows=lambda actor: provider_selectors.services_for(actor).order_by("name"),
    create=services.service_create,
    update=lambda *, actor, row, **fields: services.service_update(
        actor=actor, service=row, **fields
    ),
)


class MemberSection(Section):
    """Members, who may have no name."""

    def name(self, row: Any) -> str:
        return str(row.name or row.user.email)


MEMBERS = MemberSection(
    slug="members",
    title=gettext_lazy("Members"),
    add=gettext_lazy("Add a member"),
    hint=gettext_lazy("A member signs in and works here."),
    form=forms.MemberForm,
    rows=lambda _actor: provider_selectors.members().order_by("name", "user__email"),
    create=members.member_add,
    update=lambda *, actor, row, **fields: members.member_update(actor=actor, member=row, **fields),
    least=Role.OWNER,
    search=("name", "user__email"),
    note=lambda row: str(row.user.email),
)


class ResourceSection(Section):
    """Staff and rooms, whose form has their usual week."""

    def initial(self, row: Any) -> dict[str, Any]:
        week = usual_week(row)
        days = {f"weekday-{day}": week.get(day, []) for day in forms.DAYS}
        return super().initial(row) | days


@in_transaction
def _resource_create(*, actor: Actor, **fields: Any) -> Any:
    week = _without_week(fields)
    resource = resources.resource_create(actor=actor, **fields)
    if any(week.values()):
        resources.availability_week_set(actor=actor, resource=resource, week=week)
    return resource


@in_transaction
def _resource_update(*, actor: Actor, row: Any, **fields: Any) -> Any:
    week = _without_week(fields)
    if week:
        whole = {**usual_week(row), **week}
        resources.availability_week_set(actor=actor, resource=row, week=whole)
    return resources.resource_update(actor=actor, resource=row, **fields) if fields else row


class PolicySection(Section):
    """Services, and how each is booked; one that nobody set up is not booked."""

    def initial(self, row: Any) -> dict[str, Any]:
        policy = BookingPolicy.objects.filter(service=row).first()
        if policy is None:
            return {}
        needs = "staff" if not policy.needs_room else "both" if policy.needs_staff else "room"
        return super().initial(policy) | {"needs": needs}


def _policy_update(*, actor: Actor, row: Any, **fields: Any) -> Any:
    if "needs" in fields:
        needs = fields.pop("needs")
        fields |= {"needs_staff": needs != "room", "needs_room": needs != "staff"}
    if "questions" in fields:
        known = BookingPolicy.objects.filter(service=row).values_list("questions", flat=True)
        fields["questions"] = _with_ids(fields["questions"], known.first() or [])
    return resources.booking_policy_set(actor=actor, service=row, **fields)


def _with_ids(asked: Sequence[dict[str, Any]], known: Sequence[dict[str, Any]]) -> list[Any]:
    """The questions with their ids: a question that stays keeps its own, for its answers."""
    ids = {one["label"]: one["id"] for one in known}
    unused = (f"q{n}" for n in count(1) if f"q{n}" not in ids.values())
    return [{"id": ids.get(one["label"]) or next(unused), **one} for one in asked]


RESOURCES = ResourceSection(
    slug="resources",
    title=gettext_lazy("Staff and rooms"),
    add=gettext_lazy("Add somebody, or a room"),
    hint=gettext_lazy("A booking takes the time of somebody on the staff, of a room, or both."),
    form=ResourceForm,
    rows=lambda actor: resources_for(actor).order_by("location__name", "-kind", "name"),
    create=_resource_create,
    update=_resource_update,
    note=_location_name,
)
POLICIES = PolicySection(
    slug="booking",
    title=gettext_lazy("How services are booked"),
    add="",
    hint=gettext_lazy("Services that are not for the queue alone are listed here."),
    form=PolicyForm,
    rows=lambda actor: (
        provider_selectors.services_for(actor)
        .exclude(use=ServiceUse.WALK_IN)
        .select_related("booking_policy")
        .order_by("name")
    ),
    create=None,
    update=_policy_update,
    note=lambda row: "" if hasattr(row, "booking_policy") else gettext("Not booked yet"),
)
SECTIONS: Sequence[Section] = (
    LOCATIONS, QUEUES, COUNTERS, SERVICES, RESOURCES, POLICIES, MEMBERS,
)  # fmt: skip
