from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from waitlessq.db.tenancy import TenantManager


class Screen(models.Model):
    """A device at a location where nobody is signed in.

    It proves itself with a secret, of which the row keeps the SHA-256; none is paired while that
    is empty.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="%(class)ss")
    location = models.ForeignKey("providers.Location", models.CASCADE, related_name="%(class)ss")
    name = models.CharField(max_length=50, help_text="Where it hangs.")
    queues = models.ManyToManyField("queues.Queue", related_name="%(class)ss")
    languages = ArrayField(
        models.CharField(max_length=5), help_text="Shown and spoken, in this order."
    )
    secret_hash = models.CharField(max_length=64, blank=True)
    paired_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["location", "name"], name="%(class)s_name_is_unique"),
            # Also what finds the row of a screen that asks.
            models.UniqueConstraint(
                fields=["secret_hash"],
                condition=~Q(secret_hash=""),
                name="%(class)s_secret_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Pairing(models.Model):
    """A screen that shows a code and waits for somebody to type it; nobody's until then."""

    code = models.CharField(max_length=8, unique=True)
    kind = models.CharField(
        max_length=10, default="board", db_default="board", help_text="What it can be paired with."
    )
    secret_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"until {self.expires_at}"
