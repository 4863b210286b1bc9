from django.db import models

from waitlessq import clock


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
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name
