"""What somebody wants, with whom, and who they are: asked when booking, and for the wait list."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from appointments.models import BookingPolicy, Resource
from appointments.selectors import bookable_policies, resources_offering
from events import idempotency
from providers.actors import Actor
from providers.contacts import LONGEST_EMAIL
from providers.models import Customer, Location, Service
from providers.selectors import customers, customers_matching
from providers.services.customers import customer_find_or_create
from waitlessq.forms import whole_number

PEOPLE_SHOWN = 8
# Its value is another one each time that the form is shown.
CSRF_FIELD = "csrfmiddlewaretoken"
# What changes asks for the rest of the form anew.
LOOKS = {
    "hx-vals": '{"look": "1"}',
    "hx-target": "#asked",
    "hx-select": "#asked",
    "hx-swap": "outerHTML",
    "hx-sync": "closest form:replace",
}


class WishForm(forms.Form):
    """What is wanted of a location, and who comes; a change of the first asks ``url`` for the rest.

    People are looked for by what is typed; the page shows whom it finds.
    """

    service = forms.ModelChoiceField(
        label=gettext_lazy("Service"), queryset=Service._base_manager.none(), empty_label=None
    )
    resource = forms.ModelChoiceField(
        label=gettext_lazy("With"),
        queryset=Resource._base_manager.none(),
        required=False,
        empty_label=gettext_lazy("Anybody"),
    )
    find = forms.CharField(
        label=gettext_lazy("Name, phone number or e-mail address"),
        required=False,
        max_length=LONGEST_EMAIL,
        widget=forms.TextInput({"type": "search", "dir": "auto", "autocomplete": "off"}),
    )
    customer = forms.ModelChoiceField(
        label=gettext_lazy("Who comes"), queryset=Customer._base_manager.none(), required=False
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=1000, required=False)
    phone = forms.CharField(
        label=gettext_lazy("Phone number"),
        required=False,
        widget=forms.TextInput({"type": "tel"}),
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        required=False,
        max_length=LONGEST_EMAIL,
        widget=forms.EmailInput(),
    )

    def __init__(
        self, location: Location, policy: BookingPolicy | None, url: str, **options: Any
    ) -> None:
        super().__init__(**options)
        self.label_suffix = ""
        self.policy = policy
        choices: Any = self.fields
        services = Service.objects.filter(pk__in=_policies_at(location).values("service"))
        choices["service"].queryset = services.order_by("name")
        choices["customer"].queryset = customers()
        if policy is not None:
            choices["resource"].queryset = resources_offering(policy, location)
        self.look_when_changed(url, "service")
        typed = {"hx-post": url, "hx-trigger": "input changed delay:300ms"}
        choices["find"].widget.attrs |= LOOKS | typed

    def look_when_changed(self, url: str, *names: str) -> None:
        """Has the page asked for anew once one of these fields is another."""
        for name in names:
            changed = {"hx-post": url, "hx-trigger": "change"}
            self.fields[name].widget.attrs |= LOOKS | changed

    def summary(self) -> list[tuple[Any, Any]]:
        """All fields with what is wrong with each, for the summary above them."""
        return [(self[name], self[name].errors) for name in self.fields]

    def people(self) -> tuple[Sequence[Customer], int | None]:
        """Whom the page offers, and the id of who was chosen, who is among them."""
        found = customers_matching(self["find"].value() or "")
        shown = list(found.order_by("name_folded", "id")[:PEOPLE_SHOWN])
        chosen = whole_number(str(self["customer"].value() or ""))
        if chosen and all(one.pk != chosen for one in shown):
            shown = [*customers().filter(pk=chosen), *shown]
        return shown, chosen


def policy_wanted(location: Location, said: Mapping[str, str]) -> BookingPolicy | None:
    """How the service is booked that a form says, or one of whom it says, or the first there is."""
    policies = _policies_at(location).distinct()
    policy = policies.filter(service=whole_number(said.get("service", "")) or 0).first()
    resource_id = whole_number(said.get("resource", ""))
    policy = policy or policies.filter(service__resources=resource_id).first()
    return policy or policies.first()


def _policies_at(location: Location) -> QuerySet[BookingPolicy]:
    return bookable_policies().filter(service__resources__location=location)


def who_comes(actor: Actor, location: Location, asked: Mapping[str, Any]) -> Customer | None:
    """The customer that a valid ``WishForm`` says, made if they are new; None if it says nothing.

    Raises:
        InvalidInputError: the number or the address can not be one.
    """
    known: Customer | None = asked["customer"]
    if known is not None or not (asked["name"] or asked["phone"] or asked["email"]):
        return known
    return customer_find_or_create(
        actor=actor,
        name=asked["name"],
        phone=asked["phone"],
        email=asked["email"],
        region=location.phone_region,
    )


def fingerprint(what: str, form: forms.Form) -> str:
    """By what a form that was sent is told from the same form, sent with something else in it."""
    posted: Any = form.data
    fields = sorted((name, texts) for name, texts in posted.lists() if name != CSRF_FIELD)
    return idempotency.fingerprint("POST", what, json.dumps(fields).encode())
