from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

CHECK_REFERENCE = """
ALTER TABLE notifications_pushsubscription VALIDATE CONSTRAINT pushsubscription_entry_id_fk
"""
ADD_INDEX = """
CREATE UNIQUE INDEX CONCURRENTLY push_subscription_of_entry_is_unique
ON notifications_pushsubscription (entry_id, endpoint) WHERE entry_id IS NOT NULL
"""


class Migration(migrations.Migration):
    # No index can be made within a transaction while others write.
    atomic = False

    dependencies = [("notifications", "0003_offers")]

    operations = [
        migrations.RunSQL(CHECK_REFERENCE, migrations.RunSQL.noop),
        ValidateConstraint(model_name="pushsubscription", name="push_subscription_has_one_subject"),
        migrations.RunSQL(
            ADD_INDEX,
            "DROP INDEX CONCURRENTLY push_subscription_of_entry_is_unique",
            state_operations=[
                migrations.AddConstraint(
                    model_name="pushsubscription",
                    constraint=models.UniqueConstraint(
                        fields=["entry", "endpoint"],
                        condition=models.Q(("entry__isnull", False)),
                        name="push_subscription_of_entry_is_unique",
                    ),
                ),
            ],
        ),
    ]
