"""Figures: better than before? And were people told the truth?"""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from console.charts import share_chart, wait_chart
from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Location, Role
from providers.selectors import locations_for, services_for
from queues import selectors
from queues.figures import LEAST_TICKETS, Figures, Part, Period, days_of, kept_figures_of
from queues.models.figures import MEANT_INSIDE
from waitlessq.errors import InvalidInputError

PRESETS = {
    7: gettext_lazy("The last week"),
    28: gettext_lazy("The last 4 weeks"),
    365: gettext_lazy("The last 12 months"),
}
# What a spreadsheet would take for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
CSV_COLUMNS = (
    "date",
    "queue",
    "service",
    "called",
    "gone",
    "median_seconds",
    "ninetieth_seconds",
    "told_and_called",
    "as_told",
    "longer_than_told",
    "error_seconds",
    "absolute_error_seconds",
)

DAY = forms.DateInput({"type": "date"}, "%Y-%m-%d")


class PeriodForm(forms.Form):
    """Which days, and where."""

    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"),
        queryset=Location.objects.none(),
        required=False,
        empty_label=gettext_lazy("All locations"),
    )
    until = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.label_suffix = ""
        locations: Any = self.fields["location"]
        locations.queryset = locations_for(actor).order_by("name")
        # In an address it is called as in the API, which no attribute can be.
        self.fields["from"] = forms.DateField(
            label=gettext_lazy("From"), required=False, widget=DAY
        )
        self.order_fields(["from", "until", "location"])

    def clean(self) -> dict[str, Any]:
        """Adds the ``period``."""
        asked: dict[str, Any] = super().clean() or {}
        if self.errors:
            return asked
        today = selectors.local_date(self.actor, asked["location"])
        try:
            asked["period"] = Period.of(asked["from"], asked["until"], today=today)
        except InvalidInputError as error:
            [wrong] = error.data["errors"]
            self.add_error(wrong["field"], wrong["message"])
        return asked


