"""Reading and writing single rows where every millisecond counts.

``insert_row`` and ``update_row`` do what ``Model.save`` does for a row whose fate is known, at a
quarter of the processor time: the statement of each model and set of fields is built once, and no
signals are sent (nothing here may listen to them anyway). ``read_rows`` is for the few queries
that every call and join runs (docs/adr/0004).
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import Field

M = TypeVar("M", bound=models.Model)


def read_rows(
    model: type[M], statement: str, parameters: Sequence[Any]
) -> list[tuple[M, dict[str, Any]]]:
    """Runs a query and returns its rows as objects, each with the columns that are no field's.

    The query selects every column of the model, among others. For models whose values PostgreSQL
    gives as Django wants them: no JSON among them.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description]
        rows = cursor.fetchall()
    attributes = _attributes_by_column(model)
    places = [names.index(column) for column in attributes]
    others = [(place, name) for place, name in enumerate(names) if name not in attributes]
    return [
        (
            model.from_db(connection.alias, attributes.values(), [row[place] for place in places]),
            {name: row[place] for place, name in others},
        )
        for row in rows
    ]


def insert_row(row: M) -> M:
    """Inserts a new row and sets its primary key."""
    statement, fields = _insert_statement(type(row))
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(row, fields))
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias
    return row


def update_row(row: M, changes: Mapping[str, Any]) -> M:
    """Sets the named fields, on the object and in its row; leaves all others alone."""
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        statement, fields = _update_statement(type(row), tuple(changes))
        with connection.cursor() as cursor:
            cursor.execute(statement, [*_values(row, fields), row.pk])
    return row


def _values(row: models.Model, fields: list["Field[Any, Any]"]) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]


@lru_cache
def _attributes_by_column(model: type[models.Model]) -> dict[str, str]:
    return {str(field.column): field.attname for field in model._meta.concrete_fields}


@lru_cache
def _insert_statement(model: type[models.Model]) -> tuple[str, list["Field[Any, Any]"]]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    key = model._meta.pk.column
    return (
        # Every name in it is a model's own.
        f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places}) RETURNING "{key}"',  # noqa: S608
        fields,
    )


@lru_cache
def _update_statement(
    model: type[models.Model], names: tuple[str, ...]
) -> tuple[str, list["Field[Any, Any]"]]:
    by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    assignments = ", ".join(f'"{field.column}" = %s' for field in fields)
    key = model._meta.pk.column
    statement = f'UPDATE "{model._meta.db_table}" SET {assignments} WHERE "{key}" = %s'  # noqa: S608
    return statement, fields
