from typing import ClassVar, Self

from django.db import models

from waitlessq.db.tenancy import TenantManager


class Role(models.TextChoices):
    """What a member may do, from least to most; each may do what those before it may."""

    VIEWER = "viewer"
    STAFF = "staff"
    MANAGER = "manager"
    OWNER = "owner"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what ``other`` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Member(models.Model):
    """A user's role in a provider, everywhere or only at some locations."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="members")
    user = models.ForeignKey("providers.User", models.CASCADE, related_name="memberships")
    name = models.CharField(max_length=150, blank=True, help_text="What the provider calls them.")
    role = models.CharField(max_length=10, choices=Role)
    is_limited = models.BooleanField(default=False, help_text="To its locations, or everywhere.")
    locations = models.ManyToManyField("providers.Location", blank=True)

    # Not from a replica: who was locked out is out at once.
    always_newest = True

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "user"], name="member_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
