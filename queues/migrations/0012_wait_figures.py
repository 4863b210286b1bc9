import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0002_colour_and_logo"),
        ("queues", "0011_postpone"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitFigures",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField()),
                ("half_hour", models.PositiveSmallIntegerField()),
                (
                    "waits",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), size=None
                    ),
                ),
                ("gone", models.PositiveIntegerField()),
                ("scored", models.PositiveIntegerField()),
                ("inside", models.PositiveIntegerField()),
                ("above", models.PositiveIntegerField()),
                ("error", models.BigIntegerField()),
                ("absolute_error", models.BigIntegerField()),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="providers.provider",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="queues.queue",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="providers.service",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["provider"], name="wait_figures_of_provider"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("queue"),
                        models.F("date"),
                        models.F("half_hour"),
                        django.db.models.functions.Coalesce("service", 0),
                        name="wait_figures_are_unique",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitAccuracy",
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
                ("scored", models.PositiveIntegerField()),
                ("inside", models.PositiveIntegerField()),
                ("is_off", models.BooleanField(default=False)),
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
                        condition=models.Q(("is_off", True)),
                        fields=["provider"],
                        name="wait_accuracy_is_off",
                    )
                ],
            },
        ),
    ]
