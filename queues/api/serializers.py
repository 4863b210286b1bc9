"""What the API reads and writes of queues, counters, tickets and events."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from appointments.selectors import bookable_policies
from providers import selectors as provider_selectors
from providers.api.fields import RowField, RowsField
from providers.api.serializers import ServiceSerializer
from providers.contacts import LONGEST_NAME, LONGEST_PHONE
from providers.models import Location, Provider
from queues import selectors
from queues.channels import TICKETS
from queues.figures import Figures, Honesty, Waits
from queues.models import Counter, Queue, QueueStatus, Source, Ticket, TicketEvent
from queues.services.people import Person
from queues.snapshot import read_snapshots
from queues.tokens import token_for
from queues.what_if import Place, WhatIf
from queues.why import Reason
from waitlessq.streams.channels import secret_name

HIGHEST_PRIORITY = 9
LONGEST_HEAD_START = timedelta(days=1)
LONGEST_REJOIN_WINDOW = timedelta(days=1)
LONGEST_GRACE_TIME = timedelta(hours=1)
MOST_CALLS = 9
LONGEST_CLOSING_WINDOW = timedelta(hours=12)
LONGEST_EARLY_JOIN = timedelta(hours=12)
MOST_LET_AHEAD = 99
MOST_PEOPLE = 99
MOST_MINUTES = 60


class QueueSerializer(serializers.ModelSerializer[Queue]):
    class Meta:
        model = Queue
        fields = [
            "id",
            "location",
            "name",
            "prefix",
            "services",
            "status",
            "capacity",
            "head_start",
            "rejoin_window",
            "grace_time",
            "call_limit",
            "max_people",
            "asks_name",
            "asks_phone",
            "follows_hours",
            "closing_window",
            "at_closing",
            "appointment_merge",
            "remote_join",
            "early_join",
            "opens_at",
            "sequence",
        ]
        read_only_fields = fields


class QueueUpdate(serializers.ModelSerializer[Queue]):
    services = RowsField(provider_selectors.services_for, required=False)
    capacity = serializers.IntegerField(min_value=1, max_value=100_000, allow_null=True)
    status = serializers.ChoiceField(QueueStatus.choices)
    head_start = serializers.DurationField(
        min_value=timedelta(), max_value=LONGEST_HEAD_START, required=False
    )
    rejoin_window = serializers.DurationField(
        min_value=timedelta(), max_value=LONGEST_REJOIN_WINDOW, required=False
    )
    grace_time = serializers.DurationField(
        min_value=timedelta(), max_value=LONGEST_GRACE_TIME, required=False
    )
    call_limit = serializers.IntegerField(min_value=1, max_value=MOST_CALLS, required=False)
    max_people = serializers.IntegerField(min_value=1, max_value=MOST_PEOPLE, required=False)
    closing_window = serializers.DurationField(
        min_value=timedelta(), max_value=LONGEST_CLOSING_WINDOW, required=False
    )
    early_join = serializers.DurationField(
        min_value=timedelta(), max_value=LONGEST_EARLY_JOIN, required=False
    )

    class Meta:
        model = Queue
        fields = [
            "name",
            "prefix",
            "services",
            "status",
            "capacity",
            "head_start",
            "rejoin_window",
            "grace_time",
            "call_limit",
            "max_people",
            "asks_name",
            "asks_phone",
            "follows_hours",
            "closing_window",
            "at_closing",
            "appointment_merge",
            "remote_join",
            "early_join",
        ]
        validators: list[Any] = []  # The services answer for unique names.


class QueueInput(QueueUpdate):
    location = RowField(Location, provider_selectors.locations_for)
    capacity = serializers.IntegerField(
        min_value=1, max_value=100_000, allow_null=True, required=False
    )
    status = serializers.ChoiceField(QueueStatus.choices, required=False)

    class Meta(QueueUpdate.Meta):
        fields = [*QueueUpdate.Meta.fields, "location"]


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    class Meta:
        model = Ticket
        fields = [
            "id",
            "queue",
            "business_date",
            "code",
            "service",
            "people",
            "customer",
            "priority",
            "source",
            "reference",
            "state",
            "counter",
            "call_count",
            "issued_at",
            "called_at",
            "started_at",
            "ended_at",
            "come_by",
            "deferred_until",
        ]
        read_only_fields = fields


class CounterSerializer(serializers.ModelSerializer[Counter]):
    current_ticket = serializers.SerializerMethodField()

    class Meta:
        model = Counter
        fields = ["id", "location", "name", "queues", "services", "is_open", "current_ticket"]
        read_only_fields = fields

    @extend_schema_field(TicketSerializer(allow_null=True))
    def get_current_ticket(self, counter: Counter) -> Any:
        """The ticket that is called or served there."""
        tickets: list[Ticket] = getattr(counter, "current_tickets", [])
        return TicketSerializer(tickets[0]).data if tickets else None


class PlacedTicketSerializer(TicketSerializer):
    """A ticket just issued, with its place and the change that it is."""

    position = serializers.SerializerMethodField(
        help_text="Place in the line, from 1; null when it does not wait."
    )
    sequence = serializers.IntegerField(
        source="queue.sequence", help_text="The queue's sequence number at this change."
    )

    class Meta(TicketSerializer.Meta):
        fields = [*TicketSerializer.Meta.fields, "position", "sequence"]
        read_only_fields = fields

    def get_position(self, ticket: Ticket) -> int | None:
        """Its place in the line."""
        return selectors.position(ticket)


class HeldTicketSerializer(PlacedTicketSerializer):
    """What the holder of a ticket sees of it."""

    token = serializers.SerializerMethodField(
        help_text="Proves the ticket is yours: send it as Ticket-Token. Never put it in a URL."
    )
    counter = serializers.CharField(source="counter.name", default=None)
    called_by_mistake = serializers.SerializerMethodField(
        help_text="Its call was taken back, and nothing happened since: it keeps its place."
    )
    rejoin_until = serializers.DateTimeField(
        help_text="After a no-show: until when one may rejoin; else null."
    )
    stream = serializers.SerializerMethodField(
        help_text="The ticket's secret channel of event streams, good for a day at least."
    )

    class Meta(PlacedTicketSerializer.Meta):
        fields = [
            "token",
            "queue",
            "business_date",
            "code",
            "service",
            "people",
            "state",
            "counter",
            "call_count",
            "issued_at",
            "called_at",
            "position",
            "called_by_mistake",
            "sequence",
            "come_by",
            "rejoin_until",
            "deferred_until",
            "stream",
        ]
        read_only_fields = fields

    def to_representation(self, instance: Ticket) -> dict[str, Any]:
        """The ticket; where it stands is asked once."""
        self._standing = selectors.standing(instance)
        return super().to_representation(instance)

    def get_position(self, ticket: Ticket) -> int | None:
        """Its place in the line."""
        return self._standing.position

    def get_called_by_mistake(self, ticket: Ticket) -> bool:
        """Whether its last call was one."""
        return self._standing.called_by_mistake

    def get_stream(self, ticket: Ticket) -> str:
        """Where changes of the ticket are told."""
        return secret_name(TICKETS, ticket.pk)

    def get_token(self, ticket: Ticket) -> str:
        """The secret of the ticket."""
        return token_for(ticket.pk)


class WhyInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=12, help_text="Who was called before, e.g. A012.")


class WhySerializer(serializers.Serializer[Any]):
    """Why somebody was called before the ticket's holder."""

    code = serializers.CharField()
    called_at = serializers.DateTimeField()
    reason = serializers.ChoiceField([reason.value for reason in Reason])
    minutes = serializers.IntegerField(
        allow_null=True, help_text="Of a priority: how many minutes of waiting it counts as."
    )
    detail = serializers.CharField(help_text="The reason in a sentence.")


