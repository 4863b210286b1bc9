"""Which days are public holidays where, out of the ``holidays`` package."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache

import holidays
from holidays.registry import COUNTRIES


@cache
def subdivisions() -> Mapping[str, list[str]]:
    """The known countries by their ISO 3166-1 codes, each with its subdivisions' own codes."""
    return holidays.list_supported_countries(include_aliases=False)


@cache
def country_names() -> list[tuple[str, str]]:
    """The known countries' codes with their names in English, by name."""
    names = {
        code: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name) for name, code, *_ in COUNTRIES.values()
    }
    return sorted(
        ((code, names.get(code, code)) for code in subdivisions()), key=lambda pair: pair[1]
    )


@lru_cache(maxsize=1024)
def public_holidays(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """The public holidays of a year, by date, with their names in a language of the country.

    None where the country or the subdivision is not known (any more).
    """
    if country not in subdivisions():
        return {}
    known = subdivision if subdivision in subdivisions()[country] else None
    return dict(holidays.country_holidays(country, subdiv=known, years=year))
