from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queues", "0009_forecasts_and_quotes"),
    ]

    operations = [
        migrations.AddField(
            model_name="quote",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Still waiting"),
                    ("called", "Called"),
                    ("left", "Left"),
                    ("moved", "Let others go first"),
                    ("transferred", "Transferred"),
                ],
                db_default="",
                default="",
                max_length=11,
            ),
        ),
        migrations.AddField(
            model_name="quote",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
