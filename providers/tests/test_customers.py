"""Who comes: finding and making customers, what is kept of them, looking for them, erasing them."""

from functools import partial

import pytest
from django_scopes import scope
from hypothesis import given
from hypothesis import strategies as st

from conftest import House, build_house
from providers import selectors
from providers.actors import Actor
from providers.contacts import (
    LONGEST_NAME,
    LONGEST_NOTES,
    cleaned_name,
    cleaned_notes,
    country_of,
    folded,
    normalised_email,
    normalised_phone,
)
from providers.models import ContactPoint, Customer
from providers.services import customers
from providers.services.customers import (
    customer_erase,
    customer_find_or_create,
    customer_update,
)
from tests.architecture.test_tenants import crossings
from tests.races.at_once import at_once
from waitlessq.errors import InvalidInputError, NotFoundError

DANA = {"name": "Dana Cohen", "phone": "050-123-4567", "region": "IL"}


def names_matching(text: str) -> list[str]:
    return [one.name for one in selectors.customers_matching(text).order_by("id")]


@pytest.mark.parametrize(
    ("typed", "region", "normalised"),
    [
        ("050-123-4567", "IL", "+972501234567"),
        ("+972 50 123 4567", "US", "+972501234567"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("٠٥٠١٢٣٤٥٦٧", "IL", "+972501234567"),
        ("+351 912 345 678", None, "+351912345678"),
    ],
)
def test_a_number_has_one_form(typed: str, region: str | None, normalised: str) -> None:
    assert normalised_phone(typed, region) == normalised


@pytest.mark.parametrize(
    "typed", ["12", "none", "+", "050-123-4567", "0" * 10_000, "+1 \u0000 212", "😀"]
)
def test_what_nobody_can_call_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        normalised_phone(typed, None)
    assert refusal.value.data["errors"][0]["field"] == "phone"


@pytest.mark.parametrize("typed", ["nobody", "a@b", "a@b.example" + "x" * 10_000, "a b@c.example"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInputError):
        normalised_email(typed)


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Asia/Jerusalem", "IL"), ("America/New_York", "US"), ("UTC", None), ("no/where", None)],
)
def test_a_time_zone_has_a_country(zone: str, country: str | None) -> None:
    assert country_of(zone) == country


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Dana \t Cohen\n", "Dana Cohen"),
        ("José", "José"),
        ("דנה כהן", "דנה כהן"),
        ("👩\u200d👧 Noa", "👩\u200d👧 Noa"),
        ("evil\u202egnp", "evilgnp"),
        ("a\u0000b\ud800", "ab"),
    ],
)
def test_a_name_is_kept_as_it_is_seen(typed: str, kept: str) -> None:
    assert cleaned_name(typed) == kept


def test_ten_thousand_characters_are_refused() -> None:
    for clean, most in ((cleaned_name, LONGEST_NAME), (cleaned_notes, LONGEST_NOTES)):
        assert clean("é" * most) == "é" * most
        with pytest.raises(InvalidInputError):
            clean("x" * 10_000)


@given(st.text(max_size=LONGEST_NAME))
def test_whatever_is_kept_as_a_name_can_be_stored_and_found(text: str) -> None:
    name = cleaned_name(text)
    assert cleaned_name(name) == name
    assert len(folded(name)) <= 4 * LONGEST_NAME
    name.encode()
    assert "\0" not in folded(name)


def test_who_comes_again_is_the_same_customer(in_house: House) -> None:
    first = customer_find_or_create(actor=in_house.actor, **DANA)
    typed = {"name": "dana  COHEN", "phone": "+972501234567", "language": "he"}
    again = customer_find_or_create(actor=in_house.actor, **typed)
    assert (again, again.name, again.language) == (first, "Dana Cohen", "he")
    [point] = first.contact_points.all()
    assert (point.value, point.normalised) == ("050-123-4567", "+972501234567")


def test_a_household_shares_a_number(in_house: House) -> None:
    dana = customer_find_or_create(actor=in_house.actor, **DANA)
    noa = customer_find_or_create(actor=in_house.actor, **(DANA | {"name": "Noa"}))
    assert noa != dana
    assert noa.contact_points.get().normalised == dana.contact_points.get().normalised
    nameless = customer_find_or_create(actor=in_house.actor, **(DANA | {"name": ""}))
    assert nameless not in {dana, noa}


def test_a_number_alone_is_whoever_has_it_and_the_name_is_learnt_later(in_house: House) -> None:
    nameless = customer_find_or_create(actor=in_house.actor, **(DANA | {"name": ""}))
    assert customer_find_or_create(actor=in_house.actor, **DANA) == nameless
    assert names_matching("dana") == ["Dana Cohen"]
    assert customer_find_or_create(actor=in_house.actor, **(DANA | {"name": ""})) == nameless


