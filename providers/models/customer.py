from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from providers.contacts import LONGEST_EMAIL, LONGEST_NAME
from waitlessq import clock
from waitlessq.db.tenancy import TenantManager


class Customer(models.Model):
    """A person known to a provider.

    Everything personal stands here and in contact points, and nowhere else: without this row
    tickets and their times are anybody's.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="customers")
    name = models.CharField(max_length=LONGEST_NAME, blank=True)
    name_folded = models.CharField(
        # Taking a letter apart can make several of it.
        max_length=4 * LONGEST_NAME,
        blank=True,
        help_text="As it is looked for.",
    )
    language = models.CharField(max_length=5, blank=True, help_text="That they chose, e.g. he.")
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            # Whose name has these letters anywhere?
            GinIndex(
                fields=["name_folded"],
                opclasses=["gin_trgm_ops"],
                name="customer_name_trigrams",
            ),
        ]

    def __str__(self) -> str:
        return f"customer {self.pk}"


class ContactKind(models.TextChoices):
    """How somebody can be reached."""

    PHONE = "phone"
    EMAIL = "email"


class ContactPoint(models.Model):
    """A number or an address of a customer.

    People of one household share them, so one may belong to several customers; none has it twice.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    customer = models.ForeignKey(
        "providers.Customer", models.CASCADE, related_name="contact_points"
    )
    kind = models.CharField(max_length=5, choices=ContactKind)
    value = models.CharField(max_length=LONGEST_EMAIL, help_text="As it was typed.")
    normalised = models.CharField(max_length=LONGEST_EMAIL, help_text="E.164, or in lower case.")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "normalised"], name="contact_point_is_unique"
            ),
        ]
        indexes = [
            # Whose is it?
            models.Index(fields=["provider", "kind", "normalised"], name="contact_point_whose"),
            # Which has these characters anywhere?
            GinIndex(
                fields=["normalised"],
                opclasses=["gin_trgm_ops"],
                name="contact_point_trigrams",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of customer {self.customer_id}"
