from django.db import models

from queues.models.screen import Screen

# EN 301 549, 5.1.4: capitals of 0.7 degrees, 12.2 mm for each metre; IBM Plex Sans has them at
# 0.698 em. On a screen of 16:9 that is so many hundredths of its height for each metre and inch.
FONT_VH = 140
# Below, rows are more than one can search; above, a number and its counter do not fit beside it.
LEAST_FONT, LARGEST_FONT = 8.0, 27.0
# Two thirds of the screen are for calls.
CALLS_VH = 66.7


class Board(Screen):
    """A screen in the waiting room that shows who is called to which counter."""

    inches = models.PositiveSmallIntegerField(help_text="The screen's diagonal.")
    metres = models.DecimalField(
        max_digits=3, decimal_places=1, help_text="How far away the farthest seat is."
    )
    notice = models.CharField(max_length=120, blank=True)

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
