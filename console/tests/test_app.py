"""The App screen: look, state, and the way to the app."""

from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from conftest import House, add_member, client_of
from providers.models import Provider, ProviderLogo, Role
from pwa.models import Build, BuildState
from pwa.services.builds import build_request, build_run

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
    assert 'src="/p/clinic/"' in text
    assert "http://testserver/p/clinic/" in text
    assert "<svg" in text
    assert "Published just now." in text


def test_a_manager_changes_the_look_and_sees_it_on_its_way(
    in_house: House, manager: Client
) -> None:
    response = post(manager, logo=upload(600))
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, URL)
    assert Provider.objects.get(pk=in_house.provider.pk).colour == "#0A2A6B"
    assert ProviderLogo.objects.exists()
    text = manager.get(URL).text
    assert "A new version waits its turn." in text
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
    # Session, member, builds, logo; and the queues, for their posters.
    with django_assert_num_queries(5):
        staff.get(URL)
