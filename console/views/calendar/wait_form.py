"""Putting somebody on the wait list: what, with whom, from when until when, and who waits."""

import json
from datetime import datetime, time, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import make_naive
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from appointments.models import BookingPolicy
from appointments.services.seats import Wish
from appointments.services.waitlist import waitlist_join
from console.views.calendar.wishes import WishForm, fingerprint, policy_wanted, who_comes
from console.views.guard import for_members
from events import idempotency
from providers.actors import Actor
from providers.models import Location, Role
from providers.selectors import locations_for
from waitlessq import clock
from waitlessq.db.reading import newest
from waitlessq.errors import DomainError, InvalidInputError
from waitlessq.forms import whole_number

USUAL_WINDOW = timedelta(days=14)
# As browsers send it, and as they want it.
LOCAL = "%Y-%m-%dT%H:%M"


class WallField(forms.DateTimeField):
    """A date and a time on a wall that the form does not know."""

    def __init__(self, label: Any) -> None:
        widget = forms.DateTimeInput({"type": "datetime-local"}, LOCAL)
        super().__init__(label=label, input_formats=[LOCAL], widget=widget)

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        return None if found is None else make_naive(found)


class WaitForm(WishForm):
    """Who waits for what, and when it could start, on the location's wall."""

    first = WallField(gettext_lazy("Could start from"))
    last = WallField(gettext_lazy("Must start before"))

    field_order = (
        "service", "resource", "first", "last", "find", "customer", "name", "phone", "email",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Whoever waits is to be told from others: by whom they are, or how they are reached."""
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        who = ("customer", "name", "phone", "email")
        if not any(asked.get(name) for name in who) and not self.errors.keys() & set(who):
            self.add_error("name", gettext("Write who waits."))
        return asked


@require_http_methods(["GET", "POST"])
@newest
@for_members(Role.STAFF)
def add(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A form that puts somebody on the list; what was typed is always kept."""
    said = request.POST if request.method == "POST" else request.GET
    places = list(locations_for(actor).order_by("name", "id"))
    wanted = whole_number(said.get("location", ""))
    location = next((one for one in places if one.pk == wanted), places[0] if places else None)
    if location is None:
        return redirect("console-waitlist", actor.provider.slug)
    policy = policy_wanted(location, said)
    is_look = request.method != "POST" or "look" in request.POST
    form = _form(actor, location, policy, said, is_bound=not is_look)
    status = HTTPStatus.OK
    if not is_look:
        status = _joined(actor, location, form, request.POST.get("key", ""))
        if status == HTTPStatus.OK:
            messages.success(request, gettext("On the wait list."))
            return redirect("console-waitlist", actor.provider.slug)
    people, customer_id = form.people()
    context = {
        "provider": actor.provider,
        "screen": "calendar",
        "form": form,
        "location": location,
        "places": places,
        "people": people,
        "customer_id": customer_id,
        "form_key": uuid4(),
    }
    return render(request, "console/wait_form.html", context, status=status)


def _form(
    actor: Actor, location: Location, policy: BookingPolicy | None, said: Any, *, is_bound: bool
) -> WaitForm:
    url = reverse("console-waitlist-add", args=[actor.provider.slug])
    if is_bound:
        return WaitForm(location, policy, url, data=said)
    here = clock.now().astimezone(location.zone)
    midnight = datetime.combine(here.date() + USUAL_WINDOW, time())
    shown = {
        "first": said.get("first") or here.strftime(LOCAL),
        "last": said.get("last") or midnight.strftime(LOCAL),
    }
    others = {name: said.get(name) for name in said if name not in shown}
    service = {"service": policy and policy.service_id}
    return WaitForm(location, policy, url, initial=others | shown | service)


def _joined(actor: Actor, location: Location, form: WaitForm, key: str) -> HTTPStatus:
    """Whether they wait now, once for each time the form was shown; else the form says why not."""
    if not form.is_valid():
        return HTTPStatus.BAD_REQUEST

    def effect() -> idempotency.Answer:
        asked = form.cleaned_data
        resource = asked["resource"]
        entry = waitlist_join(
            actor=actor,
            wish=Wish(asked["service"].pk, asked["first"], location.pk, resource and resource.pk),
            last=asked["last"],
            customer=who_comes(actor, location, asked),
        )
        return idempotency.Answer(HTTPStatus.CREATED, json.dumps(entry.pk))

    try:
        idempotency.run_once(
            scope=f"provider:{actor.provider.pk}/{actor.name}/waitlist/add",
            key=idempotency.form_key(key),
            fingerprint=fingerprint("wait", form),
            effect=effect,
        )
    except idempotency.KeyReusedError:
        form.add_error(None, gettext("This form was sent already. Open a new one."))
        return HTTPStatus.CONFLICT
    except InvalidInputError as error:
        [wrong] = error.data["errors"]
        form.add_error(wrong["field"] if wrong["field"] in form.fields else None, wrong["message"])
        return error.status
    except DomainError as error:
        form.add_error("first", error.detail)
        return error.status
    return HTTPStatus.OK
