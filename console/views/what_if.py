"""What if another counter opened? A sheet at the desk."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from console.views.desk import counter_of
from console.views.guard import for_members
from providers.actors import Actor
from providers.models import Role
from pwa.views.waits import WaitText, wait_text
from queues.errors import NoEstimateError
from queues.models import Counter, Queue
from queues.waits import Wait
from queues.what_if import Place, WhatIf, with_counters
from waitlessq.errors import InvalidInputError

PLACES_SHOWN = 10
CHANGES = {
    1: gettext_lazy("One counter more"),
    2: gettext_lazy("Two counters more"),
    -1: gettext_lazy("One counter fewer"),
}
CLOCK = forms.TimeInput({"type": "time"}, "%H:%M")


class WhatIfForm(forms.Form):
    """How many counters more or fewer, and when."""

    queue = forms.ModelChoiceField(
        label=gettext_lazy("Queue"), queryset=Queue.objects.none(), empty_label=None
    )
    counters = forms.TypedChoiceField(
        label=gettext_lazy("What if there were"), choices=list(CHANGES.items()), coerce=int
    )
    until = forms.TimeField(
        label=gettext_lazy("To"),
        required=False,
        widget=CLOCK,
        help_text=gettext_lazy("Empty: for the rest of the day."),
    )

    def __init__(self, counter: Counter, data: Any = None) -> None:
        super().__init__(data, auto_id="what-if-%s")
        self.label_suffix = ""
        queues: Any = self.fields["queue"]
        queues.queryset = counter.queues.select_related("location").order_by("name")
        if len(counter.queues.all()) == 1:
            queues.widget = forms.HiddenInput()
            queues.initial = counter.queues.all()[0]
        # In an address it is called as in the API, which no attribute can be.
        self.fields["from"] = forms.TimeField(
            label=gettext_lazy("From"),
            required=False,
            widget=CLOCK,
            help_text=gettext_lazy("Empty: from now on."),
        )
        self.order_fields(["queue", "counters", "from", "until"])

    def answer(self) -> WhatIf | None:
        """What it would come to; None, with errors, if that can not be said."""
        asked = self.cleaned_data
        try:
            return with_counters(
                asked["queue"], counters=asked["counters"], start=asked["from"], end=asked["until"]
            )
        except InvalidInputError as error:
            [wrong] = error.data["errors"]
            self.add_error(wrong["field"], wrong["message"])
        except NoEstimateError as error:
            self.add_error(None, error.detail)
        return None


@require_safe
@for_members(Role.VIEWER)
def what_if(request: HttpRequest, actor: Actor, counter_id: int) -> HttpResponse:
    """The question and, once it is asked, its answer; a part of the desk, or a page of its own."""
    counter = counter_of(actor, counter_id)
    form = WhatIfForm(counter, request.GET or None)
    context = {"provider": actor.provider, "screen": "desk", "counter": counter, "form": form}
    if form.is_valid() and (answer := form.answer()) is not None:
        context |= _said(answer)
    template = "_what_if.html" if request.headers.get("HX-Request") else "what_if.html"
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, f"console/{template}", context, status=status)


def _said(answer: WhatIf) -> dict[str, Any]:
    line = [
        {"code": one.code, **_both(one, ahead)}
        for ahead, one in enumerate(answer.line[:PLACES_SHOWN])
    ]
    return {
        "newcomer": _both(answer.newcomer, len(answer.line)),
        "line": line,
        "hidden": len(answer.line) - len(line),
    }


def _both(place: Place, ahead: int) -> dict[str, WaitText]:
    return {"now": _text(place.now, ahead), "then": _text(place.then, ahead)}


def _text(wait: Wait | None, ahead: int) -> WaitText:
    if wait is None:
        return WaitText(gettext("Nobody is called"), "")
    return wait_text(wait, ahead)
