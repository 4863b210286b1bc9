from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models

STATES = [
    ("waiting", "Waiting"),
    ("called", "Called"),
    ("serving", "Serving"),
    ("deferred", "Deferred"),
    ("on_hold", "On Hold"),
    ("completed", "Completed"),
    ("no_show", "No Show"),
    ("cancelled", "Cancelled"),
]
EVENTS = [
    ("issued", "Issued"),
    ("called", "Called"),
    ("recalled", "Recalled"),
    ("started", "Started"),
    ("held", "Held"),
    ("resumed", "Resumed"),
    ("returned", "Returned"),
    ("completed", "Completed"),
    ("cancelled", "Cancelled"),
    ("no_show", "No Show"),
    ("rejoined", "Rejoined"),
    ("deferred", "Deferred"),
    ("postponed", "Postponed"),
    ("transferred", "Transferred"),
    ("undone", "Undone"),
    ("queue_changed", "Queue Changed"),
]


class Migration(migrations.Migration):
    # Indexes are added, and rows are checked, while others write.
    atomic = False

    dependencies = [("queues", "0010_quote_outcomes")]

    operations = [
        migrations.AlterField(
            model_name="ticket",
            name="state",
            field=models.CharField(choices=STATES, default="waiting", max_length=10),
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="type",
            field=models.CharField(choices=EVENTS, max_length=15),
        ),
        migrations.AddField(
            model_name="ticket",
            name="deferred_until",
            field=models.DateTimeField(
                blank=True,
                help_text="When somebody who asked for more time waits again.",
                null=True,
            ),
        ),
        AddConstraintNotValid(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "deferred"), _negated=True),
                    ("deferred_until__isnull", False),
                    _connector="OR",
                ),
                name="ticket_deferred_has_a_time",
            ),
        ),
        ValidateConstraint(model_name="ticket", name="ticket_deferred_has_a_time"),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("state", "deferred")),
                fields=["queue"],
                name="ticket_deferred",
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("state", "deferred")),
                fields=["deferred_until"],
                name="ticket_deferred_due",
            ),
        ),
    ]
