"""The forms of the settings. A new setting is a field here, and its name in a group.

Each form's fields are those of the services that create and update what it is about.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.core.validators import RegexValidator
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy

from console.views.settings.fields import ASK, MinutesField, RowsChoice, SpansField
from providers import selectors as provider_selectors
from providers.actors import Actor
from providers.models import Location
from providers.public_holidays import country_names
from queues import selectors
from queues.models import Queue

DAYS = range(7)


class SettingsForm(forms.Form):
    """A form of fields in groups; rows to choose from are those open to the actor.

    ``create_only`` are the fields that stay as they were once the row is there.
    """

    groups: ClassVar[Sequence[tuple[Any, Sequence[str]]]] = ()
    create_only: ClassVar[Sequence[str]] = ()

    def __init__(self, actor: Actor, *args: Any, row: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.row = row
        for name, rows in self.rows(actor).items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        if row is not None:
            for name in self.create_only:
                del self.fields[name]

    def rows(self, actor: Actor) -> Mapping[str, Any]:
        """For each field that chooses rows: which."""
        return {}

    def parts(self) -> list[dict[str, Any]]:
        """The groups as the page shows them: their titles and fields."""
        return [
            {"title": title, "fields": [self[name] for name in names if name in self.fields]}
            for title, names in self.groups or [("", list(self.fields))]
        ]

    def summary(self) -> list[tuple[Any, Any]]:
        """All fields with what is wrong with each, for the summary above them."""
        return [(self[name], self[name].errors) for name in self.fields]

    def changes(self) -> dict[str, Any]:
        """What was filled in for a new row, or what is not as it was before."""
        names = self.fields if self.row is None else self.changed_data
        return {name: self.cleaned_data[name] for name in names}


class ProviderForm(SettingsForm):
    """What the provider says of itself."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    trade = forms.ChoiceField(
        label=gettext_lazy("Trade"),
        choices=[
            ("clinic", gettext_lazy("Clinic")),
            ("salon", gettext_lazy("Salon")),
            ("council", gettext_lazy("Council office")),
            ("repair", gettext_lazy("Repair shop")),
            ("other", gettext_lazy("Something else")),
        ],
    )


@cache
def zones() -> list[tuple[str, str]]:
    """The time zones to choose from."""
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]


