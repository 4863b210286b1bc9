"""Writes of locations."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext

from events.outbox import emit
from providers.actors import Actor
from providers.hours import Span
from providers.models import Location, OpeningException, OpeningHours
from providers.public_holidays import subdivisions
from providers.services.named import unique_name
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError

LOCATION_CHANGED = "location.changed"
DAYS_A_WEEK = 7
DAY_MINUTES = 24 * 60


def location_create(*, actor: Actor, name: str, time_zone: str, **fields: Any) -> Location:
    """A new branch, always open until it has hours; ``fields`` are the model's other fields.

    Raises:
        NameTakenError: the provider has a location of this name.
        InvalidInputError: the country is not known, or not its subdivision.
    """
    _check_country(fields.get("country", ""), fields.get("subdivision", ""))
    with unique_name(name):
        return Location.objects.create(
            provider=actor.provider, name=name, time_zone=time_zone, **fields
        )


@in_transaction
def location_update(*, actor: Actor, location: Location, **changes: Any) -> Location:
    """Changes any field but the provider. Emits ``location.changed``.

    Raises:
        NameTakenError: the provider has a location of this name.
        NotFoundError: the location is another provider's.
        InvalidInputError: the country is not known, or not its subdivision.
    """
    actor.check_owns(location)
    country = changes.get("country", location.country)
    _check_country(country, changes.get("subdivision", location.subdivision))
    with unique_name(changes.get("name")):
        update_row(location, changes)
    _tell(location)
    return location


@in_transaction
def location_set_hours(
    *, actor: Actor, location: Location, week: Mapping[int, Sequence[Span]]
) -> Location:
    """Replaces the location's usual week: the spans of each weekday, 0 for Monday.

    A week without any is one that never closes. Emits ``location.changed``.

    Raises:
        NotFoundError: the location is another provider's.
        InvalidInputError: spans overlap, also past midnight.
    """
    actor.check_owns(location)
    check_week(week)
    _lock(location)
    OpeningHours.objects.filter(location=location).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(
            provider=actor.provider,
            location=location,
            weekday=weekday,
            opens=span.opens,
            closes=span.closes,
        )
        for weekday, spans in week.items()
        for span in spans
    )
    _tell(location)
    return location


@in_transaction
def location_set_exception(
    *, actor: Actor, location: Location, day: date, name: str = "", spans: Sequence[Span] = ()
) -> Location:
    """Says when the location opens on a date; without a span it is closed.

    Replaces what was said of that date. Emits ``location.changed``.

    Raises:
        NotFoundError: the location is another provider's.
        InvalidInputError: spans overlap.
    """
    actor.check_owns(location)
    check_week({day.weekday(): spans})
    _lock(location)
    OpeningException.objects.filter(location=location, date=day).delete()
    times: Sequence[tuple[time | None, time | None]] = spans or [(None, None)]
    OpeningException.objects.bulk_create(
        OpeningException(
            provider=actor.provider,
            location=location,
            date=day,
            name=name,
            opens=opens,
            closes=closes,
        )
        for opens, closes in times
    )
    _tell(location)
    return location


@in_transaction
def location_remove_exception(*, actor: Actor, location: Location, day: date) -> Location:
    """The usual week counts on that date again. Emits ``location.changed``.

    Raises:
        NotFoundError: the location is another provider's.
    """
    actor.check_owns(location)
    _lock(location)
    OpeningException.objects.filter(location=location, date=day).delete()
    _tell(location)
    return location


def check_week(week: Mapping[int, Sequence[Span]]) -> None:
    """Refuses spans that overlap. Raises InvalidInputError, which names the weekday."""
    stretches = sorted(
        (begin + offset, end + offset, weekday)
        for weekday, spans in week.items()
        for begin, end in map(_minutes, spans)
        # The week begins again, so Sunday night meets Monday.
        for offset in (weekday * DAY_MINUTES, (weekday + DAYS_A_WEEK) * DAY_MINUTES)
    )
    for (_, end, _), (begin, _, weekday) in pairwise(stretches):
        if begin < end:
            message = gettext("Opening hours overlap on this day.")
            raise InvalidInputError(f"weekday-{weekday}", message)


def _minutes(span: Span) -> tuple[float, float]:
    """When a span begins and ends, in minutes of its first day."""
    begin, end = (at.hour * 60 + at.minute + at.second / 60 for at in span)
    return begin, end + DAY_MINUTES if end <= begin else end


def _check_country(country: str, subdivision: str) -> None:
    if country and country not in subdivisions():
        raise InvalidInputError("country", gettext("This country is not known."))
    if subdivision and subdivision not in subdivisions().get(country, []):
        raise InvalidInputError("subdivision", gettext("The country has no such part."))


def _lock(location: Location) -> None:
    """So that two who change the hours at once leave one of the two behind."""
    Location.objects.select_for_update(no_key=True).get(pk=location.pk)


def _tell(location: Location) -> None:
    emit(LOCATION_CHANGED, provider_id=location.provider_id, subject_id=location.pk)
