from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0001_tenants_and_members"),
        ("queues", "0013_grace_time_and_groups"),
    ]

    operations = [
        migrations.AddField(
            model_name="counter",
            name="services",
            field=models.ManyToManyField(
                blank=True,
                help_text="What is served here of those queues; empty for all.",
                related_name="counters",
                to="providers.service",
            ),
        ),
    ]