class TicketEventSerializer(serializers.ModelSerializer[TicketEvent]):
    class Meta:
        model = TicketEvent
        fields = [
            "queue",
            "sequence",
            "type",
            "actor",
            "from_state",
            "to_state",
            "counter",
            "data",
            "at",
        ]
        read_only_fields = fields


class PublicJoinInput(serializers.Serializer[Any]):
    """What a queue does not ask for is not kept."""

    service = serializers.IntegerField(required=False, allow_null=True)
    people = serializers.IntegerField(
        min_value=1, max_value=MOST_PEOPLE, default=1, help_text="How many come with this number."
    )
    name = serializers.CharField(
        max_length=LONGEST_NAME, required=False, allow_blank=True, help_text="If the queue asks."
    )
    phone = serializers.CharField(
        max_length=LONGEST_PHONE, required=False, allow_blank=True, help_text="If the queue asks."
    )
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)


def person_from(told: Mapping[str, Any]) -> Person:
    """Who joins, as a checked body tells it."""
    return Person(
        name=told.get("name", ""),
        phone=told.get("phone", ""),
        language=told.get("language", ""),
        customer_id=told.get("customer"),
    )


class JoinInput(PublicJoinInput):
    queue = serializers.IntegerField()
    customer = serializers.IntegerField(
        required=False, allow_null=True, help_text="Who is known: instead of name and phone."
    )
    priority = serializers.IntegerField(min_value=0, max_value=HIGHEST_PRIORITY, default=0)
    reference = serializers.CharField(max_length=64, required=False, allow_blank=True)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        [Source.STAFF, Source.KIOSK, Source.API], required=False, default=Source.STAFF
    )


class CallInput(serializers.Serializer[Any]):
    counter = serializers.IntegerField()


