"""The slot search against a slow oracle that tries every minute, and against every clock change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.recurrence import RecurrenceError, check_recurrence, stretches_of
from appointments.slots import (
    Busy,
    Demand,
    Offset,
    Stretch,
    Supply,
    difference,
    find_slots,
    free_starts,
    intersection,
    offsets_between,
    on_grid,
    union,
)

MINUTE = 60
UTC_ONLY = [Offset(0, 0)]
DAY = Stretch(0, 24 * 60 * MINUTE)


def minutes(*pairs: tuple[int, int]) -> list[Stretch]:
    return [Stretch(start * MINUTE, end * MINUTE) for start, end in pairs]


def demand(length: int = 30, before: int = 0, after: int = 0, step: int = 15) -> Demand:
    return Demand(length * MINUTE, before * MINUTE, after * MINUTE, step * MINUTE)


def starts(supply: Supply, wanted: Demand) -> list[int]:
    return [start // MINUTE for start in free_starts(supply, wanted, DAY, UTC_ONLY)]


def test_a_booking_lies_in_open_hours_as_a_whole() -> None:
    assert starts(Supply(1, minutes((540, 600))), demand()) == [540, 555, 570]


def test_buffers_keep_away_from_what_is_taken_on_both_sides() -> None:
    busy = [Busy(570 * MINUTE, 600 * MINUTE)]
    supply = Supply(1, minutes((480, 660)), busy)
    assert starts(supply, demand(before=15, after=15)) == [480, 495, 510, 525, 615, 630]


def test_buffers_need_no_open_hours() -> None:
    supply = Supply(1, minutes((540, 570)))
    assert starts(supply, demand(before=15, after=15)) == [540]


def test_a_room_for_two_is_free_at_the_second_seat() -> None:
    busy = [Busy(540 * MINUTE, 600 * MINUTE, seat=1)]
    supply = Supply(1, minutes((540, 600)), busy, capacity=2)
    found = free_starts(supply, demand(), DAY, UTC_ONLY)
    assert set(found.values()) == {2}
    both = Supply(1, supply.open, [*busy, Busy(540 * MINUTE, 600 * MINUTE, seat=2)], capacity=2)
    assert starts(both, demand()) == []


def test_a_class_takes_all_who_come_at_its_time_and_nobody_else() -> None:
    wanted = Demand(60 * MINUTE, 0, 0, 30 * MINUTE, class_of="7", class_size=2)
    session = wanted.session_at(540 * MINUTE)
    one = [Busy(540 * MINUTE, 600 * MINUTE, 1, session)]
    supply = Supply(1, minutes((540, 660)), one)
    found = free_starts(supply, wanted, DAY, UTC_ONLY)
    assert found == {540 * MINUTE: 2, 600 * MINUTE: 1}
    full = Supply(1, supply.open, [*one, Busy(540 * MINUTE, 600 * MINUTE, 2, session)])
    assert list(free_starts(full, wanted, DAY, UTC_ONLY)) == [600 * MINUTE]
    # Others find the resource taken at every seat.
    many = Supply(1, supply.open, one, capacity=5)
    assert starts(many, demand()) == [600, 615, 630]


def test_staff_and_room_must_be_free_together() -> None:
    staff = [Supply(1, minutes((540, 600))), Supply(2, minutes((570, 630)))]
    rooms = [Supply(9, minutes((555, 615)))]
    found = find_slots(demand(), [staff, rooms], DAY, UTC_ONLY)
    assert [(start // MINUTE, ids) for start, ids in found] == [
        (555, [1, 9]),
        (570, [1, 2, 9]),
        (585, [2, 9]),
    ]


def test_a_step_counts_from_midnight_on_the_wall() -> None:
    kathmandu = offsets_between(ZoneInfo("Asia/Kathmandu"), 0, 86_400)
    assert on_grid(15 * MINUTE, 3600, kathmandu) is False
    nine = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Asia/Kathmandu"))
    at = int(nine.timestamp())
    assert on_grid(at, 3600, offsets_between(ZoneInfo("Asia/Kathmandu"), at, at + 1))


WHOLE = st.integers(min_value=0, max_value=36).map(lambda n: n * 5)
STRETCHES = st.lists(
    st.tuples(WHOLE, WHOLE).filter(lambda pair: pair[0] < pair[1]), max_size=4
).map(lambda pairs: minutes(*pairs))


@given(STRETCHES, STRETCHES)
def test_stretches_are_sets_of_minutes(some: list[Stretch], others: list[Stretch]) -> None:
    def members(stretches: list[Stretch]) -> set[int]:
        return {m for start, end in stretches for m in range(start, end, MINUTE)}

    first, second = union(some), union(others)
    assert members(first) == members(some)
    assert members(intersection(first, second)) == members(some) & members(others)
    assert members(difference(first, second)) == members(some) - members(others)


TAKEN = st.lists(st.tuples(WHOLE, st.integers(1, 12), st.integers(1, 2)), max_size=8)


@given(
    STRETCHES,
    TAKEN,
    st.sampled_from([5, 20, 45]),
    st.sampled_from([0, 5, 15]),
    st.sampled_from([0, 10]),
    st.sampled_from([5, 15, 30]),
    st.integers(1, 2),
)
@settings(max_examples=200)
def test_the_search_finds_what_an_oracle_finds_minute_by_minute(
    opened: list[Stretch],
    taken: list[tuple[int, int, int]],
    length: int,
    before: int,
    after: int,
    step: int,
    capacity: int,
) -> None:
    busy = sorted(
        Busy(start * MINUTE, (start + 5 * size) * MINUTE, min(seat, capacity))
        for start, size, seat in taken
    )
    supply = Supply(1, union(opened), busy, capacity)
    wanted = demand(length, before, after, step)
    open_minutes = {m for start, end in opened for m in range(start, end, MINUTE)}
    expected = {}
    for start in range(0, DAY.end, step * MINUTE):
        if not set(range(start, start + wanted.length, MINUTE)) <= open_minutes:
            continue
        needs = set(range(start - wanted.before, start + wanted.length + wanted.after, MINUTE))
        for seat in range(capacity, 0, -1):
            if all(b.seat != seat or needs.isdisjoint(range(b.start, b.end)) for b in busy):
                expected[start] = seat
    assert free_starts(supply, wanted, DAY, UTC_ONLY) == expected


ZONES = [
    "Asia/Jerusalem", "Europe/Lisbon", "Europe/Berlin", "Europe/London", "Europe/Dublin",
    "America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Havana",
    "America/Santiago", "America/Asuncion", "Australia/Sydney", "Australia/Lord_Howe",
    "Pacific/Auckland", "Pacific/Chatham", "Africa/Casablanca", "Africa/Cairo", "Asia/Beirut",
    "Asia/Tehran", "Antarctica/Troll",
]  # fmt: skip
FIRST, LAST = datetime(2017, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
QUARTER = 15 * MINUTE


def changes_of(zone: ZoneInfo) -> list[Offset]:
    return offsets_between(zone, int(FIRST.timestamp()), int(LAST.timestamp()))


@pytest.mark.parametrize("name", ZONES)
def test_every_change_of_clocks_of_ten_years_is_right_in_both_directions(name: str) -> None:
    zone = ZoneInfo(name)
    changes = changes_of(zone)
    assert len(changes) > 5
    for change in changes[1:]:
        at = change.since
        within = Stretch(at - 6 * 3600, at + 6 * 3600)
        offsets = offsets_between(zone, *within)
        supply = Supply(1, [within])
        wanted = Demand(QUARTER, 0, 0, QUARTER)
        found = list(free_starts(supply, wanted, within, offsets))
        # Every quarter on the wall, by trying each minute: skipped ones never, repeated ones twice.
        expected = [
            second
            for second in range(within.start, within.end - QUARTER + 1, MINUTE)
            if datetime.fromtimestamp(second, zone).minute % 15 == 0
        ]
        assert found == expected
        assert all(on_grid(second, QUARTER, offsets) for second in found)


@given(
    st.sampled_from(ZONES),
    st.data(),
    st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15)),
    st.integers(1, 95),
)
@settings(max_examples=150)
def test_a_rule_means_the_wall_of_that_day(
    name: str, data: st.DataObject, starts_at: time, quarters: int
) -> None:
    """Whatever the clocks do: who is there at an instant is who the wall says."""
    zone = ZoneInfo(name)
    change = data.draw(st.sampled_from(changes_of(zone)[1:]))
    day = datetime.fromtimestamp(change.since, zone).date()
    minute = starts_at.hour * 60 + starts_at.minute + quarters * 15
    ends = time(minute // 60 % 24, minute % 60)
    within = Stretch(change.since - 86_400, change.since + 86_400)
    found = stretches_of(
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", day - timedelta(days=9), None, starts_at, ends,
        zone, within,
    )  # fmt: skip
    assert list(found) == sorted(found)
    for start, end in found:
        assert start < end
        first, last = (datetime.fromtimestamp(at, zone) for at in (start, end))
        assert first.fold == 0 or _is_moved(first, starts_at)
        assert first.time() == starts_at or _is_moved(first, starts_at)
        assert last.time() == ends or _is_moved(last, ends)


def _is_moved(at: datetime, wall: time) -> bool:
    """Whether the wall never showed this time that day."""
    meant = datetime.combine(at.date(), wall, tzinfo=at.tzinfo)
    there_and_back = meant.astimezone(UTC).astimezone(at.tzinfo)
    return there_and_back.replace(tzinfo=None) != meant.replace(tzinfo=None) or (
        meant.date() != at.date()
    )


def test_every_other_week_is_counted_from_the_first_day() -> None:
    found = stretches_of(
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", date(2026, 11, 24), date(2026, 12, 21),
        time(9), time(10), ZoneInfo("Asia/Jerusalem"), Stretch(0, 1 << 33),
    )  # fmt: skip
    days = [datetime.fromtimestamp(start, UTC).date() for start, _ in found]
    assert days == [date(2026, 11, 24), date(2026, 12, 8)]


def test_a_rule_past_midnight_belongs_to_the_day_before() -> None:
    [only] = stretches_of(
        "FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 23), date(2026, 11, 23), time(22), time(2),
        ZoneInfo("UTC"), Stretch(0, 1 << 33),
    )  # fmt: skip
    assert (only.end - only.start) == 4 * 3600


@pytest.mark.parametrize(
    "text",
    ["", "FREQ=DAILY", "FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;INTERVAL=0",
     "FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;INTERVAL=9999999999", "FREQ=WEEKLY;BYDAY=",
     "FREQ=WEEKLY;WKST=XX"],
)  # fmt: skip
def test_what_is_no_weekly_rule_is_refused(text: str) -> None:
    with pytest.raises(RecurrenceError):
        check_recurrence(text)


def test_a_rule_is_kept_tidy() -> None:
    assert check_recurrence("byday=MO,TU;freq=weekly;") == "FREQ=WEEKLY;BYDAY=MO,TU"
