"""How right the wait estimate is on a simulated branch, and that it can not look ahead."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from bench.forecast.log_events import log_events
from bench.forecast.replay import Replay, Told
from bench.forecast.scores import report
from bench.forecast.simulate import FIRST_DAY, ZONE, simulated_branch
from integrations.replay.log import LogRow, Outcome
from queues.forecast import Calendar, Estimate

HEAD_START = timedelta(minutes=10)
DAYS = 40


def replayed(rows: list[LogRow], first_day: int = 0) -> Told:
    replay = Replay(Calendar(ZONE))
    return replay.score(log_events(rows, HEAD_START), FIRST_DAY + timedelta(days=first_day))


def test_the_simulated_branch_is_estimated_as_well_as_it_was() -> None:
    scores = report(replayed(simulated_branch(DAYS, head_start=HEAD_START).rows, DAYS // 2))
    errors = {name: score.mae for name, score in scores.estimators.items()}
    assert scores.tickets > 1000
    assert errors["forecast"] < 0.55 * errors["les"]
    assert errors["forecast"] < 0.60 * errors["naive"]
    assert errors["forecast"] < 0.80 * errors["qlm"]
    assert 0.77 < scores.overall.range.coverage < 0.87


def test_asking_again_is_better_than_counting_down() -> None:
    again = report(replayed(simulated_branch(10, head_start=HEAD_START).rows)).again
    assert again is not None
    assert again.refreshed.mae < again.countdown.mae


def test_a_log_whose_later_part_is_garbage_gets_the_same_earlier_answers() -> None:
    rows = simulated_branch(6, head_start=HEAD_START).rows
    # At half past eleven, with people in line and at the counters.
    middle = rows[0].joined_at.replace(hour=11, minute=30) + timedelta(days=4)
    spoilt = [_spoilt(row, middle) for row in rows]
    assert spoilt != rows
    honest, fooled = _said_until(rows, middle), _said_until(spoilt, middle)
    assert len(honest) > 300
    assert honest == fooled


def _said_until(rows: list[LogRow], until: datetime) -> dict[str, Estimate]:
    """What those heard who had their turn by then: of the others the log's end decides."""
    return {
        quote.row.ticket: quote.estimate
        for quote in replayed(rows).first
        if (quote.row.called_at or quote.row.finished_at) <= until
    }


def _spoilt(row: LogRow, after: datetime) -> LogRow:
    """The same row, with nonsense for all that happens after a moment."""
    random = Random(row.line)
    nonsense = max(row.joined_at, after) + timedelta(seconds=random.randint(1, 9999))
    if row.finished_at <= after:
        return row
    if row.called_at is not None and row.called_at <= after:
        return replace(row, finished_at=nonsense)
    if row.joined_at > after:
        row = replace(row, joined_at=nonsense, service="?", priority=random.randint(0, 9))
    outcome = random.choice([Outcome.ABANDONED, Outcome.SERVED])
    called_at = nonsense if outcome == Outcome.SERVED else None
    return replace(row, called_at=called_at, finished_at=nonsense, outcome=outcome)
