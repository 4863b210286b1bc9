"""Every text has a translation into every language, and pages come in the language asked for."""

from http import HTTPStatus
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.test import Client
from django.urls import reverse

from conftest import House
from embedded.texts import catalogs, gather, read_catalog

ROOT = Path(settings.BASE_DIR)
HEBREW = {"Accept-Language": "he"}


def texts(catalog: Catalog) -> set[object]:
    return {message.id for message in catalog if message.id}


def test_every_language_has_a_catalog() -> None:
    languages = {code for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}
    assert {path.parent.parent.name for path in catalogs(ROOT)} == languages


@pytest.mark.parametrize("path", catalogs(ROOT), ids=lambda path: path.parent.parent.name)
def test_every_text_is_translated(path: Path) -> None:
    catalog = read_catalog(path)
    assert texts(catalog) == texts(gather(ROOT)), "run `make texts` and translate what is new"
    for message in catalog:
        if not message.id:
            continue
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), f"{message.id} is not translated"
        assert len(forms) == (catalog.num_plurals if message.pluralizable else 1), message.id
        assert not message.fuzzy, message.id
    assert [(m.id, errors) for m, errors in catalog.check()] == []


def test_the_gathering_sees_python_and_templates() -> None:
    found = texts(gather(ROOT))
    assert "You called %(code)s." in found
    assert "Sign in" in found
    assert ("%(ahead)s person before you", "%(ahead)s people before you") in found


def test_a_page_speaks_the_language_of_the_browser(client: Client, db: None) -> None:
    text = client.get(reverse("account_login"), headers=HEBREW).text
    assert '<html lang="he" dir="rtl">' in text
    assert "כניסה" in text
    assert '<html lang="en" dir="ltr">' in client.get(reverse("account_login")).text


def test_a_chosen_language_stays(client: Client, db: None) -> None:
    login = reverse("account_login")
    chosen = client.post(reverse("set-language"), {"language": "ar", "next": login})
    assert (chosen.status_code, chosen["Location"]) == (HTTPStatus.FOUND, login)
    assert '<html lang="ar" dir="rtl">' in client.get(login, headers=HEBREW).text


def test_choosing_a_language_leads_to_no_other_site(client: Client, db: None) -> None:
    away = {"language": "ar", "next": "https://elsewhere.example/"}
    assert client.post(reverse("set-language"), away)["Location"] == "/"


def test_arabic_counts_in_six_ways(client: Client, house: House) -> None:
    home = "/q/clinic/"
    assert "لا أحد في الانتظار" in client.get(home, headers={"Accept-Language": "ar"}).text
    for _ in range(2):
        client.post(f"{home}join/{house.queue.pk}/")
    text = client.get(home, headers={"Accept-Language": "ar"}).text
    assert "شخصان في الانتظار، شباكان مفتوحان" in text


def test_programs_hear_one_language(client: Client, house: House) -> None:
    assert 'lang="he"' in client.get("/q/clinic/", headers=HEBREW).text
    response = client.get("/api/v1/public/ticket", headers=HEBREW)
    assert response.json()["detail"].isascii()
    assert "Content-Language" not in response
    assert "Accept-Language" not in response.get("Vary", "")


def test_an_error_page_speaks_the_language_too(client: Client, db: None) -> None:
    response = client.get("/nowhere", headers=HEBREW)
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "אין דבר בכתובת הזאת." in response.text
