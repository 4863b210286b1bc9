"""Boards in the console."""

from decimal import Decimal

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy

from console.views.screens import ScreenForm, ScreenKind
from queues.models import Board


class BoardForm(ScreenForm):
    """How a board is set up."""

    inches = forms.IntegerField(
        label=gettext_lazy("Screen size in inches"),
        validators=[MinValueValidator(10), MaxValueValidator(120)],
    )
    metres = forms.DecimalField(
        label=gettext_lazy("Farthest seat in metres"),
        max_digits=3,
        decimal_places=1,
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(40))],
    )
    notice = forms.CharField(
        label=gettext_lazy("Notice"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Shown below the numbers. You may leave it empty."),
    )


BOARDS = ScreenKind(
    "board", Board, BoardForm, {"languages": [settings.LANGUAGE_CODE], "inches": 55, "metres": 8}
)
