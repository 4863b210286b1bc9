from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0004_customers")]

    operations = [
        migrations.AddField(
            model_name="provider",
            name="requests_per_minute",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Of each API key, as its plan says; empty: as usual.",
                null=True,
            ),
        ),
    ]
