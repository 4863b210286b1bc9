from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # No index can be made within a transaction while others write.
    atomic = False

    dependencies = [("appointments", "0009_feeds_are_mailed")]

    operations = [
        AddIndexConcurrently(
            model_name="waitlistentry",
            index=models.Index(fields=["last"], name="waitlist_by_last"),
        ),
    ]
