from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index is added while others write.
    atomic = False

    dependencies = [("queues", "0002_events_are_append_only")]

    operations = [
        migrations.AlterField(
            model_name="ticket",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("called", "Called"),
                    ("serving", "Serving"),
                    ("on_hold", "On Hold"),
                    ("completed", "Completed"),
                    ("no_show", "No Show"),
                    ("cancelled", "Cancelled"),
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
                    ("queue_changed", "Queue Changed"),
                ],
                max_length=15,
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("state", "on_hold")), fields=["queue"], name="ticket_on_hold"
            ),
        ),
    ]
