import datetime

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    # Indexes are added, and rows are checked, while others write.
    atomic = False

    dependencies = [
        ("providers", "0004_customers"),
        ("queues", "0016_people_are_found"),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="at_closing",
            field=models.CharField(
                choices=[
                    ("expire", "Their tickets end"),
                    ("carry_over", "They wait again at the next opening"),
                ],
                db_default="expire",
                default="expire",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="closing_window",
            field=models.DurationField(
                db_default=datetime.timedelta(seconds=3600),
                default=datetime.timedelta(seconds=3600),
                help_text="How long after closing those who wait are still served.",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="early_join",
            field=models.DurationField(
                db_default=datetime.timedelta(0),
                default=datetime.timedelta(0),
                help_text="How long before it opens people may join.",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="follows_hours",
            field=models.BooleanField(
                db_default=True, default=True, help_text="Opens and closes with its location."
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="opens_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the hours next open it, as of when it last turned.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="remote_join",
            field=models.BooleanField(
                db_default=True, default=True, help_text="People may join from their phones."
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="status_by_hand",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="A person chose the status; it counts until the hours next change it.",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="turns_at",
            field=models.DateTimeField(
                blank=True, help_text="When the hours next open or close it.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("called", "Called"),
                    ("serving", "Serving"),
                    ("deferred", "Deferred"),
                    ("on_hold", "On Hold"),
                    ("completed", "Completed"),
                    ("no_show", "No Show"),
                    ("cancelled", "Cancelled"),
                    ("expired", "Expired"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="type",
            field=models.CharField(
                choices=[
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
                    ("carried_over", "Carried Over"),
                    ("expired", "Expired"),
                    ("transferred", "Transferred"),
                    ("undone", "Undone"),
                    ("queue_changed", "Queue Changed"),
                ],
                max_length=15,
            ),
        ),
        AddIndexConcurrently(
            model_name="queue",
            index=models.Index(
                condition=models.Q(("turns_at__isnull", False)),
                fields=["turns_at"],
                name="queue_turns",
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("state", "expired")),
                fields=["queue", "ended_at"],
                name="ticket_expired",
            ),
        ),
        AddConstraintNotValid(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closing_window__gte", datetime.timedelta(0)),
                    ("early_join__gte", datetime.timedelta(0)),
                ),
                name="queue_windows_are_not_negative",
            ),
        ),
        ValidateConstraint(model_name="queue", name="queue_windows_are_not_negative"),
    ]
