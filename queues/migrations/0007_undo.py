from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queues", "0006_transfer_numbers_by_issuing_queue")]

    operations = [
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
                    ("undone", "Undone"),
                    ("queue_changed", "Queue Changed"),
                ],
                max_length=15,
            ),
        ),
    ]
