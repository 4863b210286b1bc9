from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appointments", "0008_times_of_feeds_are_found")]

    operations = [
        migrations.AlterField(
            model_name="appointmentmail",
            name="kind",
            field=models.CharField(
                choices=[
                    ("asked", "Asked"),
                    ("booked", "Booked"),
                    ("moved", "Moved"),
                    ("cancelled", "Cancelled"),
                    ("declined", "Declined"),
                    ("reminder", "Reminder"),
                    ("delayed", "Delayed"),
                    ("offered", "Offered"),
                    ("feed", "Feed"),
                ],
                max_length=10,
            ),
        ),
    ]
