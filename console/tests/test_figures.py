"""The screen of figures: the answer first, charts with their tables, and CSV."""

import csv
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.db.models import F
from django.test import Client

from conftest import House
from console.charts import HEIGHT, TOP, share_chart, wait_chart
from queues.figures import LEAST_TICKETS
from queues.models import Queue
from queues.tests.test_figures import DAY, TODAY, served
from waitlessq import clock

ADDRESS = "/console/clinic/figures/"
CSV = "/console/clinic/figures.csv"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.override(TODAY):
        yield


def a_week(house: House, minutes: float, days_ago: int = 1) -> None:
    for _ in range(LEAST_TICKETS):
        served(house, TODAY - days_ago * DAY, minutes)
    # As every change of a queue does; what was added up before is of no use then.
    Queue.objects.filter(pk=house.queue.pk).update(sequence=F("sequence") + 1)


def test_the_answer_comes_first_and_compares(in_house: House, staff: Client) -> None:
    a_week(in_house, 12)
    assert "<h1>Median wait 12 min (20 called)</h1>" in staff.get(ADDRESS).text
    a_week(in_house, 15, days_ago=8)
    text = staff.get(ADDRESS).text
    assert "<h1>Median wait 12 min, 3 less than before (20 called)</h1>" in text
    assert "Before: as many days, 27 Feb to 5 Mar." in text
    assert "100 of 100 waited as long as they were told; 80 is meant" in text
    assert "Longest at 10:00: half waited more than 12 min" in text


def test_few_tickets_are_not_drawn(in_house: House, staff: Client) -> None:
    served(in_house, TODAY)
    text = staff.get(ADDRESS).text
    assert "Figures start at 20 tickets. 1 so far." in text
    assert "<svg" not in text


def test_a_period_that_can_not_be_is_said_and_kept(in_house: House, staff: Client) -> None:
    query = {"from": "2026-03-05", "until": "2026-03-04"}
    response = staff.get(ADDRESS, query)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "The last day is before the first." in response.text
    assert 'value="2026-03-05"' in response.text
    assert staff.get(CSV, query).status_code == HTTPStatus.BAD_REQUEST


def test_the_days_that_are_shown_stand_in_the_form(in_house: House, staff: Client) -> None:
    text = staff.get(ADDRESS).text
    assert 'value="2026-03-06"' in text
    assert 'value="2026-03-12"' in text


def test_a_download_has_a_row_for_each_day_queue_and_service(
    in_house: House, staff: Client
) -> None:
    in_house.service.name = "=1+1"
    in_house.service.save(update_fields=["name"])
    served(in_house, TODAY - DAY, 12, service=in_house.service)
    served(in_house, TODAY, 3)
    response = staff.get(CSV)
    assert response["Content-Disposition"] == (
        'attachment; filename="clinic-2026-03-06-2026-03-12.csv"'
    )
    rows = list(csv.DictReader(response.text.lstrip("\ufeff").splitlines()))
    assert [row["date"] for row in rows] == ["2026-03-11", "2026-03-12"]
    assert [row["service"] for row in rows] == ["'=1+1", ""]
    assert [row["median_seconds"] for row in rows] == ["720", "180"]
    assert [row["as_told"] for row in rows] == ["1", "0"]


def test_a_share_is_as_high_as_it_is_from_zero() -> None:
    chart = share_chart({9: 0.5, 11: 1.0}, goal=0.8)
    half, whole = chart.bars
    assert (half.height, whole.height) == (HEIGHT / 2, HEIGHT)
    assert half.y + half.height == whole.y + whole.height == TOP + HEIGHT
    assert (half.label, whole.label) == ("50 %", "100 %")
    # The hour between, of which nothing is known, keeps its place.
    assert [tick.label for tick in chart.across] == ["09", "10", "11"]
    assert [half.centre, whole.centre] == pytest.approx([16.67, 83.33])
    assert chart.goal == pytest.approx(TOP + HEIGHT * 0.2)


def test_a_line_goes_on_only_from_half_hour_to_half_hour() -> None:
    chart = wait_chart({18: (5, 10), 19: (10, 20), 22: (8, 9)})
    assert [tick.label for tick in chart.upwards] == ["0", "10", "20"]
    assert len(chart.line) == 1
    assert chart.line[0].y2 == TOP + HEIGHT / 2
    assert [tick.label for tick in chart.across] == ["09", "10", "11"]


def test_a_whole_day_has_few_words_where_there_is_little_room() -> None:
    chart = share_chart({0: 1, 23: 1}, goal=0.8)
    assert len(chart.across) == 24
    assert [tick.label for tick in chart.across if not tick.is_minor] == [
        "00",
        "05",
        "10",
        "15",
        "20",
    ]