class DeferInput(serializers.Serializer[Any]):
    people = serializers.IntegerField(
        min_value=1, max_value=MOST_LET_AHEAD, help_text="How many go first."
    )


class PostponeInput(serializers.Serializer[Any]):
    minutes = serializers.IntegerField(
        min_value=1, max_value=MOST_MINUTES, help_text="In how many to be back in line."
    )


class TransferInput(serializers.Serializer[Any]):
    queue = serializers.IntegerField(help_text="Another queue of the ticket's location.")


class CounterUpdate(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=50)
    queues = RowsField(selectors.queues_for, required=False)
    services = RowsField(
        provider_selectors.services_for, required=False, help_text="None of them for all."
    )


class CounterInput(CounterUpdate):
    location = RowField(Location, provider_selectors.locations_for)


class CalledTicketSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    counter = serializers.CharField()
    state = serializers.CharField()
    call_count = serializers.IntegerField()
    called_at = serializers.DateTimeField()
    come_by = serializers.DateTimeField(
        allow_null=True, help_text="Then it is a no-show by itself; null for never."
    )
    date = serializers.DateField(
        allow_null=True, help_text="Of a number of an earlier day; today's may be the same."
    )


class WaitField(serializers.ListField):
    """Low, most likely and high, in whole seconds; null where nobody can tell."""

    child = serializers.IntegerField()

    def __init__(self, **more: Any) -> None:
        super().__init__(min_length=3, max_length=3, allow_null=True, **more)


class SnapshotSerializer(serializers.Serializer[Any]):
    """The public document of a queue."""

    queue = serializers.IntegerField()
    name = serializers.CharField()
    status = serializers.ChoiceField(QueueStatus.choices)
    sequence = serializers.IntegerField()
    opens_at = serializers.DateTimeField(
        allow_null=True, help_text="Of a queue that takes nobody now, on the location's clock."
    )
    joins_from = serializers.DateTimeField(
        allow_null=True, help_text="When one can join, if that is before it opens."
    )
    remote_join = serializers.BooleanField(help_text="Whether one can join from a phone.")
    open_counters = serializers.IntegerField()
    called = CalledTicketSerializer(many=True)
    waiting_total = serializers.IntegerField()
    waiting = serializers.ListField(child=serializers.CharField())
    waiting_ranges = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2)
    )
    as_of = serializers.DateTimeField(help_text="What the waits are counted from.")
    waits = serializers.ListField(
        child=WaitField(),
        help_text="Of `waiting`, in its order; empty while there is no estimate at all.",
    )
    newcomer = WaitField(help_text="Of who would join now.")
    called_by_mistake = serializers.ListField(
        child=serializers.CharField(),
        help_text="Who waits after a call that was just taken back.",
    )


class JoinableQueueSerializer(serializers.ModelSerializer[Queue]):
    location = serializers.CharField(source="location.name")
    services = ServiceSerializer(many=True)
    waiting_total = serializers.IntegerField()
    open_counters = serializers.IntegerField()
    wait = serializers.SerializerMethodField(help_text="Of who would join now, as in the snapshot.")

    class Meta:
        model = Queue
        fields = [
            "id",
            "name",
            "location",
            "status",
            "services",
            "max_people",
            "waiting_total",
            "open_counters",
            "wait",
            "asks_name",
            "asks_phone",
            "opens_at",
            "joins_from",
            "appointment_merge",
            "remote_join",
        ]
        read_only_fields = fields

    opens_at = serializers.SerializerMethodField(help_text="As in the snapshot.")
    joins_from = serializers.SerializerMethodField(help_text="As in the snapshot.")

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_opens_at(self, queue: Queue) -> Any:
        """When it opens."""
        return self.context["snapshots"][queue.pk]["opens_at"]

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_joins_from(self, queue: Queue) -> Any:
        """When one can join before it opens."""
        return self.context["snapshots"][queue.pk]["joins_from"]

    @extend_schema_field(WaitField())
    def get_wait(self, queue: Queue) -> Any:
        """How long who would join now waits."""
        return self.context["snapshots"][queue.pk]["newcomer"]


class PublicProviderSerializer(serializers.ModelSerializer[Provider]):
    """What everybody may know of a provider."""

    queues = serializers.SerializerMethodField()
    takes_bookings = serializers.SerializerMethodField()

    class Meta:
        model = Provider
        fields = ["slug", "name", "trade", "queues", "takes_bookings"]
        read_only_fields = fields

    def get_takes_bookings(self, provider: Provider) -> bool:
        """Whether a time can be booked."""
        return bookable_policies().exists()

    @extend_schema_field(JoinableQueueSerializer(many=True))
    def get_queues(self, provider: Provider) -> Any:
        """The queues, also those that are closed now."""
        snapshots = read_snapshots(queues := list(selectors.public_queues()))
        # One that was deleted meanwhile is left out.
        there = [queue for queue in queues if queue.pk in snapshots]
        context = {"snapshots": snapshots}
        return JoinableQueueSerializer(there, many=True, context=context).data


