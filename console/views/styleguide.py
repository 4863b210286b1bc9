"""Every component in every state, side by side in light, dark and from right to left."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, override
from django.views.decorators.http import require_safe

from console.charts import share_chart, wait_chart
from waitlessq import clock

# A theme and a language for each column.
COLUMNS = (("light", "en"), ("dark", "en"), ("light", "he"), ("dark", "ar"))
RIGHT_TO_LEFT = {"he", "ar"}


class SpecimenForm(forms.Form):
    """A field as it is, one that cannot be used, and one to check."""

    email = forms.EmailField()
    name = forms.CharField(disabled=True, required=False)
    remember = forms.BooleanField(required=False)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Only where ``DEBUG`` is on."""
    columns = [_column(theme, language) for theme, language in COLUMNS]
    return render(request, "styleguide/index.html", {"columns": columns})


def _column(theme: str, language: str) -> dict[str, object]:
    prefix = f"{theme}-{language}"
    with override(language):
        return {
            "prefix": prefix,
            "theme": theme,
            "language": language,
            "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
            "now": clock.now().replace(tzinfo=None),
            "bars": range(12),
            "shares": share_chart({9: 0.7, 10: 0.8, 11: 0.95}, goal=0.8),
            "waits": wait_chart({18: (5, 12), 19: (9, 20), 20: (7, 15)}),
            "form": SpecimenForm(auto_id=f"{prefix}-%s"),
            "wrong": SpecimenForm({"email": "owner@"}, auto_id=f"{prefix}-wrong-%s"),
            "no_connection": gettext("No connection since {since}. This is how it was.").format(
                since="14:03"
            ),
        }
