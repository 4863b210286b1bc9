"""How right estimates were."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass
from statistics import fmean, median
from typing import Any

from bench.forecast.baselines import Baselines
from bench.forecast.replay import FirstQuote, Quote, Told
from queues.forecast.ratios import LAST_POSITIONS, bucket_of

MISSED_SHARE = 0.2
"""What a range from 10 % to 90 % is meant to miss."""


@dataclass(frozen=True, slots=True)
class PointScore:
    """Of one number per ticket; seconds, but for ``share``, the MAE over the mean wait."""

    mae: float
    share: float
    median_error: float
    bias: float


@dataclass(frozen=True, slots=True)
class RangeScore:
    """Of a range per ticket: shares of tickets, but for ``width`` and ``winkler``, in mean waits.

    The Winkler score (1972) is the width, and 2 / 0.2 times by how much the range was missed.
    """

    coverage: float
    below: float
    above: float
    width: float
    winkler: float


@dataclass(frozen=True, slots=True)
class Group:
    """Tickets that were quoted in one position bucket."""

    name: str
    tickets: int
    mean_wait: float
    point: PointScore
    range: RangeScore
    below_middle: float


@dataclass(frozen=True, slots=True)
class Again:
    """Who still waited some time after joining: asked again, against the first answer run down."""

    tickets: int
    refreshed: PointScore
    countdown: PointScore
    range: RangeScore


@dataclass(frozen=True, slots=True)
class Report:
    """All scores of a replay."""

    tickets: int
    without_estimate: int
    mean_wait: float
    estimators: dict[str, PointScore]
    overall: Group
    by_position: list[Group]
    again: Again | None

    def as_json(self) -> dict[str, Any]:
        """Rounded to what means something."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded


def report(told: Told) -> Report:
    """Scores a replay.

    Raises:
        ValueError: it quoted nobody.
    """
    quotes = told.first
    if not quotes:
        raise ValueError("No ticket of the log waited and was served on the days to be scored.")
    buckets = sorted({bucket_of(quote.estimate.ahead) for quote in quotes})
    return Report(
        tickets=len(quotes),
        without_estimate=told.without,
        mean_wait=_mean_wait(quotes),
        estimators=_estimators(quotes),
        overall=_group("all", quotes),
        by_position=[
            _group(
                _bucket_name(bucket),
                [quote for quote in quotes if bucket_of(quote.estimate.ahead) == bucket],
            )
            for bucket in buckets
        ],
        again=_again(told.again) if told.again else None,
    )


def point_score(waits: Sequence[float], answers: Sequence[float]) -> PointScore:
    """Scores single numbers against what came of them."""
    errors = [answer - wait for wait, answer in zip(waits, answers, strict=True)]
    mae = fmean(map(abs, errors))
    return PointScore(mae, mae / fmean(waits), median(map(abs, errors)), fmean(errors))


def range_score(waits: Sequence[float], ranges: Sequence[tuple[float, float]]) -> RangeScore:
    """Scores ranges against what came of them."""
    pairs = list(zip(waits, ranges, strict=True))
    below = fmean(wait < low for wait, (low, _) in pairs)
    above = fmean(wait > high for wait, (_, high) in pairs)
    mean_wait = fmean(waits)
    width = fmean(high - low for low, high in ranges)
    missed_by = fmean(max(low - wait, wait - high, 0.0) for wait, (low, high) in pairs)
    return RangeScore(
        coverage=1 - below - above,
        below=below,
        above=above,
        width=width / mean_wait,
        winkler=(width + 2 / MISSED_SHARE * missed_by) / mean_wait,
    )


def _estimators(quotes: Sequence[FirstQuote]) -> dict[str, PointScore]:
    waits = [quote.wait for quote in quotes]
    names = Baselines.__slots__
    scores = {
        name: point_score(waits, answers)
        for name, answers in zip(
            names, zip(*(astuple(quote.baselines) for quote in quotes), strict=True), strict=True
        )
    }
    scores["raw"] = point_score(waits, [quote.estimate.raw for quote in quotes])
    scores["forecast"] = point_score(waits, [quote.estimate.middle for quote in quotes])
    return scores


def _group(name: str, quotes: Sequence[Quote]) -> Group:
    waits = [quote.wait for quote in quotes]
    middles = [quote.estimate.middle for quote in quotes]
    return Group(
        name=name,
        tickets=len(quotes),
        mean_wait=fmean(waits),
        point=point_score(waits, middles),
        range=range_score(waits, _ranges(quotes)),
        below_middle=fmean(wait < middle for wait, middle in zip(waits, middles, strict=True)),
    )


def _again(pairs: Sequence[tuple[FirstQuote, Quote]]) -> Again:
    quotes = [quote for _, quote in pairs]
    waits = [quote.wait for quote in quotes]
    run_down = [max(first.estimate.middle - quote.asked_after, 0.0) for first, quote in pairs]
    return Again(
        tickets=len(pairs),
        refreshed=point_score(waits, [quote.estimate.middle for quote in quotes]),
        countdown=point_score(waits, run_down),
        range=range_score(waits, _ranges(quotes)),
    )


def _mean_wait(quotes: Sequence[Quote]) -> float:
    return fmean(quote.wait for quote in quotes)


def _ranges(quotes: Sequence[Quote]) -> list[tuple[float, float]]:
    return [(quote.estimate.low, quote.estimate.high) for quote in quotes]


def _bucket_name(bucket: int) -> str:
    first = LAST_POSITIONS[bucket - 1] + 1 if bucket else 0
    if bucket == len(LAST_POSITIONS):
        return f"{first}+"
    last = LAST_POSITIONS[bucket]
    return str(first) if first == last else f"{first}–{last}"


def _rounded(value: Any) -> Any:
    each: Callable[[Any], Any] = _rounded
    match value:
        case float():
            return round(value, 4)
        case dict():
            return {key: each(one) for key, one in value.items()}
        case list():
            return [each(one) for one in value]
    return value
