"""The forms of what can be booked: staff and rooms, when they work, how services are booked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy

from console.views.settings.fields import (
    DaysField,
    MinutesField,
    NumbersField,
    QuestionsField,
    RowChoice,
    RowsChoice,
    SpansField,
)
from console.views.settings.forms import DAYS, SettingsForm, zones
from providers import selectors as provider_selectors
from providers.actors import Actor
from providers.models import Location, Member

MOST_DAYS = 730
MOST_MINUTES = 365 * 1440
LOCAL = "%Y-%m-%dT%H:%M"


class ResourceForm(SettingsForm):
    """Somebody who is booked, or a room, and the usual week."""

    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"), queryset=Location._base_manager.none(), empty_label=None
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[
            ("staff", gettext_lazy("Somebody on the staff")),
            ("room", gettext_lazy("A room")),
        ],
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    member = RowChoice(
        label=gettext_lazy("Signs in as"),
        queryset=Member._base_manager.none(),
        required=False,
        empty_label="–",
    )
    services = RowsChoice(
        label=gettext_lazy("Services"),
        help_text=gettext_lazy("What can be booked with this person, or in this room."),
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Bookings at once"), min_value=1, max_value=1000, initial=1
    )
    rank = forms.IntegerField(
        label=gettext_lazy("Rank"),
        min_value=0,
        max_value=1000,
        initial=0,
        help_text=gettext_lazy("The least is chosen first, where a service goes by rank."),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        required=False,
        choices=lambda: [("", gettext_lazy("As the location")), *zones()],
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("Can be booked"), required=False, initial=True
    )
    groups: ClassVar = [
        ("", ["location", "kind", "name", "services", "is_active"]),
        (gettext_lazy("Usual week"), [f"weekday-{day}" for day in DAYS]),
        (gettext_lazy("More"), ["capacity", "rank", "member", "time_zone"]),
    ]
    create_only: ClassVar = ["location", "kind"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in DAYS:
            self.fields[f"weekday-{day}"] = SpansField(label=WEEKDAYS[day])
        self.fields["weekday-0"].help_text = gettext_lazy(
            "Like 08:00-12:00, 13:00-17:00, with the break between. If all are empty, the hours of"
            " the location count."
        )

    def rows(self, actor: Actor) -> Mapping[str, Any]:
        return {
            "location": provider_selectors.locations_for(actor).order_by("name"),
            "services": provider_selectors.services_for(actor).order_by("name"),
            "member": provider_selectors.members().order_by("name", "user__email"),
        }


class RuleForm(SettingsForm):
    """A weekly rule that the usual week can not say."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What it says"),
        choices=[("open", gettext_lazy("Works")), ("break", gettext_lazy("Has a break"))],
    )
    recurrence = forms.CharField(
        label=gettext_lazy("Weeks and days"),
        max_length=200,
        help_text=gettext_lazy(
            "As RFC 5545 writes it, for example FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU"
            " for every other Monday and Tuesday."
        ),
        widget=forms.TextInput({"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )
    starts = forms.TimeField(
        label=gettext_lazy("From"), widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    ends = forms.TimeField(
        label=gettext_lazy("To"), widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    valid_from = forms.DateField(
        label=gettext_lazy("First day"),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=gettext_lazy("Every other week is counted from it."),
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=gettext_lazy("You may leave it empty."),
    )


class AwayForm(SettingsForm):
    """A time in which somebody is not there, or there besides."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[
            ("closed", gettext_lazy("Away, or closed")),
            ("extra", gettext_lazy("Extra hours")),
            ("break", gettext_lazy("A break")),
        ],
    )
    starts_at = forms.DateTimeField(
        label=gettext_lazy("From"),
        input_formats=[LOCAL],
        widget=forms.DateTimeInput({"type": "datetime-local"}, LOCAL),
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("To"),
        input_formats=[LOCAL],
        widget=forms.DateTimeInput({"type": "datetime-local"}, LOCAL),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=100)


class BusyFeedForm(SettingsForm):
    """A calendar elsewhere."""

    url = forms.CharField(
        label=gettext_lazy("Address of the calendar"),
        max_length=2000,
        help_text=gettext_lazy(
            "The secret address in iCal format, which the other calendar shows in its settings."
        ),
        widget=forms.TextInput(
            {"dir": "ltr", "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        ),
    )


class PolicyForm(SettingsForm):
    """How a service is booked."""

    needs = forms.ChoiceField(
        label=gettext_lazy("A booking takes"),
        choices=[
            ("staff", gettext_lazy("Somebody on the staff")),
            ("room", gettext_lazy("A room")),
            ("both", gettext_lazy("Both together")),
        ],
    )
    group_size = forms.IntegerField(
        label=gettext_lazy("Customers who share it"),
        min_value=1,
        max_value=1000,
        initial=1,
        help_text=gettext_lazy("1, or the places of a class."),
    )
    step = MinutesField(
        label=gettext_lazy("Bookings start every so many minutes"),
        min_value=5,
        max_value=1440,
        initial=timedelta(minutes=15),
    )
    assignment = forms.ChoiceField(
        label=gettext_lazy("Who gets a booking that names nobody"),
        choices=[
            ("fair", gettext_lazy("Whoever has the fewest that week")),
            ("preference", gettext_lazy("Whoever has the least rank")),
        ],
    )
    minimum_notice = MinutesField(
        label=gettext_lazy("Minutes ahead that customers book at the latest"),
        min_value=0,
        max_value=MOST_MINUTES,
        initial=timedelta(hours=1),
    )
    horizon = DaysField(
        label=gettext_lazy("Days ahead that customers book at the earliest"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=timedelta(days=60),
    )
    needs_approval = forms.BooleanField(
        label=gettext_lazy("Somebody approves each booking"), required=False
    )
    questions = QuestionsField(
        label=gettext_lazy("Questions"),
        help_text=gettext_lazy("One a line; end it with * if an answer is needed."),
    )
    cancel_notice = MinutesField(
        label=gettext_lazy("Minutes before the start until which customers may cancel"),
        min_value=0,
        max_value=MOST_MINUTES,
        initial=timedelta(),
    )
    reschedule_notice = MinutesField(
        label=gettext_lazy("Minutes before the start until which they may move it"),
        min_value=0,
        max_value=MOST_MINUTES,
        initial=timedelta(),
    )
    most_reschedules = forms.IntegerField(
        label=gettext_lazy("How often they may move it"), min_value=0, max_value=1000, initial=3
    )
    groups: ClassVar = [
        ("", ["needs", "group_size", "step", "assignment"]),
        (
            gettext_lazy("When customers book"),
            ["minimum_notice", "horizon", "needs_approval", "questions"],
        ),
        (
            gettext_lazy("When customers change their mind"),
            ["cancel_notice", "reschedule_notice", "most_reschedules"],
        ),
    ]


class RulesForm(SettingsForm):
    """What holds for all bookings."""

    reminder_minutes = NumbersField(
        label=gettext_lazy("Reminders, in minutes before the start"),
        least=5,
        most=60 * 1440,
        count=5,
        help_text=gettext_lazy("Like 1440, 120 for a day and two hours. Empty for none."),
    )
    no_show_limit = forms.IntegerField(
        label=gettext_lazy("From how many missed bookings on the rule counts"),
        min_value=0,
        max_value=1000,
        help_text=gettext_lazy("0 for never."),
    )
    no_show_window = DaysField(
        label=gettext_lazy("In how many days"), min_value=1, max_value=MOST_DAYS
    )
    no_show_consequence = forms.ChoiceField(
        label=gettext_lazy("Then"),
        choices=[
            ("approval", gettext_lazy("Somebody approves their bookings")),
            ("refused", gettext_lazy("Only you book for them")),
        ],
    )
    groups: ClassVar = [
        ("", ["reminder_minutes"]),
        (
            gettext_lazy("Who often does not come"),
            ["no_show_limit", "no_show_window", "no_show_consequence"],
        ),
    ]
