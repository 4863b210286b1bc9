"""The settings: a section at a time, what was typed is kept, and services have the last word."""

from datetime import date, time, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.forms import ChoiceField
from django.test import Client
from django.utils import translation

from conftest import House, add_member, client_of
from providers.hours import Span
from providers.models import Location, Member, Role
from providers.selectors import hours_of
from queues.models import Counter, Queue

S = "/console/clinic/settings"


@pytest.fixture
def manager(house: House) -> Client:
    """Signed in as a manager of the house."""
    return client_of(add_member(house.provider, Role.MANAGER))


def shown(client: Client, path: str) -> dict[str, Any]:
    """What the form of a page shows, as a browser would send it back."""
    form = client.get(path).context["form"]
    data = {name: form[name].value() for name in form.fields}
    # Of a list without a choice the first is sent.
    data |= {
        name: next(iter(form.fields[name].choices))[0]
        for name in form.fields
        if data[name] is None and type(form.fields[name]) is ChoiceField
    }
    return {
        name: [getattr(v, "pk", v) for v in value] if isinstance(value, list) else value
        for name, value in data.items()
        if value is not None and value is not False
    }


def test_the_sections_are_for_who_may_change_them(
    manager: Client, owner: Client, staff: Client
) -> None:
    seen = manager.get(f"{S}/").text
    assert "Locations and hours" in seen
    assert "Members" not in seen
    assert "Members" in owner.get(f"{S}/").text
    assert "/settings/" not in staff.get("/console/clinic/").text


def test_a_name_is_looked_for_in_all_sections(manager: Client, house: House) -> None:
    page = manager.get(f"{S}/?q=walk").text
    assert f"{S}/queues/{house.queue.pk}/" in page
    assert "No match" in manager.get(f"{S}/?q=nobody").text


def test_a_week_is_written_as_one_says_it(manager: Client, in_house: House) -> None:
    path = f"{S}/locations/{in_house.location.pk}/"
    data = shown(manager, path) | {"weekday-0": "8-12, 13:00–17:30", "weekday-4": "22:00-02:00"}
    assert manager.post(path, data).status_code == HTTPStatus.FOUND
    week = {
        0: [Span(time(8), time(12)), Span(time(13), time(17, 30))],
        4: [Span(time(22), time(2))],
    }
    assert hours_of([in_house.location])[in_house.location.pk].week == week
    assert "08:00-12:00, 13:00-17:30" in manager.get(path).text


@pytest.mark.parametrize(
    ("written", "said"),
    [("morning", "is not understood"), ("25-26", "is not understood"), ("8-12, 11-13", "overlap")],
)
def test_what_is_not_understood_is_kept_and_nothing_is_saved(
    manager: Client, in_house: House, written: str, said: str
) -> None:
    path = f"{S}/locations/{in_house.location.pk}/"
    data = shown(manager, path) | {"name": "Elsewhere", "weekday-0": written}
    refused = manager.post(path, data)
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert (said in refused.text, f'value="{written}"' in refused.text) == (True, True)
    assert 'value="Elsewhere"' in refused.text
    assert Location.objects.get(pk=in_house.location.pk).name == "Main"


def test_a_date_is_added_and_removed(manager: Client, in_house: House) -> None:
    path = f"{S}/locations/{in_house.location.pk}"
    data = {"exception-date": "2099-12-24", "exception-spans": "8-10", "exception-name": "Early"}
    assert manager.post(f"{path}/exceptions/", data).status_code == HTTPStatus.FOUND
    page = manager.get(f"{path}/").text
    assert "Early" in page
    kept = hours_of([in_house.location])[in_house.location.pk].exceptions
    assert kept == {date(2099, 12, 24): [Span(time(8), time(10))]}
    refused = manager.post(f"{path}/exceptions/", data | {"exception-date": "soon"})
    assert (refused.status_code, 'value="soon"' in refused.text) == (HTTPStatus.BAD_REQUEST, True)
    manager.post(f"{path}/exceptions/2099-12-24/remove/")
    assert hours_of([in_house.location])[in_house.location.pk].exceptions == {}