@pytest.mark.parametrize(
    ("told", "is_dana"),
    [
        ({}, True),
        ({"name": "dana  COHEN", "phone": "+972501234567"}, True),
        ({"name": "Noa"}, False),
        ({"name": ""}, False),
        ({"email": "dana@example.org"}, False),
        ({"phone": "", "email": "dana@example.org"}, False),
    ],
)
def test_who_proves_nothing_is_known_by_exactly_what_was_said_before(
    in_house: House, told: dict[str, str], is_dana: bool
) -> None:
    dana = customer_find_or_create(actor=in_house.actor, **DANA)
    stranger = Actor.customer(in_house.provider)
    found = customer_find_or_create(actor=stranger, **(DANA | {"language": "he"} | told))
    assert (found == dana) == is_dana
    dana.refresh_from_db()
    assert (dana.name, dana.language, dana.contact_points.count()) == ("Dana Cohen", "", 1)
    again = customer_find_or_create(actor=stranger, **(DANA | told))
    assert again == found, "who says the same twice is one customer"


def test_a_stranger_gives_nobody_a_name(in_house: House) -> None:
    nameless = customer_find_or_create(actor=in_house.actor, **(DANA | {"name": ""}))
    stranger = Actor.customer(in_house.provider)
    assert customer_find_or_create(actor=stranger, **DANA) != nameless
    nameless.refresh_from_db()
    assert nameless.name == ""


def test_who_says_less_is_most_likely_the_same_person(in_house: House) -> None:
    stranger = Actor.customer(in_house.provider)
    both = customer_find_or_create(actor=stranger, **DANA, email="dana@example.org")
    less = customer_find_or_create(actor=stranger, **DANA)
    customer_find_or_create(actor=stranger, **(DANA | {"name": "Noa"}))
    nobody = customer_find_or_create(actor=stranger, name=DANA["name"])
    assert set(selectors.customers_alike(less)) == {both, less}
    assert set(selectors.customers_alike(nobody)) == {nobody}


def test_a_name_alone_is_nobody_known(in_house: House) -> None:
    found = {customer_find_or_create(actor=in_house.actor, name="Dana").pk for _ in range(2)}
    assert len(found) == 2


def test_what_cannot_be_used_leaves_nothing(in_house: House) -> None:
    with pytest.raises(InvalidInputError):
        customer_find_or_create(actor=in_house.actor, name="Dana", phone="12", region="IL")
    assert not Customer.objects.exists()


def test_a_customer_has_a_name_and_notes(in_house: House) -> None:
    customer = customer_find_or_create(actor=in_house.actor, **DANA)
    customer_update(
        actor=in_house.actor, customer_id=customer.pk, name="Dana Levi", notes="a \r\n b\0"
    )
    customer.refresh_from_db()
    assert (customer.name, customer.notes) == ("Dana Levi", "a\n b")
    assert names_matching("levi") == ["Dana Levi"]


def test_an_erased_customer_leaves_nothing(in_house: House) -> None:
    customer = customer_find_or_create(actor=in_house.actor, **DANA)
    customer_erase(actor=in_house.actor, customer_id=customer.pk)
    assert not Customer.objects.exists()
    assert not ContactPoint.objects.exists()
    with pytest.raises(NotFoundError):
        customer_erase(actor=in_house.actor, customer_id=customer.pk)


def test_another_providers_customers_are_not_there(in_house: House, other_house: House) -> None:
    with scope(provider=other_house.provider):
        theirs = customer_find_or_create(actor=other_house.actor, **DANA)
    ours = customer_find_or_create(actor=in_house.actor, **DANA)
    assert ours != theirs
    assert [one.pk for one in selectors.customers_matching("dana")] == [ours.pk]
    for write in (partial(customer_update, name="x"), customer_erase):
        with pytest.raises(NotFoundError):
            write(actor=in_house.actor, customer_id=theirs.pk)
    assert crossings() == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("coh", True),
        ("COHEN da", True),
        ("josé", False),
        ("0501234567", True),
        ("123 45", True),
        ("+972-50", True),
        ("DANA@", True),
        ("12", False),
        ("", False),
        ("%", False),
        ("\0", False),
        ("x" * 10_000, False),
    ],
)
def test_a_customer_is_found_by_any_part(in_house: House, text: str, found: bool) -> None:
    customer_find_or_create(actor=in_house.actor, email="Dana@example.com", **DANA)
    assert names_matching(text) == (["Dana Cohen"] if found else [])


@pytest.mark.parametrize(
    ("name", "text"), [("José", "jose"), ("דָּנָה כהן", "דנה"), ("😀 Noa", "😀"), ("أحمد", "احمد")]
)
def test_a_name_is_found_without_accents_and_points(in_house: House, name: str, text: str) -> None:
    customer_find_or_create(actor=in_house.actor, name=name)
    assert names_matching(text) == [name]


def come_at_once(people: int) -> int:
    house = build_house("busy")

    def come() -> int:
        with scope(provider=house.provider):
            return customer_find_or_create(actor=house.actor, **DANA).pk

    return len(set(at_once([come] * people)))


def test_whoever_comes_twice_at_once_is_one_customer(transactional_db: None) -> None:
    assert come_at_once(8) == 1


def test_without_the_lock_there_would_be_two(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customers, "LOCK_CONTACT_POINT", "SELECT %s")
    assert come_at_once(8) > 1
