"""What a page asks of whoever joins: what the queue asks, and nothing else."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext, gettext_lazy

from queues.models import Ask, Queue
from queues.services.people import MISSING, Person

LABELS = {"name": gettext_lazy("Your name"), "phone": gettext_lazy("Your phone number")}
# What is typed is compared with the queue's own limit; this one keeps it a number.
MOST_PEOPLE = 1000
# What browsers fill in by themselves, and which keys a phone shows.
AUTOCOMPLETE = {"name": "name", "phone": "tel"}


class PersonForm(forms.Form):
    """The fields that the queue asks for. How long they may be is the domain's to say."""

    def __init__(self, queue: Queue, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.queue = queue
        self.fields["people"] = self._people()
        for name, ask in (("name", queue.asks_name), ("phone", queue.asks_phone)):
            if ask != Ask.NO:
                self.fields[name] = self._field(name, is_required=ask == Ask.REQUIRED)

    def _people(self) -> forms.IntegerField:
        most = self.queue.max_people
        widget = forms.NumberInput(attrs={"max": most}) if most > 1 else forms.HiddenInput()
        return forms.IntegerField(
            label=gettext("How many people"),
            min_value=1,
            max_value=MOST_PEOPLE,
            initial=1,
            required=False,
            widget=widget,
        )

    @staticmethod
    def _field(name: str, *, is_required: bool) -> forms.CharField:
        widget = forms.TextInput(attrs={"autocomplete": AUTOCOMPLETE[name]})
        if name == "phone":
            widget.input_type = "tel"
        return forms.CharField(
            label=LABELS[name],
            required=is_required,
            widget=widget,
            error_messages={"required": gettext(MISSING[name])},
            help_text="" if is_required else gettext("You may leave it empty."),
        )

    @property
    def person(self) -> Person:
        """What was typed, and the language of the page."""
        told = {name: self.cleaned_data.get(name, "") for name in LABELS}
        return Person(**told, language=get_language() or "")

    @property
    def people(self) -> int:
        """How many come with the number; one if nothing was said."""
        return self.cleaned_data["people"] or 1