class PeriodQuery(serializers.Serializer[Any]):
    """The days that figures are asked for."""

    until = serializers.DateField(
        required=False, help_text="The last day, by the location's clock; today."
    )
    location = RowField(Location, provider_selectors.locations_for, required=False)

    def get_fields(self) -> Any:
        """``from`` can not be the name of an attribute."""
        first = serializers.DateField(required=False, help_text="The first day; six days earlier.")
        return {"from": first, **super().get_fields()}


class WhatIfQuery(serializers.Serializer[Any]):
    """A change in the number of counters."""

    counters = serializers.IntegerField(default=1, help_text="More, or fewer if below 0.")
    until = serializers.TimeField(required=False, help_text="By the location's clock; for good.")

    def get_fields(self) -> Any:
        """``from`` can not be the name of an attribute."""
        start = serializers.TimeField(required=False, help_text="By the location's clock; now.")
        return {"from": start, **super().get_fields()}


class WhatIfPlaceSerializer(serializers.Serializer[Place]):
    code = serializers.CharField()
    now = WaitField()
    then = WaitField()


class WhatIfNewcomerSerializer(serializers.Serializer[Place]):
    now = WaitField()
    then = WaitField()


class WhatIfSerializer(serializers.Serializer[WhatIf]):
    """Waits in seconds from ``as_of``, as they are told now and as they would be then."""

    as_of = serializers.DateTimeField()
    open_counters = serializers.IntegerField()
    line = WhatIfPlaceSerializer(many=True)
    newcomer = WhatIfNewcomerSerializer(help_text="Who would join now.")


class WaitsSerializer(serializers.Serializer[Waits]):
    called = serializers.IntegerField()
    gone = serializers.IntegerField(help_text="Who left before they were called.")
    median_seconds = serializers.IntegerField(
        source="median", allow_null=True, help_text="From joining to the call; null of too few."
    )
    ninetieth_seconds = serializers.IntegerField(
        source="ninetieth", allow_null=True, help_text="Nine in ten waited so long at most."
    )


class HonestySerializer(serializers.Serializer[Honesty]):
    """Of who was told a wait and called; the others' waits nobody knows."""

    scored = serializers.IntegerField()
    inside = serializers.IntegerField(help_text="Who waited as long as they were told.")
    above = serializers.IntegerField(help_text="Who waited longer.")
    share_inside = serializers.FloatField(
        source="share", allow_null=True, help_text="0.8 is meant; null of fewer than 20."
    )
    mean_absolute_error_seconds = serializers.FloatField(
        source="mean_absolute_error",
        allow_null=True,
        help_text="By how much what was told as most likely was off.",
    )
    bias_seconds = serializers.FloatField(
        source="bias", allow_null=True, help_text="Above 0, people were told more than they waited."
    )


class HourFiguresSerializer(serializers.Serializer[Any]):
    hour = serializers.IntegerField()
    quotes = HonestySerializer()


class HalfHourFiguresSerializer(serializers.Serializer[Any]):
    half_hour = serializers.IntegerField(help_text="Of the day, from 0 to 47.")
    waits = WaitsSerializer()


class QueueFiguresSerializer(serializers.Serializer[Any]):
    queue = serializers.IntegerField(source="queue_id")
    service = serializers.IntegerField(source="service_id", allow_null=True)
    waits = WaitsSerializer()
    quotes = HonestySerializer(source="told")


class FiguresSerializer(serializers.Serializer[Figures]):
    """What waits came to in a period, and whether they were as people were told."""

    until = serializers.DateField(source="period.last")
    waits = WaitsSerializer(source="overall.waits")
    median_seconds_before = serializers.IntegerField(
        source="median_before", allow_null=True, help_text="Of as many days just before."
    )
    quotes = HonestySerializer(source="overall.told")
    by_hour = serializers.SerializerMethodField(help_text="Of joining, by the location's clock.")
    by_half_hour = HalfHourFiguresSerializer(many=True)
    by_queue = QueueFiguresSerializer(many=True, help_text="And service; the slowest first.")

    def get_fields(self) -> Any:
        """``from`` can not be the name of an attribute."""
        return {"from": serializers.DateField(source="period.first"), **super().get_fields()}

    @extend_schema_field(HourFiguresSerializer(many=True))
    def get_by_hour(self, figures: Figures) -> Any:
        """Whether it came as people were told."""
        hours = [{"hour": hour, "quotes": told} for hour, told in figures.told_by_hour.items()]
        return HourFiguresSerializer(hours, many=True).data
