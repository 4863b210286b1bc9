from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from waitlessq.db.tenancy import TenantManager


class OpeningHours(models.Model):
    """A stretch of a location's usual week, in the time of its wall.

    It belongs to the day on which it begins: what closes at or before the time at which it opens
    closes on the next day, so 00:00 to 00:00 is a whole day.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    location = models.ForeignKey("providers.Location", models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday.")
    opens = models.TimeField()
    closes = models.TimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "weekday", "opens"], name="opening_hours_are_unique"
            ),
            models.CheckConstraint(
                name="opening_hours_have_a_weekday", condition=Q(weekday__lte=6)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens:%H:%M}–{self.closes:%H:%M}"


class OpeningException(models.Model):
    """A date on which a location's usual week, and public holidays, do not count.

    Closed that day, or with hours of its own, each in a row.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    location = models.ForeignKey(
        "providers.Location", models.CASCADE, related_name="opening_exceptions"
    )
    date = models.DateField()
    name = models.CharField(max_length=60, blank=True, help_text="Why, for everybody to read.")
    opens = models.TimeField(null=True, blank=True, help_text="Empty when closed.")
    closes = models.TimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "date", "opens"], name="opening_exception_is_unique"
            ),
            models.UniqueConstraint(
                fields=["location", "date"],
                condition=Q(opens__isnull=True),
                name="opening_exception_is_closed_once",
            ),
            models.CheckConstraint(
                name="opening_exception_has_both_times_or_none",
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        if self.opens is None or self.closes is None:
            return f"{self.date}: closed"
        return f"{self.date}: {self.opens:%H:%M}–{self.closes:%H:%M}"
