"""No row refers to another provider's row: asked of the database, for every foreign key."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, models

from conftest import House
from providers.models import Provider
from queues.models import Counter, Source
from queues.services.tickets import ticket_call_next, ticket_join
from waitlessq.db.rows import update_row
from waitlessq.db.tenancy import TenantManager


def tenant_models() -> list[type[models.Model]]:
    """The models whose rows belong to a provider."""
    found = []
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.concrete_fields}
        if "provider" in fields and fields["provider"].related_model is Provider:
            found.append(model)
    return found


def crossing_queries() -> Iterator[tuple[str, str]]:
    """For each reference between two tenant models: its name, and SQL that counts crossings."""
    tenants = tenant_models()
    for model in tenants:
        table = model._meta.db_table
        for field in model._meta.concrete_fields:
            target = field.related_model
            if target in tenants and isinstance(target, type):
                yield (
                    f"{table}.{field.column}",
                    (
                        f'SELECT count(*) FROM "{table}" a JOIN "{target._meta.db_table}" b'
                        f' ON b.id = a."{field.column}" WHERE a.provider_id <> b.provider_id'
                    ),
                )
        for many in model._meta.local_many_to_many:
            target = many.related_model
            if target in tenants and isinstance(target, type):
                yield (
                    many.m2m_db_table(),
                    (
                        f'SELECT count(*) FROM "{many.m2m_db_table()}" m'
                        f' JOIN "{table}" a ON a.id = m."{many.m2m_column_name()}"'
                        f' JOIN "{target._meta.db_table}" b ON b.id = m."{many.m2m_reverse_name()}"'
                        " WHERE a.provider_id <> b.provider_id"
                    ),
                )


def crossings() -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for name, query in crossing_queries():
            cursor.execute(query)
            [counts[name]] = cursor.fetchone()
    return {name: count for name, count in counts.items() if count}


def test_every_tenant_model_is_found_only_in_scope() -> None:
    assert len(tenant_models()) >= 8
    for model in tenant_models():
        assert isinstance(model._default_manager, TenantManager), model


def test_every_reference_is_asked_about() -> None:
    names = {name for name, _ in crossing_queries()}
    assert {
        "queues_ticket.queue_id",
        "queues_counter_queues",
        "providers_member_locations",
    } <= names


def test_no_reference_crosses_providers(in_house: House, other_house: House) -> None:
    ticket_join(actor=in_house.actor, queue_id=in_house.queue.pk, source=Source.STAFF)
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    assert crossings() == {}


@pytest.mark.parametrize("through", ["key", "many to many"])
def test_a_crossing_would_be_found(in_house: House, other_house: House, through: str) -> None:
    counter = Counter.objects.get(pk=in_house.counter.pk)
    if through == "key":
        update_row(counter, {"location": other_house.location, "name": "moved"})
        assert crossings() == {"queues_counter.location_id": 1}
    else:
        counter.queues.through._base_manager.create(counter=counter, queue=other_house.queue)
        assert crossings() == {"queues_counter_queues": 1}
