from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

CHECK_REFERENCE = """
ALTER TABLE appointments_availabilityexception
VALIDATE CONSTRAINT availabilityexception_feed_id_fk
"""


class Migration(migrations.Migration):
    # No index can be made within a transaction while others write.
    atomic = False

    dependencies = [("appointments", "0007_feeds")]

    operations = [
        migrations.RunSQL(CHECK_REFERENCE, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="availabilityexception",
            index=models.Index(
                condition=models.Q(("feed__isnull", False)),
                fields=["feed"],
                name="availability_exception_of_feed",
            ),
        ),
    ]
