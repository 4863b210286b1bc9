"""Contract: a number is unique by the queue that issued it. The new index is there before the old
constraint goes, so there is no moment without one.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Coalesce

VALIDATE = "ALTER TABLE queues_ticket VALIDATE CONSTRAINT queues_ticket_issued_by_id_fk"
NUMBERS = """
CREATE UNIQUE INDEX CONCURRENTLY ticket_number_is_unique_by_issuer ON queues_ticket
((COALESCE(issued_by_id, queue_id)), business_date, number)
"""
# The new index forbids the same as long as no ticket was transferred.
DROP = """
-- squawk-ignore ban-drop-constraint
ALTER TABLE queues_ticket DROP CONSTRAINT ticket_number_is_unique
"""
ADD_AGAIN = """
ALTER TABLE queues_ticket ADD CONSTRAINT ticket_number_is_unique
UNIQUE (queue_id, business_date, number)
"""


class Migration(migrations.Migration):
    # Indexes are added, and rows are checked, while others write.
    atomic = False

    dependencies = [("queues", "0005_transfer_adds_the_issuing_queue")]

    operations = [
        migrations.RunSQL(VALIDATE, migrations.RunSQL.noop),
        migrations.RunSQL(
            NUMBERS,
            "DROP INDEX CONCURRENTLY ticket_number_is_unique_by_issuer",
            state_operations=[
                migrations.AddConstraint(
                    model_name="ticket",
                    constraint=models.UniqueConstraint(
                        Coalesce("issued_by", "queue"),
                        models.F("business_date"),
                        models.F("number"),
                        name="ticket_number_is_unique_by_issuer",
                    ),
                )
            ],
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(issued_by__isnull=False),
                fields=["issued_by"],
                name="ticket_issued_by",
            ),
        ),
        migrations.RunSQL(
            [DROP],
            ADD_AGAIN,
            state_operations=[
                migrations.RemoveConstraint(model_name="ticket", name="ticket_number_is_unique")
            ],
        ),
    ]
