"""The answer."""

from typing import NamedTuple


class Estimate(NamedTuple):
    """How long a ticket still waits, in seconds from the asking.

    Eight waits in ten are meant to fall between ``low`` (10 %) and ``high`` (90 %), and half of
    them below ``middle``. ``raw`` is the queue model's own figure, before what was learned from
    its errors; ``ahead`` counts who is called before. ``ticket`` is None for one yet to join.
    """

    ticket: int | None
    ahead: int
    raw: float
    low: float
    middle: float
    high: float
