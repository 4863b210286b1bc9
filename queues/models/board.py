from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from waitlessq.db.tenancy import TenantManager

# EN 301 549, 5.1.4: capitals of 0.7 degrees, 12.2 mm for each metre; IBM Plex Sans has them at
# 0.698 em. On a screen of 16:9 that is so many hundredths of its height for each metre and inch.
FONT_VH = 140
# Below, rows are more than one can search; above, a number and its counter do not fit beside it.
LEAST_FONT, LARGEST_FONT = 8.0, 27.0
# Two thirds of the screen are for calls.
CALLS_VH = 66.7


class Board(models.Model):
    """A screen in the waiting room that shows who is called to which counter.

    The screen proves itself with a secret, of which the row keeps the SHA-256; none is paired
    while that is empty.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="boards")
    location = models.ForeignKey("providers.Location", models.CASCADE, related_name="boards")
    name = models.CharField(max_length=50, help_text="Where it hangs.")
    queues = models.ManyToManyField("queues.Queue", related_name="boards")
    languages = ArrayField(
        models.CharField(max_length=5), help_text="Shown and spoken, in this order."
    )
    inches = models.PositiveSmallIntegerField(help_text="The screen's diagonal.")
    metres = models.DecimalField(
        max_digits=3, decimal_places=1, help_text="How far away the farthest seat is."
    )
    notice = models.CharField(max_length=120, blank=True)
    secret_hash = models.CharField(max_length=64, blank=True)
    paired_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "name"], name="board_name_is_unique"),
            # Also what finds the board of a screen that asks.
            models.UniqueConstraint(
                fields=["secret_hash"],
                condition=~Q(secret_hash=""),
                name="board_secret_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def font(self) -> float:
        """The size of called numbers, in hundredths of the screen's height."""
        wanted = FONT_VH * float(self.metres) / self.inches
        return round(min(max(wanted, LEAST_FONT), LARGEST_FONT), 2)

    @property
    def rows(self) -> int:
        """How many calls fit."""
        return int(CALLS_VH / self.font)

    @property
    def readable_from(self) -> float:
        """From how many metres its numbers can be read; less than asked for on a small screen."""
        return min(float(self.metres), round(self.font * self.inches / FONT_VH, 1))


class Pairing(models.Model):
    """A screen that shows a code and waits for somebody to type it; nobody's until then."""

    code = models.CharField(max_length=8, unique=True)
    secret_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"until {self.expires_at}"
