from typing import ClassVar, Self

from django.db import models

from providers.models import Role
from waitlessq import clock
from waitlessq.db.tenancy import TenantManager


class ApiKey(models.Model):
    """A secret with which a provider's other systems use the API, in a role."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=10, choices=Role)
    prefix = models.CharField(max_length=12, unique=True, help_text="Its public part.")
    secret_hash = models.CharField(max_length=64, help_text="SHA-256 of the secret, in hex.")
    may_replay = models.BooleanField(default=False, help_text="May set the clock of a request.")
    created_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    # Not from a replica: who was locked out is out at once.
    always_newest = True

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"
