import datetime

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index is added, and rows are checked, while others write.
    atomic = False

    dependencies = [("queues", "0003_hold_and_return")]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="rejoin_window",
            field=models.DurationField(
                db_default=datetime.timedelta(seconds=900),
                default=datetime.timedelta(seconds=900),
                help_text="How long somebody who did not come may take up their place again; 0 for never.",
            ),
        ),
        AddConstraintNotValid(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(("rejoin_window__gte", datetime.timedelta(0))),
                name="queue_rejoin_window_is_not_negative",
            ),
        ),
        ValidateConstraint(model_name="queue", name="queue_rejoin_window_is_not_negative"),
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
                    ("queue_changed", "Queue Changed"),
                ],
                max_length=15,
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("state", "no_show")),
                fields=["queue", "ended_at"],
                name="ticket_missed",
            ),
        ),
    ]
