"""From raw waits to ranges, along one line."""

from math import exp

from queues.forecast.estimate import Estimate
from queues.forecast.ratios import Ratios, bucket_of

Group = tuple[int, int, str]
Three = tuple[float, float, float]


class Ranges:
    """Applies what was learned to raw waits that come in line order.

    Buckets are learned apart, so one may seem shorter than the one before it. Nobody is told less
    than the same kind of ticket further ahead would be: what the last place of an earlier bucket
    gives is the least.
    """

    def __init__(self, ratios: Ratios) -> None:
        self._ratios = ratios
        # Per bucket that was passed, the longest raw wait in it.
        self._longest: dict[int, float] = {}
        # On the raw wait, for low, middle and high.
        self._factors_of: dict[Group, Three] = {}
        # With the least of each.
        self._rules: dict[Group, tuple[Three, Three]] = {}

    def pass_by(self, ahead: int, raw: float) -> int:
        """Takes note of a place in line; returns its bucket."""
        bucket = bucket_of(ahead)
        self._longest[bucket] = raw
        return bucket

    def estimate(
        self, ticket: int | None, ahead: int, raw: float, priority: int, service: str
    ) -> Estimate:
        """The estimate of the ticket with so many ahead; to be asked in line order."""
        group = (self.pass_by(ahead, raw), priority, service)
        rule = self._rules.get(group)
        if rule is None:
            rule = self._rules[group] = (self._factors(*group), self._least(*group))
        (low, middle, high), (least_low, least_middle, least_high) = rule
        return Estimate(
            ticket,
            ahead,
            raw,
            max(raw * low, least_low),
            max(raw * middle, least_middle),
            max(raw * high, least_high),
        )

    def _factors(self, bucket: int, priority: int, service: str) -> Three:
        group = (bucket, priority, service)
        factors = self._factors_of.get(group)
        if factors is None:
            low, middle, high = self._ratios.logs(*group)
            factors = self._factors_of[group] = exp(low), exp(middle), exp(high)
        return factors

    def _least(self, bucket: int, priority: int, service: str) -> Three:
        least = (0.0, 0.0, 0.0)
        for earlier, raw in self._longest.items():
            if earlier < bucket:
                low, middle, high = self._factors(earlier, priority, service)
                least = (
                    max(least[0], raw * low),
                    max(least[1], raw * middle),
                    max(least[2], raw * high),
                )
        return least
