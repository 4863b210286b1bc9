"""The App screen: look, state, and the way to the app."""

import zipfile
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from conftest import House, add_member, client_of
from providers.models import Provider, ProviderLogo, Role
from pwa.models import Build, BuildState, Domain
from pwa.services.builds import build_request, build_run
from waitlessq.cache import BUILD_STEP

URL = "/console/clinic/app/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _root(settings: Settings, tmp_path: Path) -> None:
    settings.PWA_ROOT = str(tmp_path)


@pytest.fixture
def manager(in_house: House) -> Client:
    """Signed in as a manager of the house."""
    return client_of(add_member(in_house.provider, Role.MANAGER))


def publish(house: House) -> None:
    build_request(provider=house.provider)
    build_run(provider=house.provider)


def upload(side: int) -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (side, side), "red").save(file, "PNG")
    return SimpleUploadedFile("../../logo.png", file.getvalue())


def post(client: Client, **form: Any) -> Any:
    return client.post(f"{URL}look/", {"colour": "#0A2A6B"} | form)


def test_before_the_first_version_it_says_so(in_house: House, staff: Client) -> None:
    text = staff.get(URL).text
    assert "Not published yet." in text
    assert "<iframe" not in text


def test_a_published_app_is_shown_with_its_address_and_code(in_house: House, staff: Client) -> None:
    publish(in_house)
    text = staff.get(URL).text
    assert f'src="/preview/clinic/{Build.objects.get().key}/"' in text
    assert "http://testserver/p/clinic/" in text
    assert "<svg" in text
    assert "published just now" in text


def test_a_manager_changes_the_look_and_sees_it_on_its_way(
    in_house: House, manager: Client
) -> None:
    response = post(manager, logo=upload(600))
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, URL)
    assert Provider.objects.get(pk=in_house.provider.pk).colour == "#0A2A6B"
    assert ProviderLogo.objects.exists()
    text = manager.get(URL).text
    assert "A new version is on its way." in text
    assert "On dark screens your colour is lighter" in text


def test_the_initials_come_back(in_house: House, manager: Client) -> None:
    post(manager, logo=upload(600))
    post(manager, without_logo="on")
    assert not ProviderLogo.objects.exists()


def test_polling_goes_on_until_the_version_is_live(in_house: House, manager: Client) -> None:
    post(manager)
    stamp = manager.get(URL).context["state"].stamp
    quiet = manager.get(URL, {"since": stamp}, headers=HTMX)
    assert quiet.status_code == HTTPStatus.NO_CONTENT
    publish(in_house)
    changed = manager.get(URL, {"since": stamp}, headers=HTMX)
    assert "<iframe" in changed.text
    assert "hx-get" not in changed.text
    assert "<!doctype html>" not in changed.text


def test_a_logo_that_is_too_small_is_said_and_what_was_typed_is_kept(
    in_house: House, manager: Client
) -> None:
    publish(in_house)
    response = post(manager, logo=upload(120))
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert (
        "The logo is 120 px wide; it needs 512. Your last version is still live." in response.text
    )
    assert 'value="#0A2A6B"' in response.text
    assert Provider.objects.get(pk=in_house.provider.pk).colour == "#005956"
    assert not Build.objects.filter(state=BuildState.QUEUED).exists()


@pytest.mark.parametrize("colour", ["", "red", '"><script>'])
def test_a_colour_that_is_none_is_said(manager: Client, colour: str) -> None:
    response = post(manager, colour=colour)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Write the colour like #005956." in response.text
    assert "<script>" not in response.text


def test_an_upload_that_is_too_large_is_refused(in_house: House, manager: Client) -> None:
    response = post(manager, logo=SimpleUploadedFile("a.png", bytes(5_000_000)))
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "larger than 1 MB" in response.text


def test_a_failed_build_says_what_to_do(in_house: House, staff: Client) -> None:
    publish(in_house)
    Build.objects.create(provider=in_house.provider, state=BuildState.FAILED, problem="Save again.")
    assert "Save again. Your last version is still live." in staff.get(URL).text


