"""A customer's tickets are found by an index, and every reference is checked, while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

VALIDATE = "ALTER TABLE queues_ticket VALIDATE CONSTRAINT queues_ticket_customer_id_fk"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("queues", "0015_people")]

    operations = [
        migrations.RunSQL(VALIDATE, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(customer__isnull=False),
                fields=["customer"],
                name="ticket_customer",
            ),
        ),
    ]
