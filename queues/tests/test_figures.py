"""Figures: what waits came to, over a period, in the location's time; and rolling days up."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope
from prometheus_client import REGISTRY

from conftest import House
from events.models import OutboxMessage
from events.outbox import relay_batch
from queues.figures import LEAST_TICKETS, Figures, Period, figures_of, kept_figures_of
from queues.models import Quote, Source, Ticket, TicketState, WaitAccuracy, WaitFigures
from queues.services import figures as services
from queues.services.figures import accuracies_judge, figures_roll_up
from queues.services.tickets import ticket_call_next, ticket_join
from waitlessq import clock

# In Jerusalem it is two hours later: 10:10 on Monday.
MONDAY = datetime(2026, 3, 2, 8, 10, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
TODAY = MONDAY + 10 * DAY


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.override(TODAY):
        yield


def served(house: House, joined_at: datetime, minutes: float | None = 10, **more: Any) -> Ticket:
    """A ticket that was called after so many minutes, or left, and was told 5 to 15, likely 10."""
    called_at = None if minutes is None else joined_at + minutes * MINUTE
    number = Ticket.objects.count() + 1
    fields: dict[str, Any] = {
        "provider": house.provider,
        "queue": house.queue,
        "business_date": joined_at.astimezone(house.location.zone).date(),
        "number": number,
        "code": f"A{number:03}",
        "order_key": joined_at,
        "issued_at": joined_at,
        "source": Source.STAFF,
        "state": TicketState.COMPLETED if called_at else TicketState.CANCELLED,
        "called_at": called_at,
        "ended_at": joined_at + DAY / 24,
    }
    is_told, outcome = more.pop("is_told", True), more.pop("outcome", None)
    ticket = Ticket.objects.create(**fields | more)
    if is_told:
        Quote.objects.create(
            ticket=ticket,
            provider=house.provider,
            low=300,
            middle=600,
            high=900,
            at=joined_at,
            outcome=outcome or ("called" if called_at else "left"),
            ended_at=called_at or joined_at + 30 * MINUTE,
        )
    return ticket


def figures(house: House, first: datetime = MONDAY, last: datetime = TODAY) -> Figures:
    return figures_of([house.queue.pk], Period(first.date(), last.date()))


def test_waits_and_whether_they_were_as_told(in_house: House) -> None:
    for minutes in (4, 10, 10, 12, 20, None):
        served(in_house, MONDAY, minutes)
    whole = figures(in_house).overall
    assert (whole.waits.called, whole.waits.gone) == (5, 1)
    assert (whole.waits.median, whole.waits.ninetieth) == (600, 1200)
    told = whole.told
    assert (told.scored, told.inside, told.above) == (5, 3, 1)
    # 6 too much, then 0, 0, 2 and 10 too little.
    assert (told.error, told.absolute_error) == (-6 * 60, 18 * 60)


def test_only_who_was_called_in_the_end_is_scored(in_house: House) -> None:
    served(in_house, MONDAY, None)
    served(in_house, MONDAY, 10, outcome="moved")
    served(in_house, MONDAY, 10, outcome="transferred")
    served(in_house, MONDAY, 10, is_told=False)
    whole = figures(in_house).overall
    assert (whole.waits.called, whole.told.scored) == (3, 0)


def test_of_too_few_nothing_is_said(in_house: House) -> None:
    for _ in range(LEAST_TICKETS - 1):
        served(in_house, MONDAY)
    few = figures(in_house)
    assert (few.is_enough, few.overall.told.share, few.overall.told.bias) == (False, None, None)
    served(in_house, MONDAY, 12)
    enough = figures(in_house)
    assert (enough.is_enough, enough.overall.told.share) == (True, 1)
    assert enough.overall.told.bias == -2 * 60 / LEAST_TICKETS
    assert enough.overall.told.mean_absolute_error == 2 * 60 / LEAST_TICKETS


def test_hours_and_days_are_the_location_s(in_house: House) -> None:
    late = MONDAY.replace(hour=22, minute=40)  # 00:40 on Tuesday there.
    served(in_house, MONDAY)
    served(in_house, late)
    assert [part.half_hour for part in figures(in_house).by_half_hour] == [1, 20]
    assert list(figures(in_house).told_by_hour) == [0, 10]
    monday = figures(in_house, MONDAY, MONDAY)
    assert [part.half_hour for part in monday.by_half_hour] == [20]


def test_each_queue_and_service_has_its_own_the_slowest_first(in_house: House) -> None:
    for _ in range(5):
        served(in_house, MONDAY, 3)
        served(in_house, MONDAY, 9, service=in_house.service)
    parts = figures(in_house).by_queue
    assert [(part.service_id, part.waits.median) for part in parts] == [
        (in_house.service.pk, 540),
        (None, 180),
    ]
    assert {part.queue_id for part in parts} == {in_house.queue.pk}


def test_what_was_before_is_the_same_number_of_days(in_house: House) -> None:
    for _ in range(LEAST_TICKETS):
        served(in_house, MONDAY, 7)
        served(in_house, MONDAY + DAY, 5)
        served(in_house, MONDAY - DAY, 90)
    tuesday = MONDAY + DAY
    assert figures(in_house, tuesday, tuesday).median_before == 7 * 60
    assert figures(in_house, tuesday + DAY, tuesday + DAY).median_before == 5 * 60
    assert figures(in_house, MONDAY + 9 * DAY, TODAY).median_before is None


def test_another_queues_tickets_do_not_count(in_house: House, other_house: House) -> None:
    with scope(provider=other_house.provider):
        served(other_house, MONDAY)
    assert figures(in_house).overall.waits.called == 0
    figures_roll_up()
    assert figures(in_house).overall.waits.called == 0


def test_figures_cost_two_queries(in_house: House, django_assert_num_queries: Any) -> None:
    for hours in range(4):
        served(in_house, MONDAY + hours * DAY / 24, service=in_house.service if hours else None)
    with django_assert_num_queries(2):
        figures(in_house)


def test_what_was_added_up_is_kept_until_something_changes(
    in_house: House, django_assert_num_queries: Any
) -> None:
    def called() -> int:
        period = Period(TODAY.date(), TODAY.date())
        return kept_figures_of([in_house.queue.pk], period).overall.waits.called

    def count(queries: int) -> int:
        with django_assert_num_queries(queries):
            return called()

    ticket_join(actor=in_house.actor, queue_id=in_house.queue.pk, source=Source.STAFF)
    assert (count(1 + 2), count(1)) == (0, 0)
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    assert (count(1 + 2), count(1)) == (1, 1)
    # What came of quotes is noted later, by a relay.
    relay_batch()
    assert (count(1 + 2), count(1)) == (1, 1)
    assert kept_figures_of([], Period(TODAY.date(), TODAY.date())).overall.waits.called == 0


# Rolling up.


def test_a_period_comes_to_the_same_rolled_up_or_not(in_house: House) -> None:
    for day in range(11):
        served(in_house, MONDAY + day * DAY, day + 3.5)
        served(in_house, MONDAY + day * DAY, None, service=in_house.service)
    before = figures(in_house)
    assert figures_roll_up() == 1
    assert figures(in_house) == before
    days = WaitFigures.objects.values_list("date", flat=True).distinct()
    # All but today, which is not over.
    assert sorted(days) == [date(2026, 3, 2 + day) for day in range(10)]


def rolled_up() -> list[Any]:
    fields = [field.name for field in WaitFigures._meta.fields if field.name != "id"]
    return sorted(map(str, WaitFigures.objects.values_list(*fields)))


def test_rolling_up_twice_changes_nothing(in_house: House) -> None:
    served(in_house, MONDAY)
    served(in_house, MONDAY + DAY, service=in_house.service)
    figures_roll_up()
    once = rolled_up()
    figures_roll_up()
    assert rolled_up() == once
    assert len(once) == 2


def test_days_off_are_caught_up_with_a_month_at_a_time(in_house: House) -> None:
    served(in_house, MONDAY - 70 * DAY)
    figures_roll_up()
    served(in_house, MONDAY - 50 * DAY)
    served(in_house, MONDAY - 5 * DAY)
    figures_roll_up()
    days = set(WaitFigures.objects.values_list("date", flat=True))
    assert days == {(MONDAY - past * DAY).date() for past in (70, 50, 5)}


def test_who_is_called_after_midnight_still_counts_for_the_day_of_joining(
    in_house: House,
) -> None:
    ticket = served(in_house, TODAY - DAY, None, state=TicketState.WAITING, ended_at=None)
    served(in_house, TODAY - DAY)
    figures_roll_up()
    [row] = WaitFigures.objects.all()
    assert (row.waits, row.gone) == ([600], 0)
    ticket.called_at = TODAY
    ticket.save(update_fields=["called_at"])
    figures_roll_up()
    [row] = WaitFigures.objects.all()
    assert sorted(row.waits) == [600, 24 * 3600]


def test_figures_outlive_the_tickets(in_house: House) -> None:
    for day in range(5):
        served(in_house, MONDAY + day * DAY)
    figures_roll_up()
    Ticket.objects.filter(business_date__lt=(MONDAY + 3 * DAY).date()).delete()
    figures_roll_up()
    assert figures(in_house).overall.waits.called == 5


# Whether it holds.


def judged(house: House, inside: int, scored: int) -> bool:
    WaitFigures.objects.all().delete()
    WaitFigures.objects.create(
        provider=house.provider,
        queue=house.queue,
        date=(clock.now() - DAY).date(),
        half_hour=20,
        waits=[],
        gone=0,
        scored=scored,
        inside=inside,
        above=0,
        error=0,
        absolute_error=0,
    )
    accuracies_judge()
    return WaitAccuracy.objects.get().is_off


def changes() -> list[bool]:
    messages = OutboxMessage.objects.filter(topic=services.ACCURACY_CHANGED).order_by("id")
    return [message.payload["is_off"] for message in messages]


@pytest.mark.parametrize(
    ("inside", "scored", "is_off"),
    [(69, 100, True), (71, 100, False), (89, 100, False), (91, 100, True), (0, 99, False)],
)
def test_ranges_that_hold_too_seldom_or_too_often_are_off(
    in_house: House, inside: int, scored: int, is_off: bool
) -> None:
    assert judged(in_house, inside, scored) is is_off


def test_it_is_told_once_and_once_when_it_is_right_again(in_house: House) -> None:
    for inside, is_off in ((80, False), (65, True), (66, True), (71, True), (75, False)):
        assert judged(in_house, inside, 100) is is_off
    assert changes() == [True, False]


def test_prometheus_has_the_share_of_all_queues(in_house: House) -> None:
    judged(in_house, 65, 100)
    assert REGISTRY.get_sample_value("waitlessq_waits_inside_ratio") == 0.65
    assert REGISTRY.get_sample_value("waitlessq_queues_misjudged") == 1


def test_a_queue_without_figures_of_late_is_not_off_for_ever(in_house: House) -> None:
    judged(in_house, 60, 100)
    with clock.override(TODAY + 20 * DAY):
        accuracies_judge()
    assert not WaitAccuracy.objects.get().is_off


# Over the API.

ADDRESS = "/api/v1/providers/clinic/figures"


def test_the_api_says_figures_and_how_few_they_are(in_house: House, staff: Client) -> None:
    for _ in range(LEAST_TICKETS):
        served(in_house, TODAY - DAY, 20)
    served(in_house, TODAY, service=in_house.service)
    answer = staff.get(ADDRESS).json()
    assert (answer["from"], answer["until"]) == ("2026-03-06", "2026-03-12")
    assert answer["waits"]["median_seconds"] == 1200
    assert answer["quotes"]["share_inside"] == pytest.approx(1 / 21)
    assert answer["by_hour"][0]["hour"] == 10
    advice, _ = sorted(answer["by_queue"], key=lambda part: part["waits"]["called"])
    assert advice["service"] == in_house.service.pk
    assert (advice["waits"]["median_seconds"], advice["quotes"]["share_inside"]) == (None, None)


def test_a_location_is_one_that_is_open_to_who_asks(
    in_house: House, other_house: House, staff: Client
) -> None:
    served(in_house, TODAY)
    mine, other = in_house.location.pk, other_house.location.pk
    assert staff.get(ADDRESS, {"location": mine}).json()["waits"]["called"] == 1
    assert staff.get(ADDRESS, {"location": other}).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-03-05", "until": "2026-03-04"}, "until"),
        ({"from": "2024-01-01", "until": "2026-03-04"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"location": "all"}, "location"),
    ],
)
def test_a_period_that_can_not_be_is_said(
    in_house: House, staff: Client, query: dict[str, str], field: str
) -> None:
    response = staff.get(ADDRESS, query)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json()["code"] == "invalid-input"
    assert [error["field"] for error in response.json()["errors"]] == [field]
