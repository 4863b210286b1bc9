"""The sections of the settings: what each lists, how it is made and changed, and who may."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from console.views.settings import forms
from providers import selectors as provider_selectors
from providers.actors import Actor
from providers.models import Role
from providers.selectors import hours_of
from providers.services import locations, members, services
from queues import selectors
from queues.services import counters, queues
from waitlessq.db.transactions import in_transaction


@dataclass(frozen=True)
class Section:
    """Rows of one kind.

    ``initial`` is what the form shows of a row; ``create`` and ``update`` are given the actor and
    what was filled in. ``note`` says more about a row in the list.
    """

    slug: str
    title: Any
    add: Any
    hint: Any
    form: type[forms.SettingsForm]
    rows: Callable[[Actor], QuerySet[Any]]
    create: Callable[..., Any]
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
SECTIONS: Sequence[Section] = (LOCATIONS, QUEUES, COUNTERS, SERVICES, MEMBERS)