class LocationForm(SettingsForm):
    """A branch, and when it is open."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=300, required=False)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=zones)
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        required=False,
        choices=lambda: [("", "–"), *country_names()],
        widget=forms.Select(attrs={"data-regions": ""}),
    )
    subdivision = forms.CharField(
        label=gettext_lazy("Part of the country"),
        required=False,
        max_length=10,
        help_text=gettext_lazy("Its code, for example SCT, if it has holidays of its own."),
    )
    closed_on_public_holidays = forms.BooleanField(
        label=gettext_lazy("Closed on public holidays"), required=False
    )
    groups: ClassVar = [
        ("", ["name", "address", "time_zone"]),
        (gettext_lazy("Opening hours"), [f"weekday-{day}" for day in DAYS]),
        (
            gettext_lazy("Public holidays"),
            ["country", "subdivision", "closed_on_public_holidays"],
        ),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in DAYS:
            self.fields[f"weekday-{day}"] = SpansField(label=WEEKDAYS[day])
        self.fields["weekday-0"].help_text = gettext_lazy(
            "Like 08:00-12:00, 13:00-17:00. Empty is closed; if all are empty, it is always open."
        )


class ExceptionForm(SettingsForm):
    """A date on which a location is not open as usual."""

    date = forms.DateField(
        label=gettext_lazy("Date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    spans = SpansField(
        label=gettext_lazy("Open"),
        help_text=gettext_lazy("Like 08:00-12:00. Empty is closed all day."),
    )
    name = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("For everybody to read, for example Stocktaking."),
    )


class QueueForm(SettingsForm):
    """A queue and its rules."""

    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"), queryset=Location._base_manager.none(), empty_label=None
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    prefix = forms.CharField(  # type: ignore[assignment]
        label=gettext_lazy("Letters of its numbers"),
        max_length=2,
        validators=[
            RegexValidator(
                "^[A-HJ-NPR-VX-Z]{1,2}$",
                gettext_lazy("Write one or two capital letters, without I, O, Q and W."),
            )
        ],
        help_text=gettext_lazy("A for A012."),
    )
    services = RowsChoice(label=gettext_lazy("Services"))
    status = forms.ChoiceField(
        label=gettext_lazy("Now"),
        choices=[
            ("open", gettext_lazy("Open")),
            ("paused", gettext_lazy("Paused: no new tickets")),
            ("closing", gettext_lazy("Closing: serves the rest")),
            ("closed", gettext_lazy("Closed")),
        ],
        help_text=gettext_lazy("Counts until the hours next open or close it."),
    )
    follows_hours = forms.BooleanField(
        label=gettext_lazy("Opens and closes with its location"), required=False, initial=True
    )
    closing_window = MinutesField(
        label=gettext_lazy("Minutes after closing in which those who wait are served"),
        min_value=0,
        max_value=720,
        initial=timedelta(hours=1),
    )
    at_closing = forms.ChoiceField(
        label=gettext_lazy("Who still waits when the day is over"),
        choices=[
            ("expire", gettext_lazy("Their numbers end")),
            ("carry_over", gettext_lazy("They keep their numbers for the next opening")),
        ],
    )
    remote_join = forms.BooleanField(
        label=gettext_lazy("People may join from their phones"),
        help_text=gettext_lazy(
            "If not, numbers are given at the place itself, and who booked checks in on a phone "
            "with the code that kiosks and boards show."
        ),
        required=False,
        initial=True,
    )
    early_join = MinutesField(
        label=gettext_lazy("Minutes before it opens in which people may join"),
        min_value=0,
        max_value=720,
        initial=timedelta(),
    )
    asks_name = forms.ChoiceField(label=gettext_lazy("Ask for a name"), choices=ASK)
    asks_phone = forms.ChoiceField(label=gettext_lazy("Ask for a phone number"), choices=ASK)
    capacity = forms.IntegerField(
        label=gettext_lazy("Most who may wait at once"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Empty for no limit."),
    )
    max_people = forms.IntegerField(
        label=gettext_lazy("Largest group with one number"),
        min_value=1,
        max_value=99,
        initial=1,
    )
    head_start = MinutesField(
        label=gettext_lazy("Minutes of head start for each step of priority"),
        min_value=0,
        max_value=1440,
        initial=timedelta(minutes=15),
    )
    grace_time = MinutesField(
        label=gettext_lazy("Minutes that a called person has to come"),
        min_value=0,
        max_value=60,
        initial=timedelta(),
        help_text=gettext_lazy("Then the number is missed by itself; 0 for never."),
    )
    call_limit = forms.IntegerField(
        label=gettext_lazy("Calls before that time runs"), min_value=1, max_value=9, initial=1
    )
    appointment_merge = forms.ChoiceField(
        label=gettext_lazy("Who booked a time stands"),
        choices=[
            ("interleaved", gettext_lazy("As if they had joined at their time")),
            ("ahead_when_late", gettext_lazy("The same, but first once their time has come")),
            ("own_band", gettext_lazy("Ahead of all who walked in, by their time")),
        ],
    )
    rejoin_window = MinutesField(
        label=gettext_lazy("Minutes in which who missed the call may come back"),
        min_value=0,
        max_value=1440,
        initial=timedelta(minutes=15),
    )
    groups: ClassVar = [
        ("", ["location", "name", "prefix", "services", "status"]),
        (gettext_lazy("Opening and closing"), ["follows_hours", "closing_window", "at_closing"]),
        (
            gettext_lazy("Joining"),
            ["remote_join", "early_join", "asks_name", "asks_phone", "capacity", "max_people"],
        ),
        (
            gettext_lazy("Calling"),
            ["head_start", "appointment_merge", "grace_time", "call_limit", "rejoin_window"],
        ),
    ]
    create_only: ClassVar = ["location"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.row is None:
            # The hours say how a new one stands.
            del self.fields["status"]

    def rows(self, actor: Actor) -> Mapping[str, Any]:
        return {
            "location": provider_selectors.locations_for(actor).order_by("name"),
            "services": provider_selectors.services_for(actor).order_by("name"),
        }


class CounterForm(SettingsForm):
    """A place that people are called to."""

    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"), queryset=Location._base_manager.none(), empty_label=None
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=50,
        help_text=gettext_lazy("What people look for, for example 3."),
    )
    queues = RowsChoice(label=gettext_lazy("Queues that it serves"))
    services = RowsChoice(
        label=gettext_lazy("Only these services"), help_text=gettext_lazy("None chosen is all.")
    )
    create_only: ClassVar = ["location"]

    def rows(self, actor: Actor) -> Mapping[str, Any]:
        queues = selectors.queues_for(actor).prefetch_related(None).select_related("location")
        if self.row is not None:
            queues = queues.filter(location=self.row.location_id)
        return {
            "location": provider_selectors.locations_for(actor).order_by("name"),
            "queues": queues.order_by("location__name", "name"),
            "services": provider_selectors.services_for(actor).order_by("name"),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        location = cleaned.get("location")
        queues: Sequence[Queue] = cleaned.get("queues") or []
        if location is not None and any(queue.location_id != location.pk for queue in queues):
            self.add_error(
                "queues", gettext_lazy("A counter serves queues of its own location only.")
            )
        return cleaned


class ServiceForm(SettingsForm):
    """Something that is offered."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    use = forms.ChoiceField(
        label=gettext_lazy("How people get it"),
        choices=[
            ("both", gettext_lazy("By queue or by appointment")),
            ("walk_in", gettext_lazy("By queue only")),
            ("booking", gettext_lazy("By appointment only")),
        ],
    )
    duration = MinutesField(
        label=gettext_lazy("Minutes it takes"),
        min_value=1,
        max_value=1440,
        initial=timedelta(minutes=15),
    )
    buffer_before = MinutesField(
        label=gettext_lazy("Minutes to prepare before"),
        min_value=0,
        max_value=1440,
        initial=timedelta(),
    )
    buffer_after = MinutesField(
        label=gettext_lazy("Minutes to clear up after"),
        min_value=0,
        max_value=1440,
        initial=timedelta(),
    )
    price = forms.DecimalField(
        label=gettext_lazy("Price"),
        required=False,
        min_value=0,
        max_digits=10,
        decimal_places=2,
        help_text=gettext_lazy("You may leave it empty."),
    )


class MemberForm(SettingsForm):
    """Somebody who works here."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        help_text=gettext_lazy("They sign in with it; who is new here sets a password by mail."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150, required=False)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[
            ("viewer", gettext_lazy("Viewer: looks")),
            ("staff", gettext_lazy("Staff: calls and serves")),
            ("manager", gettext_lazy("Manager: sets up")),
            ("owner", gettext_lazy("Owner: also members and keys")),
        ],
    )
    locations = RowsChoice(
        label=gettext_lazy("Only at these locations"), help_text=gettext_lazy("None chosen is all.")
    )
    create_only: ClassVar = ["email"]

    def rows(self, actor: Actor) -> Mapping[str, Any]:
        return {"locations": provider_selectors.locations_for(actor).order_by("name")}
