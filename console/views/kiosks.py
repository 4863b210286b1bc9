"""Kiosks in the console."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext, gettext_lazy

from console.views.screens import ScreenForm, ScreenKind
from queues.models import Kiosk

PAPERS = [
    ("", gettext_lazy("No printer")),
    ("80", gettext_lazy("80 mm wide")),
    ("58", gettext_lazy("58 mm wide")),
]
# Less than that is no place for a question and its answers.
LEAST_REACH = 30


class KioskForm(ScreenForm):
    """How a kiosk is set up."""

    paper = forms.ChoiceField(label=gettext_lazy("Paper"), choices=PAPERS, required=False)
    bottom_cm = forms.IntegerField(
        label=gettext_lazy("Height above the floor where its picture begins, in cm"),
        validators=[MinValueValidator(0), MaxValueValidator(200)],
        help_text=gettext_lazy(
            "What one touches is kept between 38 and 122 cm, where everybody reaches it."
        ),
    )
    height_cm = forms.IntegerField(
        label=gettext_lazy("Height of its picture, in cm"),
        validators=[MinValueValidator(10), MaxValueValidator(200)],
    )

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if {"bottom_cm", "height_cm"} <= fields.keys():
            bottom, height = fields["bottom_cm"], fields["height_cm"]
            low, high = Kiosk(bottom_cm=bottom, height_cm=height).reach
            if high - low < LEAST_REACH:
                self.add_error(
                    "bottom_cm", gettext("Too little of the picture can be reached like that.")
                )
        return fields


KIOSKS = ScreenKind(
    "kiosk",
    Kiosk,
    KioskForm,
    {"languages": [code for code, _ in settings.LANGUAGES], "bottom_cm": 80, "height_cm": 40},
)
