"""How fast people give up."""

from dataclasses import dataclass

PRIOR_SECONDS = 3600.0


@dataclass(slots=True)
class Abandonment:
    """Leaves against time waited, all tickets together.

    ``(1 + leaves) / (one hour + seconds waited)``: the maximum likelihood estimate of an
    exponential patience under censoring, with a prior worth one leave in an hour of waiting.
    """

    leaves: float = 0.0
    waited_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Leaves per second, of each who waits."""
        return (1 + self.leaves) / (PRIOR_SECONDS + self.waited_seconds)
