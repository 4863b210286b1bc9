from typing import ClassVar, Self
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q

from waitlessq import clock
from waitlessq.db.tenancy import TenantManager

SHOWN_LETTERS = 6


class CalendarFeed(models.Model):
    """That a member, or a customer, may follow their bookings in a calendar of their own.

    The address is the row's signed id, so deleting the row revokes it.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    member = models.OneToOneField(
        "providers.Member", models.CASCADE, null=True, blank=True, related_name="+"
    )
    customer = models.OneToOneField(
        "providers.Customer", models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="calendar_feed_is_somebodys",
                condition=Q(member__isnull=True) ^ Q(customer__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"feed {self.pk}"


class FeedProblem(models.TextChoices):
    """Why a calendar could not be read."""

    NOT_PUBLIC = "not-public"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TOO_LARGE = "too-large"
    NO_CALENDAR = "no-calendar"


class BusyFeed(models.Model):
    """A calendar elsewhere in which a resource is busy: read now and then, by its address.

    What it says is kept as availability exceptions; while it can not be read, they stay.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    resource = models.ForeignKey("appointments.Resource", models.CASCADE, related_name="busy_feeds")
    url = models.CharField(max_length=2000)
    etag = models.CharField(max_length=200, blank=True)
    digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="Of what it said last."
    )
    due_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When it could be read last.")
    followed_at = models.DateTimeField(
        null=True, blank=True, help_text="From when on its rules were followed a year ahead."
    )
    problem = models.CharField(max_length=11, choices=FeedProblem, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row.")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "url"], name="busy_feed_is_there_once"),
        ]
        indexes = [
            # busy_feeds_read: the oldest that is due.
            models.Index(fields=["due_at"], name="busy_feed_due"),
        ]

    def __str__(self) -> str:
        return f"busy feed {self.pk}"

    @property
    def shown_as(self) -> str:
        """Its address as people see it: who may read the calendar knows the whole one."""
        return f"{urlsplit(self.url).hostname}/…{self.url[-SHOWN_LETTERS:]}"
