"""Customers: who is this? Looking for people, what is noted of them, their visits; erasing them."""

import json
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from appointments.selectors import bookings_of
from console.views.guard import for_members
from events import idempotency
from providers.actors import Actor
from providers.contacts import LONGEST_EMAIL
from providers.models import Customer, Location, Role
from providers.selectors import customers, customers_matching
from providers.services import customers as services
from queues import selectors
from queues.models import Queue, QueueStatus, Source
from queues.services.people import Person
from queues.services.tickets import ticket_join
from waitlessq.db.reading import newest
from waitlessq.errors import DomainError, InvalidInputError
from waitlessq.forms import whole_number

PEOPLE_SHOWN = 50
VISITS_SHOWN = 20


class CustomerForm(forms.Form):
    """Somebody to know from now on."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=1000)
    phone = forms.CharField(
        label=gettext_lazy("Phone number"),
        required=False,
        help_text=gettext_lazy("You may leave it empty."),
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        required=False,
        max_length=LONGEST_EMAIL,
        help_text=gettext_lazy("You may leave it empty."),
        widget=forms.EmailInput(),
    )


class NameForm(forms.Form):
    """What a customer is called."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=1000)


@require_safe
@newest
@for_members(Role.STAFF)
def search(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who is looked for; nobody before something is typed. For htmx the rows alone."""
    text = request.GET.get("q", "")
    context = _common(actor) | {
        "text": text[:LONGEST_EMAIL],
        "people": customers_matching(text).order_by("name_folded", "id")[:PEOPLE_SHOWN],
    }
    is_part = request.headers.get("HX-Request") is not None
    template = "console/_customers.html" if is_part else "console/customers.html"
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@for_members(Role.STAFF)
def add(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Somebody new, or somebody known who is found by number or address."""
    if request.method != "POST":
        form = CustomerForm(initial={"name": request.GET.get("name", "")[:LONGEST_EMAIL]})
        return _add_page(request, actor, form)
    form = CustomerForm(request.POST)
    made = _saved(
        form,
        lambda fields: services.customer_find_or_create(
            actor=actor, region=_region(actor), **fields
        ),
    )
    if made is None:
        return _add_page(request, actor, form, HTTPStatus.BAD_REQUEST)
    return redirect("console-customer", actor.provider.slug, made.pk)


@require_safe
@newest
@for_members(Role.STAFF)
def customer(request: HttpRequest, actor: Actor, customer_id: int) -> HttpResponse:
    """One person: how to reach them, notes, visits."""
    return _page(request, actor, _customer(customer_id))


@require_POST
@for_members(Role.STAFF)
def rename(request: HttpRequest, actor: Actor, customer_id: int) -> HttpResponse:
    """They are called something else."""
    found = _customer(customer_id)
    form = NameForm(request.POST)
    made = _saved(
        form,
        lambda fields: services.customer_update(actor=actor, customer_id=customer_id, **fields),
    )
    if made is None:
        return _page(request, actor, found, HTTPStatus.BAD_REQUEST, form=form)
    messages.success(request, gettext("Saved."))
    return redirect("console-customer", actor.provider.slug, customer_id)


@require_POST
@for_members(Role.STAFF)
def note(request: HttpRequest, actor: Actor, customer_id: int) -> HttpResponse:
    """What is noted of them; what cannot be saved stays in its field."""
    found = _customer(customer_id)
    text = request.POST.get("notes", "")
    status, problem = HTTPStatus.OK, ""
    try:
        found = services.customer_update(actor=actor, customer_id=customer_id, notes=text)
    except InvalidInputError as error:
        status, problem = HTTPStatus.BAD_REQUEST, error.detail
        found.notes = text
    if request.headers.get("HX-Request") is not None:
        context = _common(actor) | {
            "customer": found,
            "problem": problem,
            "is_saved": not problem,
        }
        return render(request, "console/_notes.html", context, status=status)
    if problem:
        return _page(request, actor, found, status, problem=problem)
    messages.success(request, gettext("Saved."))
    return redirect("console-customer", actor.provider.slug, customer_id)


@require_POST
@for_members(Role.STAFF)
def join(request: HttpRequest, actor: Actor, customer_id: int) -> HttpResponse:
    """A number for somebody who is known; one for each time the form was shown."""
    found = _customer(customer_id)
    queue_id = whole_number(request.POST.get("queue", ""))
    if queue_id is None:
        problem = gettext("Choose a queue.")
        return _page(request, actor, found, HTTPStatus.BAD_REQUEST, join_problem=problem)

    def effect() -> idempotency.Answer:
        ticket = ticket_join(
            actor=actor,
            queue_id=queue_id,
            source=Source.STAFF,
            person=Person(customer_id=customer_id),
        )
        place = {"code": ticket.code, "place": selectors.position(ticket)}
        return idempotency.Answer(HTTPStatus.CREATED, json.dumps(place))

    try:
        answer = idempotency.run_once(
            scope=f"provider:{actor.provider.pk}/{actor.name}/customer:{customer_id}",
            key=idempotency.form_key(request.POST.get("key", "")),
            fingerprint="",
            effect=effect,
        )
    except DomainError as error:
        return _page(request, actor, found, error.status, join_problem=error.detail)
    said = gettext("%(code)s is in the line, at place %(place)s.")
    messages.success(request, said % json.loads(answer.body))
    return redirect("console-customer", actor.provider.slug, customer_id)


@require_POST
@for_members(Role.MANAGER)
def erase(request: HttpRequest, actor: Actor, customer_id: int) -> HttpResponse:
    """Forgets them for good."""
    _customer(customer_id)
    services.customer_erase(actor=actor, customer_id=customer_id)
    messages.success(request, gettext("Erased. Tickets and times stay, as nobody's."))
    return redirect("console-customers", actor.provider.slug)


def _customer(customer_id: int) -> Customer:
    found = customers().filter(pk=customer_id).first()
    if found is None:
        raise Http404
    return found


def _region(actor: Actor) -> str | None:
    """The country of numbers that do not say one: that of the provider's first location."""
    first = Location.objects.order_by("id").first()
    return None if first is None else first.phone_region


def _saved(form: forms.Form, save: Callable[[Any], Customer]) -> Customer | None:
    """What the service made of a form; None when the form now says what is wrong."""
    if not form.is_valid():
        return None
    try:
        return save(form.cleaned_data)
    except InvalidInputError as error:
        form.add_error(error.data["errors"][0]["field"], error.detail)
    return None


def _add_page(
    request: HttpRequest, actor: Actor, form: CustomerForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    form.label_suffix = ""
    context = _common(actor) | {"form": form}
    return render(request, "console/customer_new.html", context, status=status)


def _page(
    request: HttpRequest,
    actor: Actor,
    found: Customer,
    status: HTTPStatus = HTTPStatus.OK,
    form: NameForm | None = None,
    **context: Any,
) -> HttpResponse:
    open_queues = selectors.queues_for(actor).prefetch_related(None).select_related("location")
    queues = open_queues.filter(status=QueueStatus.OPEN).order_by("location__name", "name")
    form = form or NameForm(initial={"name": found.name})
    form.label_suffix = ""
    whole = _common(actor) | {
        "customer": found,
        "form": form,
        "visits": selectors.visits_of(actor, found.pk, limit=VISITS_SHOWN),
        "bookings": bookings_of(actor, found)[:VISITS_SHOWN],
        "queues": [queue for queue in queues if _asks(queue)],
        "key": uuid.uuid4(),
        "may_erase": actor.may(Role.MANAGER),
    }
    return render(request, "console/customer.html", whole | context, status=status)


def _asks(queue: Queue) -> bool:
    """Whether a number of the queue is anybody's; else it would not say whose it is."""
    return not queue.is_anonymous


def _common(actor: Actor) -> dict[str, Any]:
    return {"provider": actor.provider, "screen": "customers"}
