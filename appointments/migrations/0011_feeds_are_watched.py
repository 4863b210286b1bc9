from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appointments", "0010_past_waiting_is_found")]

    operations = [
        migrations.AddField(
            model_name="busyfeed",
            name="digest",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of what it said last.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="busyfeed",
            name="failing_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="busyfeed",
            name="followed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="From when on its rules were followed a year ahead.",
                null=True,
            ),
        ),
    ]
