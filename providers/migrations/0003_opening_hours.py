import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0002_colour_and_logo"),
    ]

    operations = [
        migrations.AddField(
            model_name="location",
            name="closed_on_public_holidays",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="location",
            name="country",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="ISO 3166-1, e.g. GB.",
                max_length=2,
            ),
        ),
        migrations.AddField(
            model_name="location",
            name="subdivision",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="ISO 3166-2 without the country, e.g. SCT.",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="OpeningException",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField()),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="Why, for everybody to read.", max_length=60
                    ),
                ),
                ("opens", models.TimeField(blank=True, help_text="Empty when closed.", null=True)),
                ("closes", models.TimeField(blank=True, null=True)),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="opening_exceptions",
                        to="providers.location",
                    ),
                ),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("location", "date", "opens"), name="opening_exception_is_unique"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("opens__isnull", True)),
                        fields=("location", "date"),
                        name="opening_exception_is_closed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closes__isnull", True), ("opens__isnull", True)),
                            models.Q(("closes__isnull", False), ("opens__isnull", False)),
                            _connector="OR",
                        ),
                        name="opening_exception_has_both_times_or_none",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField(help_text="0 is Monday.")),
                ("opens", models.TimeField()),
                ("closes", models.TimeField()),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="opening_hours",
                        to="providers.location",
                    ),
                ),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("location", "weekday", "opens"), name="opening_hours_are_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekday__lte", 6)), name="opening_hours_have_a_weekday"
                    ),
                ],
            },
        ),
    ]
