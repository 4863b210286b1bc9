from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queues", "0021_nearest"),
    ]

    operations = [
        migrations.AddField(
            model_name="savedforecast",
            name="show_rate",
            field=models.FloatField(
                blank=True, help_text="The share of the queue's bookings that are kept.", null=True
            ),
        ),
    ]
