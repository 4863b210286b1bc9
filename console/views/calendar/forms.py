"""The forms that say who is late, and who is not after all."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from appointments.models import Resource
from appointments.selectors import resources_for
from providers.actors import Actor
from providers.api.fields import HIGHEST_ID

USUAL_MINUTES = 15
MOST_MINUTES = 240


class LateForm(forms.Form):
    """Who is late, and by how much."""

    resource = forms.ModelChoiceField(
        label=gettext_lazy("Who or what"),
        queryset=Resource._base_manager.none(),
        empty_label=None,
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=1, max_value=MOST_MINUTES, initial=USUAL_MINUTES
    )

    def __init__(self, actor: Actor, location_id: int | None = None, data: Any = None) -> None:
        super().__init__(data, auto_id="late_%s")
        self.label_suffix = ""
        rows = resources_for(actor).filter(is_active=True).order_by("-kind", "name")
        people: Any = self.fields["resource"]
        people.queryset = rows.filter(location=location_id) if location_id else rows


class LateUndoForm(forms.Form):
    """What the button that takes it back sends."""

    resource = forms.IntegerField(min_value=1, max_value=HIGHEST_ID)
    delay = forms.UUIDField()