@require_safe
@for_members(Role.VIEWER)
def figures(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The figures of a period, as charts with their tables; a wrong period keeps what was typed."""
    form = PeriodForm(actor, request.GET)
    context: dict[str, Any] = {
        "provider": actor.provider,
        "screen": "figures",
        "form": form,
        "least": LEAST_TICKETS,
        "address": request.GET.urlencode(),
    }
    if not form.is_valid():
        status = HTTPStatus.BAD_REQUEST
        return render(request, "console/figures.html", context, status=status)
    location, period = form.cleaned_data["location"], form.cleaned_data["period"]
    # What was found is shown, also where nothing was asked for.
    form.data = {"from": period.first, "until": period.last, "location": location and location.pk}
    found = kept_figures_of(selectors.queue_ids(actor, location), period)
    today = selectors.local_date(actor, location)
    context |= {
        "period": period,
        "before": period.before,
        "presets": [_preset(days, name, today, location) for days, name in PRESETS.items()],
        "figures": found,
        "answer": _answer(found),
        "honest": _honest(found),
        "waits": _waits(found),
        "queues": _named(actor, found.by_queue),
    }
    return render(request, "console/figures.html", context)


@require_safe
@for_members(Role.VIEWER)
def download(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The plain figures of each day, queue and service as CSV."""
    form = PeriodForm(actor, request.GET)
    if not form.is_valid():
        [message] = next(iter(form.errors.values()))[:1]
        return render(request, "error.html", {"detail": message}, status=HTTPStatus.BAD_REQUEST)
    location, period = form.cleaned_data["location"], form.cleaned_data["period"]
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{actor.provider.slug}-{period.first}-{period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    # Without it, spreadsheets take the letters of Hebrew and Arabic names for others.
    response.write("\ufeff")
    rows = csv.writer(response)
    rows.writerow(CSV_COLUMNS)
    queues, services = _names(actor)
    for day in days_of(selectors.queue_ids(actor, location), period):
        waits, told = day.waits, day.told
        names = (queues[day.queue_id], services.get(day.service_id or 0, ""))
        rows.writerow(
            [
                day.date,
                *map(_plain, names),
                waits.called,
                waits.gone,
                waits.median,
                waits.ninetieth,
                told.scored,
                told.inside,
                told.above,
                told.error,
                told.absolute_error,
            ]
        )
    return response


def _preset(days: int, name: Any, today: date, location: Location | None) -> dict[str, Any]:
    first = today - timedelta(days=days - 1)
    query = f"from={first}&until={today}"
    if location is not None:
        query += f"&location={location.pk}"
    return {"name": name, "query": query, "first": first, "last": today}


def _answer(figures: Figures) -> str:
    """What the page has to say first."""
    waits = figures.overall.waits
    if not figures.is_enough or waits.median is None:
        numbers = {"least": LEAST_TICKETS, "called": waits.called}
        return gettext("Figures start at %(least)d tickets. %(called)d so far.") % numbers
    median = _minutes(waits.median)
    said = {"minutes": median, "called": waits.called}
    if figures.median_before is None:
        return gettext("Median wait %(minutes)d min (%(called)d called)") % said
    change = median - _minutes(figures.median_before)
    said["change"] = abs(change)
    if change < 0:
        sentence = gettext(
            "Median wait %(minutes)d min, %(change)d less than before (%(called)d called)"
        )
    elif change > 0:
        sentence = gettext(
            "Median wait %(minutes)d min, %(change)d more than before (%(called)d called)"
        )
    else:
        sentence = gettext("Median wait %(minutes)d min, as before (%(called)d called)")
    return sentence % said


def _honest(figures: Figures) -> dict[str, Any]:
    told = figures.overall.told
    hours = [
        {
            "hour": f"{hour:02}:00",
            "told": one,
            "percent": None if one.share is None else round(one.share * 100),
            "off": _minutes(one.mean_absolute_error),
        }
        for hour, one in figures.told_by_hour.items()
    ]
    shares = {h: one.share for h, one in figures.told_by_hour.items() if one.share is not None}
    return {
        "told": told,
        "percent": None if told.share is None else round(told.share * 100),
        "off": _minutes(told.mean_absolute_error),
        "less": _minutes(told.bias),
        "more": _minutes(told.bias and -told.bias),
        "meant": round(MEANT_INSIDE * 100),
        "hours": hours,
        "chart": share_chart(shares, MEANT_INSIDE) if shares else None,
    }


def _waits(figures: Figures) -> dict[str, Any]:
    known = {
        part.half_hour: (_minutes(part.waits.median), _minutes(part.waits.ninetieth))
        for part in figures.by_half_hour
        if part.half_hour is not None and part.waits.median is not None
    }
    if not known:
        return {}
    slowest = max(known, key=lambda half_hour: known[half_hour])
    return {
        "at": _clock(slowest),
        "minutes": known[slowest][0],
        "rows": [
            {
                "at": _clock(part.half_hour or 0),
                "called": part.waits.called,
                "median": _minutes(part.waits.median),
                "ninetieth": _minutes(part.waits.ninetieth),
            }
            for part in figures.by_half_hour
        ],
        "chart": wait_chart(known),
    }


def _named(actor: Actor, parts: Sequence[Part]) -> list[dict[str, Any]]:
    queues, services = _names(actor)
    return [
        {
            "queue": queues[part.queue_id or 0],
            "service": services.get(part.service_id or 0, ""),
            "called": part.waits.called,
            "median": _minutes(part.waits.median),
            "ninetieth": _minutes(part.waits.ninetieth),
            "percent": None if part.told.share is None else round(part.told.share * 100),
        }
        for part in parts
    ]


def _names(actor: Actor) -> tuple[dict[int, str], dict[int, str]]:
    queues = selectors.queues_for(actor).prefetch_related(None)
    return (
        dict(queues.values_list("pk", "name")),
        dict(services_for(actor).values_list("pk", "name")),
    )


def _minutes(seconds: float | None) -> Any:
    return None if seconds is None else round(seconds / 60)


def _clock(half_hour: int) -> str:
    return f"{half_hour // 2:02}:{half_hour % 2 * 30:02}"


def _plain(name: str) -> str:
    return f"'{name}" if name.startswith(FORMULA_SIGNS) else name
