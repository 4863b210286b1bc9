from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from waitlessq.db.tenancy import TenantManager


class Nearest(models.Model):
    """Who was first in the line of a queue when a relay last looked (``approaching_notice``)."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    queue = models.OneToOneField("queues.Queue", models.CASCADE, related_name="+")
    sequence = models.PositiveBigIntegerField(help_text="The queue's, as of that look.")
    ticket_ids = ArrayField(models.BigIntegerField(), default=list)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"the first of {self.queue}"
