"""A location's hours, as they are kept."""

from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import DjangoAssertNumQueries

from conftest import House
from providers.hours import Hours, Span
from providers.models import Location, OpeningException
from providers.selectors import hours_of, provider_by_slug
from providers.services.locations import (
    location_create,
    location_remove_exception,
    location_set_exception,
    location_set_hours,
    location_update,
)
from waitlessq import clock
from waitlessq.errors import InvalidInputError, NotFoundError

MORNING, AFTERNOON = Span(time(8), time(12)), Span(time(13), time(17))
DAY = date(2026, 11, 27)
DATES = ["11-26", "11-27", "11-28", "11-29", "11-30", "12-01", "12-02"]


def kept(location: Location) -> Hours:
    with clock.override(datetime(2026, 11, 23, tzinfo=UTC)):
        return hours_of([location])[location.pk]


def test_the_week_is_replaced_as_a_whole(in_house: House) -> None:
    actor, location = in_house.actor, in_house.location
    location_set_hours(actor=actor, location=location, week={0: [AFTERNOON, MORNING], 4: [MORNING]})
    assert kept(location).week == {0: [MORNING, AFTERNOON], 4: [MORNING]}
    location_set_hours(actor=actor, location=location, week={1: [MORNING]})
    assert kept(location).week == {1: [MORNING]}


def test_a_date_is_closed_or_has_hours_of_its_own(in_house: House) -> None:
    actor, location = in_house.actor, in_house.location
    location_set_exception(actor=actor, location=location, day=DAY, name="Stocktaking")
    assert kept(location).exceptions == {DAY: []}
    assert kept(location).name_on(DAY) == "Stocktaking"
    location_set_exception(actor=actor, location=location, day=DAY, spans=[MORNING, AFTERNOON])
    assert kept(location).exceptions == {DAY: [MORNING, AFTERNOON]}
    location_remove_exception(actor=actor, location=location, day=DAY)
    assert kept(location).exceptions == {}


@pytest.mark.parametrize(
    "week",
    [
        {0: [MORNING, Span(time(11), time(13))]},
        {0: [MORNING, MORNING]},
        {0: [Span(time(22), time(3))], 1: [Span(time(2), time(4))]},
        {6: [Span(time(22), time(9))], 0: [MORNING]},
        {3: [Span(time(), time()), MORNING]},
    ],
)
def test_hours_do_not_overlap(in_house: House, week: dict[int, list[Span]]) -> None:
    with pytest.raises(InvalidInputError):
        location_set_hours(actor=in_house.actor, location=in_house.location, week=week)
    assert kept(in_house.location).week == {}


def test_a_week_may_be_one_long_day(in_house: House) -> None:
    week = {weekday: [Span(time(), time())] for weekday in range(7)}
    location_set_hours(actor=in_house.actor, location=in_house.location, week=week)
    assert kept(in_house.location).week == week


def test_a_country_closes_only_where_it_is_asked_for(in_house: House) -> None:
    location = location_update(
        actor=in_house.actor, location=in_house.location, country="GB", subdivision="SCT"
    )
    assert kept(location).country == ""
    location_update(actor=in_house.actor, location=location, closed_on_public_holidays=True)
    assert (kept(location).country, kept(location).subdivision) == ("GB", "SCT")
    for country, subdivision in [("XX", ""), ("GB", "XXX"), ("", "SCT")]:
        with pytest.raises(InvalidInputError):
            location_update(
                actor=in_house.actor,
                location=location,
                country=country,
                subdivision=subdivision,
            )


def test_hours_of_another_provider_are_not_there(in_house: House, other_house: House) -> None:
    other = other_house.location
    with pytest.raises(NotFoundError):
        location_set_hours(actor=in_house.actor, location=other, week={0: [MORNING]})
    with pytest.raises(NotFoundError):
        location_set_exception(actor=in_house.actor, location=other, day=DAY)
    with pytest.raises(NotFoundError):
        location_remove_exception(actor=in_house.actor, location=other, day=DAY)


def test_many_locations_cost_as_much_as_one(in_house: House) -> None:
    actor = in_house.actor
    more = [
        location_create(actor=actor, name=f"Branch {n}", time_zone="Europe/London")
        for n in range(3)
    ]
    for location in more:
        location_set_hours(actor=actor, location=location, week={0: [MORNING]})
        location_set_exception(actor=actor, location=location, day=DAY)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = hours_of([in_house.location, *more])
    assert len(queries) == 2
    assert [found[location.pk].week for location in more] == [{0: [MORNING]}] * 3


def test_what_is_long_past_is_not_read(in_house: House) -> None:
    location = in_house.location
    location_set_exception(actor=in_house.actor, location=location, day=DAY)
    with clock.override(datetime(2026, 12, 24, tzinfo=UTC)):
        assert hours_of([location])[location.pk].exceptions == {}
        assert hours_of([location], since=DAY)[location.pk].exceptions == {DAY: []}
    assert OpeningException.objects.count() == 1
    assert DAY - timedelta(days=1) not in kept(location).exceptions


def test_everybody_may_know_the_address_and_the_hours_of_a_week(
    in_house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    actor, location = in_house.actor, in_house.location
    location_update(actor=actor, location=location, address="1 Quay Street")
    location_set_hours(actor=actor, location=location, week={3: [MORNING, AFTERNOON]})
    location_set_exception(actor=actor, location=location, day=DAY, name="Stocktaking")
    provider_by_slug("clinic")
    with clock.override(datetime(2026, 11, 25, 22, tzinfo=UTC)), django_assert_num_queries(3):
        answer = Client().get("/api/v1/public/providers/clinic/places")
    [place] = answer.json()
    assert (place["name"], place["address"]) == ("Main", "1 Quay Street")
    # It is the 26th there, a Thursday.
    assert [day["date"] for day in place["days"]] == [f"2026-{d}" for d in DATES]
    thursday, friday, *_ = place["days"]
    assert thursday == {
        "date": "2026-11-26",
        "name": "",
        "spans": [
            {"opens": "08:00", "closes": "12:00"},
            {"opens": "13:00", "closes": "17:00"},
        ],
    }
    assert friday == {"date": "2026-11-27", "name": "Stocktaking", "spans": []}
    assert "max-age=60" in answer["Cache-Control"]


def test_nobodys_places_are_not_found(house: House) -> None:
    answer = Client().get("/api/v1/public/providers/nobody/places")
    assert answer.status_code == HTTPStatus.NOT_FOUND
