import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0004_customers"),
        ("queues", "0019_check_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="pairing",
            name="kind",
            field=models.CharField(
                db_default="board",
                default="board",
                help_text="What it can be paired with.",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="board",
            name="location",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(class)ss",
                to="providers.location",
            ),
        ),
        migrations.AlterField(
            model_name="board",
            name="provider",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="%(class)ss",
                to="providers.provider",
            ),
        ),
        migrations.AlterField(
            model_name="board",
            name="queues",
            field=models.ManyToManyField(related_name="%(class)ss", to="queues.queue"),
        ),
        migrations.CreateModel(
            name="Kiosk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(help_text="Where it hangs.", max_length=50)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=5),
                        help_text="Shown and spoken, in this order.",
                        size=None,
                    ),
                ),
                ("secret_hash", models.CharField(blank=True, max_length=64)),
                ("paired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "paper",
                    models.CharField(
                        blank=True,
                        choices=[("", "No printer"), ("80", "80 mm"), ("58", "58 mm")],
                        max_length=2,
                    ),
                ),
                (
                    "bottom_cm",
                    models.PositiveSmallIntegerField(
                        help_text="How far above the floor its picture begins."
                    ),
                ),
                (
                    "height_cm",
                    models.PositiveSmallIntegerField(help_text="How high its picture is."),
                ),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="providers.location",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="providers.provider",
                    ),
                ),
                ("queues", models.ManyToManyField(related_name="%(class)ss", to="queues.queue")),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("location", "name"), name="kiosk_name_is_unique"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("secret_hash", ""), _negated=True),
                        fields=("secret_hash",),
                        name="kiosk_secret_is_unique",
                    ),
                ],
            },
        ),
    ]
