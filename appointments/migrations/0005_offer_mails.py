"""Expand: a mail may be about an offer instead of an appointment."""

import django.db.models.deletion
from django.db import migrations, models

ADD_COLUMN = "ALTER TABLE appointments_appointmentmail ADD COLUMN offer_id bigint NULL"
# The rows are checked by the next migration, while others write.
ADD_REFERENCE = """
ALTER TABLE appointments_appointmentmail ADD CONSTRAINT appointmentmail_offer_id_fk
FOREIGN KEY (offer_id) REFERENCES appointments_offer (id) DEFERRABLE INITIALLY DEFERRED NOT VALID
"""

# A worker of the release before that meets such a mail leaves it, claimed, to one of this release.
ALLOW_NONE = """
-- squawk-ignore ban-drop-not-null
ALTER TABLE appointments_appointmentmail ALTER COLUMN appointment_id DROP NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("appointments", "0004_events_are_append_only")]

    operations = [
        migrations.RunSQL(
            [ADD_COLUMN, ADD_REFERENCE],
            "ALTER TABLE appointments_appointmentmail DROP COLUMN offer_id",
            state_operations=[
                migrations.AddField(
                    model_name="appointmentmail",
                    name="offer",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="appointments.offer",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            ALLOW_NONE,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AlterField(
                    model_name="appointmentmail",
                    name="appointment",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="appointments.appointment",
                    ),
                ),
            ],
        ),
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
                ],
                max_length=10,
            ),
        ),
    ]
