from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queues", "0017_hours_and_closing"),
    ]

    operations = [
        migrations.AddField(
            model_name="savedforecast",
            name="seen",
            field=models.PositiveBigIntegerField(
                db_default=0, default=0, help_text="Of the last event that a relay looked at."
            ),
        ),
        migrations.AlterField(
            model_name="savedforecast",
            name="sequence",
            field=models.PositiveBigIntegerField(
                default=0, help_text="Of the last event that is in the state."
            ),
        ),
    ]
