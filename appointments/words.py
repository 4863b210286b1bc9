"""How times are said to customers, in pages and mails."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format


def when(at: datetime, zone: ZoneInfo) -> str:
    """The day and the time on that wall, as "Tue 24 Nov, 10:30"; for calendars of all countries."""
    there = at.astimezone(zone)
    return f"{date_format(there, 'D j M')}, {there:%H:%M}"
