"""Fields of input serializers."""

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from django.db.models import Model, QuerySet
from rest_framework import serializers

from providers.actors import Actor


class RowField(serializers.PrimaryKeyRelatedField[Any]):
    """The id of a row that the actor may name; any other id is as good as none.

    ``selector`` gives the rows that are open to an actor.
    """

    def __init__(
        self, model: type[Model], selector: Callable[[Actor], QuerySet[Any]], **options: Any
    ) -> None:
        self.selector = selector
        super().__init__(queryset=model._base_manager.none(), **options)

    def get_queryset(self) -> QuerySet[Any]:
        return self.selector(self.context["view"].actor)


class TimeZoneField(serializers.CharField):
    """The name of an IANA time zone, e.g. Asia/Jerusalem."""

    default_error_messages = {"unknown": "There is no time zone “{name}”."}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name not in available_timezones():
            self.fail("unknown", name=name)
        return name