def test_a_queue_is_changed_only_where_the_form_was(manager: Client, in_house: House) -> None:
    path = f"{S}/queues/{in_house.queue.pk}/"
    data = shown(manager, path)
    before = Queue.objects.get(pk=in_house.queue.pk)
    assert manager.post(path, data).status_code == HTTPStatus.FOUND
    assert Queue.objects.get(pk=before.pk).sequence == before.sequence
    data |= {"early_join": 45, "at_closing": "carry_over", "capacity": 9, "services": []}
    del data["remote_join"]
    assert manager.post(path, data).status_code == HTTPStatus.FOUND
    after = Queue.objects.get(pk=before.pk)
    assert (after.early_join, after.at_closing) == (timedelta(minutes=45), "carry_over")
    assert (after.capacity, after.remote_join) == (9, False)
    assert (list(after.services.all()), after.status_by_hand) == ([], False)


def test_rows_are_added(manager: Client, in_house: House) -> None:
    location = in_house.location.pk
    data = shown(manager, f"{S}/queues/new/") | {"location": location, "name": "Second"}
    refused = manager.post(f"{S}/queues/new/", data | {"prefix": "O"})
    assert "without I, O, Q and W" in refused.text
    made = manager.post(f"{S}/queues/new/", data | {"prefix": "B"})
    assert made.status_code == HTTPStatus.FOUND
    second = Queue.objects.get(name="Second")
    data = {"location": location, "name": "3", "queues": [second.pk]}
    assert manager.post(f"{S}/counters/new/", data).status_code == HTTPStatus.FOUND
    assert list(Counter.objects.get(name="3").queues.all()) == [second]
    taken = manager.post(f"{S}/counters/new/", data)
    assert (taken.status_code, "This name is taken" in taken.text) == (400, True)
    data = shown(manager, f"{S}/services/new/") | {"name": "Passport"}
    assert manager.post(f"{S}/services/new/", data).status_code == HTTPStatus.FOUND


def test_members_are_the_owners(owner: Client, in_house: House) -> None:
    data = {"email": "new@clinic.example", "name": "Nora", "role": "staff", "locations": []}
    assert owner.post(f"{S}/members/new/", data).status_code == HTTPStatus.FOUND
    assert "work here already" in owner.post(f"{S}/members/new/", data).text
    nora = Member.objects.get(name="Nora")
    path = f"{S}/members/{nora.pk}/"
    changes = {"name": "Nora", "role": "manager", "locations": [in_house.location.pk]}
    assert owner.post(path, changes).status_code == HTTPStatus.FOUND
    nora.refresh_from_db()
    assert (nora.role, nora.is_limited) == ("manager", True)
    refused = owner.post(path, changes | {"role": "owner"})
    assert "works at every location" in refused.text
    owner.post(f"{path}remove/")
    assert not Member.objects.filter(pk=nora.pk).exists()


def test_the_provider_is_named_anew(owner: Client, house: House) -> None:
    assert shown(owner, f"{S}/provider/") == {"name": "Clinic", "trade": "clinic"}
    data = {"name": "Harbour", "trade": "salon"}
    assert owner.post(f"{S}/provider/", data).status_code == HTTPStatus.FOUND
    house.provider.refresh_from_db()
    assert (house.provider.name, house.provider.trade) == ("Harbour", "salon")


@pytest.mark.parametrize("language", ["he", "ar"])
def test_it_speaks_the_readers_language(manager: Client, house: House, language: str) -> None:
    manager.cookies["django_language"] = language
    page = manager.get(f"{S}/queues/{house.queue.pk}/").text
    with translation.override(language):
        assert translation.gettext("Opening and closing") in page
    assert "Opening and closing" not in page


def test_another_providers_rows_are_not_there(manager: Client, other_house: House) -> None:
    assert manager.get(f"{S}/queues/{other_house.queue.pk}/").status_code == HTTPStatus.NOT_FOUND
