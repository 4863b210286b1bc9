from django.db import models

from queues.models.screen import Screen

# EN 301 549, 8.3: what one touches is so far above the floor, in centimetres.
LOWEST_TOUCH, HIGHEST_TOUCH = 38, 122


class Paper(models.TextChoices):
    """What a kiosk's printer prints on."""

    NONE = "", "No printer"
    WIDE = "80", "80 mm"
    NARROW = "58", "58 mm"


class Kiosk(Screen):
    """A touch screen in the hall where people take numbers."""

    paper = models.CharField(max_length=2, blank=True, choices=Paper)
    bottom_cm = models.PositiveSmallIntegerField(
        help_text="How far above the floor its picture begins."
    )
    height_cm = models.PositiveSmallIntegerField(help_text="How high its picture is.")

    @property
    def reach(self) -> tuple[float, float]:
        """Between which hundredths of the picture, from below, everybody can touch it."""

        def hundredth(cm: int) -> float:
            return round(min(max((cm - self.bottom_cm) / self.height_cm * 100, 0), 100), 1)

        return hundredth(LOWEST_TOUCH), hundredth(HIGHEST_TOUCH)
