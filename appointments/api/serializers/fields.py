"""Fields that several of them have."""

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from providers.api.fields import HIGHEST_ID


class IdField(serializers.IntegerField):
    """The id of a row; what is there, is found out where it is used."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=HIGHEST_ID, **options)


@extend_schema_field(OpenApiTypes.DATETIME)
class StartField(serializers.Field[datetime, Any, str, Any]):
    """A time as ISO 8601; without an offset it is meant on the location's wall."""

    default_error_messages = {"invalid": "Write the time like 2026-11-24T10:30."}

    def to_internal_value(self, data: Any) -> datetime:
        try:
            found = parse_datetime(data) if isinstance(data, str) else None
            # What can not be said in UTC is no time either.
            if found is not None:
                found.astimezone()
        except (ValueError, OverflowError):
            found = None
        if found is None or not 1971 <= found.year <= 2200:  # noqa: PLR2004 (as dates go)
            self.fail("invalid")
        return found

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()