def test_others_look_but_do_not_change(in_house: House, staff: Client) -> None:
    assert f"{URL}look/" not in staff.get(URL).text
    assert post(staff).status_code == HTTPStatus.FORBIDDEN


def test_the_cost_of_the_screen(
    in_house: House, staff: Client, django_assert_num_queries: Any
) -> None:
    publish(in_house)
    # Session, member, builds, logo, whether changes wait, domains, and queues for their posters.
    with django_assert_num_queries(7):
        staff.get(URL)


def test_a_change_that_waits_is_published_by_a_button(in_house: House, manager: Client) -> None:
    publish(in_house)
    manager.post(f"{URL}publishing/")
    post(manager, colour="#FFD400")
    publish(in_house)
    page = manager.get(URL)
    assert "Publish version 2" in page.text
    draft = page.context["state"].draft
    answer = manager.post(f"{URL}publish/", {"version": draft.pk}, follow=True)
    assert "Version 2 is live." in answer.text
    assert "Publish version 2" not in answer.text
    assert "manager@clinic.example.org" in answer.text


def test_a_version_from_before_is_live_again_with_one_button(
    in_house: House, manager: Client
) -> None:
    publish(in_house)
    first = Build.objects.get()
    post(manager, colour="#FFD400")
    publish(in_house)
    assert f'value="{first.pk}"' in manager.get(URL).text
    answer = manager.post(f"{URL}publish/", {"version": first.pk}, follow=True)
    assert "Version 1 is live. Changes wait until you publish them." in answer.text


@pytest.mark.parametrize("version", ["", "x", "0", "9" * 30, "²"])
def test_a_version_that_is_gone_is_said(in_house: House, manager: Client, version: str) -> None:
    publish(in_house)
    answer = manager.post(f"{URL}publish/", {"version": version}, follow=True)
    assert "no longer kept" in answer.text


def test_how_far_a_build_has_come_is_shown(in_house: House, manager: Client) -> None:
    Build.objects.create(provider=in_house.provider, state=BuildState.BUILDING)
    cache.set(BUILD_STEP.key(in_house.provider.pk), "bundle")
    assert '<li aria-current="step">Bundle</li>' in " ".join(manager.get(URL).text.split())


def test_a_domain_is_added_verified_and_removed(
    in_house: House, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = manager.post(f"{URL}domains/", {"domain": "https://Queue.Clinic.example/"}, follow=True)
    domain = Domain.objects.get()
    assert "_waitlessq.queue.clinic.example" in added.text
    assert domain.record_value in added.text
    records: set[str] = set()
    monkeypatch.setattr("pwa.domains.txt_records", lambda _: records)
    form = {"domain": domain.pk}
    assert "not found yet" in manager.post(f"{URL}domains/verify/", form, follow=True).text
    records.add(domain.record_value)
    done = manager.post(f"{URL}domains/verify/", form, follow=True)
    assert "The app is at queue.clinic.example now." in done.text
    manager.post(f"{URL}domains/remove/", form)
    again = manager.post(f"{URL}domains/remove/", form, follow=True)
    assert "removed meanwhile" in again.text


def test_what_is_no_domain_is_said_and_kept(manager: Client) -> None:
    answer = manager.post(f"{URL}domains/", {"domain": "my clinic"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "Write a domain name" in answer.text
    assert 'value="my clinic"' in answer.text


def test_the_app_can_be_downloaded_once_there_is_one(in_house: House, manager: Client) -> None:
    assert "Not published yet." in manager.get(f"{URL}zip/", follow=True).text
    publish(in_house)
    answer = manager.get(f"{URL}zip/")
    assert answer["Content-Disposition"] == 'attachment; filename="clinic-1.zip"'
    assert b"http://testserver/api/v1/public/" in zipfile.ZipFile(BytesIO(answer.content)).read(
        "index.html"
    )
