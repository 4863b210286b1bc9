"""Waits in words, for pages that come from the server."""

import zlib
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from queues.forecast import Estimate, ShownWait, shown
from queues.forecast.shown import HOUR, MINUTES_UP_TO
from queues.waits import Wait


@dataclass(frozen=True, slots=True)
class WaitText:
    """A wait as it is read: "20–35 min" and "most likely 25"; the second may be empty."""

    range: str
    likely: str

    @property
    def stamp(self) -> str:
        """Another one for another text, fit for an address."""
        return f"{zlib.crc32(f'{self.range}{self.likely}'.encode()):x}"


def wait_text(wait: Wait, ahead: int) -> WaitText:
    """What the app says of the same wait (``pwa/client/src/app/waits.tsx``)."""
    low, middle, high = wait
    seen = shown(Estimate(None, ahead, middle, low, middle, high))
    if seen.is_any_minute:
        return WaitText(gettext("Any minute"), "")
    likely = format_html(gettext("most likely {count}"), count=_bdi(_in_unit(seen, seen.middle)))
    if seen.is_next:
        likely = SafeString()
    if seen.is_next or seen.low in {0, seen.high}:
        amount = _amount(seen, _in_unit(seen, seen.high))
        return WaitText(format_html(gettext("Up to {wait}"), wait=amount), likely)
    ends = f"{_in_unit(seen, seen.low)}–{_in_unit(seen, seen.high)}"
    return WaitText(_amount(seen, ends), likely)


def _amount(seen: ShownWait, number: str) -> SafeString:
    count = int(_in_unit(seen, seen.high).partition(".")[0])
    if seen.high > MINUTES_UP_TO:
        text = ngettext("{number} h", "{number} h", count)
    else:
        text = ngettext("{number} min", "{number} min", count)
    return format_html(text, number=_bdi(number))


def _in_unit(seen: ShownWait, minutes: int) -> str:
    return f"{minutes / HOUR:g}" if seen.high > MINUTES_UP_TO else str(minutes)


def _bdi(number: str) -> SafeString:
    return format_html('<bdi dir="ltr">{}</bdi>', number)
