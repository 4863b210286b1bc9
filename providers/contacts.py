"""What people are called and reached by, brought into the one form that can be compared."""

import unicodedata
from functools import cache
from importlib.resources import files

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext

from waitlessq.errors import InvalidInputError

LONGEST_NAME = 100
LONGEST_PHONE = 40
LONGEST_EMAIL = 254
LONGEST_NOTES = 2000

# Marks that embed or override a direction: with one, a name would turn what stands around it.
DIRECTIONS = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def cleaned_name(text: str) -> str:
    """The name as it is kept: in Unicode's composed form, on one line, nothing unseen in it.

    Joiners stay, which emoji and several scripts are written with.

    Raises:
        InvalidInputError: it is longer than 100 characters.
    """
    name = " ".join(_seen(text.replace("\n", " ").replace("\t", " ")).split())
    if len(name) > LONGEST_NAME:
        raise _too_long("name", LONGEST_NAME)
    return name


def cleaned_notes(text: str) -> str:
    """Notes as they are kept: lines stay, what cannot be seen goes.

    Raises:
        InvalidInputError: they are longer than 2,000 characters.
    """
    notes = "\n".join(_seen(line).rstrip() for line in text.splitlines()).strip()
    if len(notes) > LONGEST_NOTES:
        raise _too_long("notes", LONGEST_NOTES)
    return notes


def folded(text: str) -> str:
    """The text without case, accents, vowel points and width, as names are looked for."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return unicodedata.normalize("NFC", bare)


def normalised_phone(text: str, region: str | None) -> str:
    """The number in E.164, e.g. +972501234567; one without a country's code is of ``region``.

    ``region`` is an ISO 3166 country, e.g. IL, and None where there is none to think of.

    Raises:
        InvalidInputError: nobody has such a number.
    """
    if len(text) > LONGEST_PHONE:
        raise _too_long("phone", LONGEST_PHONE)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise _no_phone() from error
    if not phonenumbers.is_possible_number(number):
        raise _no_phone()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalised_email(text: str) -> str:
    """The address in lower case, which mail servers take for the same.

    Raises:
        InvalidInputError: it is no address.
    """
    if len(text) > LONGEST_EMAIL:
        raise _too_long("email", LONGEST_EMAIL)
    try:
        validate_email(text)
    except ValidationError as error:
        raise InvalidInputError(
            "email", gettext("Write an address like name@example.com.")
        ) from error
    return text.lower()


def phone_digits(text: str) -> str:
    """The digits of what somebody looks for as a number, in any script; empty if it is none."""
    digits = [str(unicodedata.digit(each)) for each in text if each.isdecimal()]
    others = {each for each in text if not each.isdecimal()}
    return "" if others - set(" +-().\u2011\u2013/") else "".join(digits)


def country_of(time_zone: str) -> str | None:
    """The country whose clocks show this IANA time zone: Asia/Jerusalem gives IL."""
    return _regions().get(time_zone)


@cache
def _regions() -> dict[str, str]:
    """Of each time zone its country, out of the time zone database's own table."""
    rows = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    cells = [row.split("\t") for row in rows if not row.startswith("#")]
    return {zone: country for country, _, zone, *_ in cells}


def _seen(text: str) -> str:
    return "".join(
        each
        for each in unicodedata.normalize("NFC", text)
        if each not in DIRECTIONS and unicodedata.category(each) not in {"Cc", "Cs"}
    )


def _too_long(field: str, most: int) -> InvalidInputError:
    return InvalidInputError(
        field, gettext("Write no more than %(most)s characters.") % {"most": most}
    )


def _no_phone() -> InvalidInputError:
    return InvalidInputError("phone", gettext("Write a phone number that can be called."))
