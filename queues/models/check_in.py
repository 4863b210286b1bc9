from typing import ClassVar, Self

from django.db import models

from waitlessq.db.tenancy import TenantManager


class CheckIn(models.Model):
    """That a ticket was issued to whoever came for an appointment.

    A row of its own, so that tickets of those who walk in cost nothing more.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    ticket = models.OneToOneField("queues.Ticket", models.CASCADE, related_name="check_in")
    appointment = models.ForeignKey(
        "appointments.Appointment", models.CASCADE, related_name="check_ins"
    )

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"{self.ticket} for {self.appointment}"
