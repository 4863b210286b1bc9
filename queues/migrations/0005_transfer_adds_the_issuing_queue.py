"""Expand: tickets may say which queue issued them. Empty says that it is the one they are in, which
is true of every ticket so far and of those that older code goes on issuing, so nothing is filled in.
"""

import django.db.models.deletion
from django.db import migrations, models

ADD_COLUMN = "ALTER TABLE queues_ticket ADD COLUMN issued_by_id bigint NULL"
# The rows are checked by the next migration, while others write.
ADD_REFERENCE = """
ALTER TABLE queues_ticket ADD CONSTRAINT queues_ticket_issued_by_id_fk
FOREIGN KEY (issued_by_id) REFERENCES queues_queue (id) DEFERRABLE INITIALLY DEFERRED NOT VALID
"""


class Migration(migrations.Migration):
    dependencies = [("queues", "0004_rejoin_and_defer")]

    operations = [
        migrations.RunSQL(
            [ADD_COLUMN, ADD_REFERENCE],
            "ALTER TABLE queues_ticket DROP COLUMN issued_by_id",
            state_operations=[
                migrations.AddField(
                    model_name="ticket",
                    name="issued_by",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The queue whose number it has, once it was transferred to another.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="queues.queue",
                    ),
                )
            ],
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
                    ("transferred", "Transferred"),
                    ("queue_changed", "Queue Changed"),
                ],
                max_length=15,
            ),
        ),
    ]
