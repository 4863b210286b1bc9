import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0002_colour_and_logo"),
        ("queues", "0008_boards"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedForecast",
            fields=[
                (
                    "queue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="queues.queue",
                    ),
                ),
                (
                    "sequence",
                    models.PositiveBigIntegerField(
                        default=0, help_text="Of the last event that was taken in."
                    ),
                ),
                ("state", models.JSONField(default=dict)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="providers.provider",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="forecast_due",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="quote",
                        serialize=False,
                        to="queues.ticket",
                    ),
                ),
                ("low", models.PositiveIntegerField()),
                ("middle", models.PositiveIntegerField()),
                ("high", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="providers.provider",
                    ),
                ),
            ],
        ),
    ]
