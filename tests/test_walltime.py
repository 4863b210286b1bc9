"""What a clock on the wall means, also on the two nights a year on which it lies."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from waitlessq.walltime import instant

JERUSALEM = ZoneInfo("Asia/Jerusalem")


@pytest.mark.parametrize(
    ("day", "wall", "zone", "meant"),
    [
        (date(2026, 7, 1), time(8), "Asia/Jerusalem", "2026-07-01T05:00"),
        # 27 March 2026: 02:00 became 03:00.
        (date(2026, 3, 27), time(1, 59), "Asia/Jerusalem", "2026-03-26T23:59"),
        (date(2026, 3, 27), time(2, 30), "Asia/Jerusalem", "2026-03-27T00:30"),
        (date(2026, 3, 27), time(3), "Asia/Jerusalem", "2026-03-27T00:00"),
        # 25 October 2026: 02:00 became 01:00.
        (date(2026, 10, 25), time(1, 30), "Asia/Jerusalem", "2026-10-24T22:30"),
        (date(2026, 10, 25), time(2), "Asia/Jerusalem", "2026-10-25T00:00"),
        # Half an hour, on Lord Howe.
        (date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe", "2026-10-03T15:45"),
        # A day that Samoa never had.
        (date(2011, 12, 30), time(12), "Pacific/Apia", "2011-12-30T22:00"),
    ],
)
def test_gaps_go_forward_and_overlaps_mean_the_first(
    day: date, wall: time, zone: str, meant: str
) -> None:
    assert instant(day, wall, ZoneInfo(zone)) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


def test_a_fold_or_a_zone_of_the_time_does_not_count() -> None:
    plain = instant(date(2026, 10, 25), time(1, 30), JERUSALEM)
    assert plain == instant(date(2026, 10, 25), time(1, 30, fold=1, tzinfo=UTC), JERUSALEM)
