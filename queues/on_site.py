"""The code that stands in the hall, on kiosks and boards: who says it is there, or was just now.

It follows from the location and the time, so nothing is stored, and all screens show the same one.
What is printed would only say that somebody was there once.
"""

import unicodedata
from datetime import timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

from waitlessq import clock

SHOWN_FOR = timedelta(minutes=5)
"""How long a code is shown; it is taken for as long again, for who walks to a seat meanwhile."""

DIGITS = 6


def on_site_code(location_id: int) -> str:
    """What the location's screens show now."""
    return _code(location_id, _period())


def spaced(code: str) -> str:
    """The code as people read and say it: 482 913."""
    return f"{code[: DIGITS // 2]} {code[DIGITS // 2 :]}"


def is_on_site_code(location_id: int, said: str) -> bool:
    """Whether it is what the location's screens show now, or showed before that."""
    # Phones in Arabic may type digits of their own.
    typed = "".join(str(unicodedata.decimal(sign, sign)) for sign in said if not sign.isspace())
    now = _period()
    shown = [_code(location_id, period) for period in (now, now - 1)]
    return any(constant_time_compare(typed, code) for code in shown)


def _period() -> int:
    return int(clock.now().timestamp() // SHOWN_FOR.total_seconds())


def _code(location_id: int, period: int) -> str:
    signed = salted_hmac("queues.on_site", f"{location_id}:{period}", algorithm="sha256")
    return f"{int(signed.hexdigest(), 16) % 10**DIGITS:0{DIGITS}}"
