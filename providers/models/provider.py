from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy

from waitlessq import clock
from waitlessq.db.tenancy import TenantManager

DEFAULT_COLOUR = "#005956"
is_colour = RegexValidator(r"\A#[0-9A-F]{6}\Z", gettext_lazy("Write the colour like #005956."))


class Trade(models.TextChoices):
    """What a provider does, for words that fit and for privacy (a clinic's services are)."""

    CLINIC = "clinic"
    SALON = "salon"
    COUNCIL = "council"
    REPAIR = "repair"
    OTHER = "other"


class Provider(models.Model):
    """A business, and the tenant to which everything else belongs."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=50, unique=True)
    trade = models.CharField(max_length=10, choices=Trade, default=Trade.OTHER)
    colour = models.CharField(
        max_length=7,
        default=DEFAULT_COLOUR,
        # A process of the release before this one inserts without it.
        db_default=DEFAULT_COLOUR,
        validators=[is_colour],
        help_text="Its own, e.g. #005956; the app's palette is made from it.",
    )
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of each API key, as its plan says; empty: as usual."
    )
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class ProviderLogo(models.Model):
    """The provider's picture: a square PNG, 512 to 1024 px; apart, since it is seldom read."""

    provider = models.OneToOneField(Provider, models.CASCADE, related_name="logo")
    image = models.BinaryField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"{self.provider}'s logo"
