"""Fields of settings: lengths of time in minutes, hours of a day as one writes them."""

import re
from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from providers.hours import Span

MINUTE = timedelta(minutes=1)
WRITTEN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?\Z")
MIDNIGHT = 24
MOST_SPANS = 6
MOST_QUESTIONS, LONGEST_QUESTION = 20, 200
LONGEST_NUMBER = 9


class MinutesField(forms.IntegerField):
    """A length of time, written in whole minutes; a ``timedelta`` in Python."""

    unit = MINUTE

    def prepare_value(self, value: Any) -> Any:
        return value // self.unit if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, timedelta) else super().to_python(value)

    def clean(self, value: Any) -> Any:
        units = super().clean(value)
        return None if units is None else units * self.unit

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class DaysField(MinutesField):
    """A length of time, written in whole days."""

    unit = timedelta(days=1)


class NumbersField(forms.CharField):
    """A few whole numbers, written like "1440, 120"."""

    def __init__(self, *, least: int, most: int, count: int, **options: Any) -> None:
        widget = forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"})
        super().__init__(required=False, max_length=100, widget=widget, **options)
        self.least, self.most, self.count = least, most, count

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        written = [part for part in re.split(r"[,;،\s]+", super().clean(value)) if part]
        if len(written) > self.count:
            raise ValidationError(gettext("Write up to %(most)d numbers.") % {"most": self.count})
        if not all(
            part.isdecimal() and len(part) < LONGEST_NUMBER and self.least <= int(part) <= self.most
            for part in written
        ):
            limits = {"least": self.least, "most": self.most}
            said = gettext("Write numbers from %(least)d to %(most)d, with commas between.")
            raise ValidationError(said % limits)
        return [int(part) for part in written]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class QuestionsField(forms.CharField):
    """Questions, one a line, with * at the end where an answer is needed; dicts without ids."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 4, "dir": "auto"})
        super().__init__(required=False, max_length=5000, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) or value is None:
            return value
        return "\n".join(f"{one['label']}{' *' if one['required'] else ''}" for one in value)

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_QUESTIONS:
            raise ValidationError(gettext("Ask up to %(most)d.") % {"most": MOST_QUESTIONS})
        asked = [(line.removesuffix("*").strip(), line.endswith("*")) for line in lines]
        if any(not 0 < len(label) <= LONGEST_QUESTION for label, _ in asked):
            raise ValidationError(
                gettext("A question has 1 to %(most)d letters.") % {"most": LONGEST_QUESTION}
            )
        return [{"label": label, "required": required} for label, required in asked]

    def has_changed(self, initial: Any, data: Any) -> bool:
        lines = "\n".join((data or "").splitlines())
        return super().has_changed(self.prepare_value(initial), lines)


class SpansField(forms.CharField):
    """When a day is open, written like "08:00-12:00, 13:00-17:00"; empty is closed."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"})
        super().__init__(required=False, max_length=100, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) or value is None:
            return value
        return ", ".join(f"{span.opens:%H:%M}-{span.closes:%H:%M}" for span in value)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        written = [part.strip() for part in re.split(r"[,;،]", text) if part.strip()]
        if len(written) > MOST_SPANS:
            raise ValidationError(gettext("Write up to %(most)d times.") % {"most": MOST_SPANS})
        return [_span(part) for part in written]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def _span(text: str) -> Span:
    found = WRITTEN.match(text)
    if found is None:
        raise ValidationError(_not_understood(text))
    opens, closes = (_time(text, *found.group(at, at + 1)) for at in (1, 3))
    return Span(opens, closes)


def _time(text: str, hours: str, minutes: str | None) -> time:
    hour, minute = int(hours), int(minutes or 0)
    try:
        return time(0 if (hour, minute) == (MIDNIGHT, 0) else hour, minute)
    except ValueError as error:
        raise ValidationError(_not_understood(text)) from error


def _not_understood(text: str) -> str:
    return gettext("“%(text)s” is not understood. Write it like 08:00-12:00.") % {"text": text}


class RowChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One row, by its name."""


class RowsChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows, each by its name and, where that is not plain, its location."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            queryset=None, required=False, widget=forms.CheckboxSelectMultiple, **options
        )

    def label_from_instance(self, obj: Any) -> str:
        location = getattr(obj, "location", None)
        return f"{obj.name}, {location.name}" if location is not None else str(obj.name)


Choices = Sequence[tuple[str, Any]]
ASK: Choices = [
    ("no", gettext_lazy("Not at all")),
    ("optional", gettext_lazy("If they want")),
    ("required", gettext_lazy("Always")),
]
