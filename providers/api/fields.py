"""Fields of input serializers."""

from collections.abc import Callable
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.db.models import Model, QuerySet
from rest_framework import serializers

from providers.actors import Actor

MOST_ROWS = 200
HIGHEST_ID = 2**63 - 1

Selector = Callable[[Actor], QuerySet[Any]]


class RowField(serializers.PrimaryKeyRelatedField[Any]):
    """The id of a row that the actor may name; any other id is as good as none.

    ``selector`` gives the rows that are open to an actor.
    """

    def __init__(self, model: type[Model], selector: Selector, **options: Any) -> None:
        self.selector = selector
        id_field = serializers.IntegerField(min_value=1, max_value=HIGHEST_ID)
        super().__init__(queryset=model._base_manager.none(), pk_field=id_field, **options)

    def get_queryset(self) -> QuerySet[Any]:
        return self.selector(self.context["view"].actor)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, (int, str)):
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(data)


class RowsField(serializers.ListField):
    """The ids of up to 200 rows that the actor may name, found in one query."""

    child = serializers.IntegerField(min_value=1, max_value=HIGHEST_ID)
    default_error_messages = {"unknown": "There is nothing with the id {id}."}

    def __init__(self, selector: Selector, **options: Any) -> None:
        self.selector = selector
        super().__init__(max_length=MOST_ROWS, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        ids = super().to_internal_value(data)
        rows = {row.pk: row for row in self.selector(self.context["view"].actor).filter(pk__in=ids)}
        for row_id in ids:
            if row_id not in rows:
                self.fail("unknown", id=row_id)
        return list(rows.values())


@cache
def _time_zones() -> frozenset[str]:
    # Looking them up reads the disk.
    return frozenset(available_timezones())


class TimeZoneField(serializers.CharField):
    """The name of an IANA time zone, e.g. Asia/Jerusalem."""

    default_error_messages = {"unknown": "There is no time zone “{name}”."}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name not in _time_zones():
            self.fail("unknown", name=name)
        return name
