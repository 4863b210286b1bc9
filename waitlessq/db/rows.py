"""Reading and writing single rows where every millisecond counts.

``insert_row`` and ``update_row`` do what ``Model.save`` does for a row whose fate is known, at a
quarter of the processor time: the statement of each model and set of fields is built once, and no
signals are sent (nothing here may listen to them anyway). Their statements can also be had, to be
part of a larger one. ``read_rows`` and ``read_pairs`` are for the few queries that every call and
join runs (docs/adr/0004).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from django.db import connection, models
from django.db.models import Field

from waitlessq.db.reading import note_write

M = TypeVar("M", bound=models.Model)
N = TypeVar("N", bound=models.Model)


class Statement(NamedTuple):
    """SQL with ``%s`` in it, and what stands for them."""

    text: str
    parameters: list[Any]


def read_rows(
    model: type[M], statement: str, parameters: Sequence[Any]
) -> list[tuple[M, dict[str, Any]]]:
    """Runs a query and returns its rows as objects, each with the columns that are no field's.

    The query selects every column of the model, among others. For models whose values PostgreSQL
    gives as Django wants them: no JSON among them.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
        if not rows:
            return []
        layout = _layout(model, statement, cursor)
    return [(layout.made(row), {name: row[place] for place, name in layout.others}) for row in rows]


def read_pairs(
    first: type[M], second: type[N], statement: str, parameters: Sequence[Any]
) -> list[tuple[M, N]]:
    """Runs a query of ``first.*, second.*``, and returns its rows as objects; else as read_rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
        if not rows:
            return []
        own, others = _layout(first, statement, cursor), _layout(second, statement, cursor, nth=1)
    return [(own.made(row), others.made(row)) for row in rows]


def insert_row(row: M) -> M:
    """Inserts a new row and sets its primary key."""
    with connection.cursor() as cursor:
        cursor.execute(*insert_statement(row))
        return inserted(row, cursor.fetchone()[0])


def insert_statement(row: models.Model) -> Statement:
    """What inserts the row and returns its primary key; ``inserted`` notes that it was run."""
    note_write()
    text, fields = _insert_text(type(row))
    return Statement(text, _values(row, fields))


def inserted(row: M, primary_key: int) -> M:
    """The row, now that it is in the database."""
    row.pk = primary_key
    row._state.adding, row._state.db = False, connection.alias
    return row


def update_row(row: M, changes: Mapping[str, Any]) -> M:
    """Sets the named fields, on the object and in its row; leaves all others alone."""
    if changes:
        with connection.cursor() as cursor:
            cursor.execute(*update_statement(row, changes))
    return row


def update_statement(row: models.Model, changes: Mapping[str, Any]) -> Statement:
    """Sets the named fields on the object; the statement does so in its row.

    A foreign key goes by its own name with an object, or by ``…_id`` with a key.
    """
    # The router, which notes what models write, hears nothing of it.
    note_write()
    for name, value in changes.items():
        setattr(row, name, value)
    text, fields = _update_text(type(row), tuple(changes))
    return Statement(text, [*_values(row, fields), row.pk])


def _values(row: models.Model, fields: list["Field[Any, Any]"]) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where in the rows of a statement a model's values stand, and where what else there is."""

    model: type[models.Model]
    attributes: list[str]
    own: Callable[[Sequence[Any]], Sequence[Any]]
    others: list[tuple[int, str]]

    def made(self, row: Sequence[Any]) -> Any:
        """The object that stands in the row."""
        return self.model.from_db(connection.alias, self.attributes, self.own(row))


# By model and statement: what a statement selects does not change while the process lives.
_layouts: dict[tuple[type[models.Model], str], _Layout] = {}


def _layout(model: type[models.Model], statement: str, cursor: Any, nth: int = 0) -> _Layout:
    """Where the model's values stand: from the so-manieth primary key on, counted from 0."""
    layout = _layouts.get((model, statement))
    if layout is None:
        names = [column.name for column in cursor.description]
        columns = {str(field.column): field.attname for field in model._meta.concrete_fields}
        key = model._meta.pk.column
        begin = [place for place, name in enumerate(names) if name == key][nth]
        layout = _Layout(
            model=model,
            attributes=list(columns.values()),
            own=itemgetter(*(names.index(column, begin) for column in columns)),
            others=[(place, name) for place, name in enumerate(names) if name not in columns],
        )
        _layouts[model, statement] = layout
    return layout


@lru_cache
def _insert_text(model: type[models.Model]) -> tuple[str, list["Field[Any, Any]"]]:
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
def _update_text(
    model: type[models.Model], names: tuple[str, ...]
) -> tuple[str, list["Field[Any, Any]"]]:
    by_name = {
        name: field for field in model._meta.concrete_fields for name in (field.name, field.attname)
    }
    fields = [by_name[name] for name in names]
    assignments = ", ".join(f'"{field.column}" = %s' for field in fields)
    key = model._meta.pk.column
    text = f'UPDATE "{model._meta.db_table}" SET {assignments} WHERE "{key}" = %s'  # noqa: S608
    return text, fields
