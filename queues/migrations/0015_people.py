"""Expand: a queue may ask who joins, and a ticket may say whose it is. As things were, it does not."""

import django.db.models.deletion
from django.db import migrations, models

ADD_COLUMN = "ALTER TABLE queues_ticket ADD COLUMN customer_id bigint NULL"
# The rows are checked by the next migration, while others write.
ADD_REFERENCE = """
ALTER TABLE queues_ticket ADD CONSTRAINT queues_ticket_customer_id_fk
FOREIGN KEY (customer_id) REFERENCES providers_customer (id) DEFERRABLE INITIALLY DEFERRED NOT VALID
"""


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0004_customers"),
        ("queues", "0014_counter_services"),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="asks_name",
            field=models.CharField(
                choices=[("no", "No"), ("optional", "Optional"), ("required", "Required")],
                db_default="no",
                default="no",
                help_text="Whoever joins for their name.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="asks_phone",
            field=models.CharField(
                choices=[("no", "No"), ("optional", "Optional"), ("required", "Required")],
                db_default="no",
                default="no",
                help_text="Whoever joins for their number.",
                max_length=8,
            ),
        ),
        migrations.RunSQL(
            [ADD_COLUMN, ADD_REFERENCE],
            "ALTER TABLE queues_ticket DROP COLUMN customer_id",
            state_operations=[
                migrations.AddField(
                    model_name="ticket",
                    name="customer",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Who holds it, if the queue asks.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="tickets",
                        to="providers.customer",
                    ),
                )
            ],
        ),
    ]
