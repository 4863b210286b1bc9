"""Expand: a subscription may be to what the wait list offers."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

ADD_COLUMN = "ALTER TABLE notifications_pushsubscription ADD COLUMN entry_id bigint NULL"
# The rows are checked by the next migration, while others write.
ADD_REFERENCE = """
ALTER TABLE notifications_pushsubscription ADD CONSTRAINT pushsubscription_entry_id_fk
FOREIGN KEY (entry_id) REFERENCES appointments_waitlistentry (id)
DEFERRABLE INITIALLY DEFERRED NOT VALID
"""
# What takes its place comes with the next statement.
DROP_CHECK = """
-- squawk-ignore ban-drop-constraint
ALTER TABLE notifications_pushsubscription DROP CONSTRAINT push_subscription_is_about_one_thing
"""
KINDS = [
    ("called", "Called"),
    ("mistake", "Mistake"),
    ("approaching", "Approaching"),
    ("moved", "Moved"),
    ("confirmed", "Confirmed"),
    ("rescheduled", "Rescheduled"),
    ("delayed", "Delayed"),
    ("cancelled", "Cancelled"),
    ("declined", "Declined"),
    ("reminder", "Reminder"),
    ("offered", "Offered"),
    ("test", "Test"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0003_waitlist"),
        ("notifications", "0002_test_messages"),
    ]

    operations = [
        migrations.RunSQL(
            [ADD_COLUMN, ADD_REFERENCE],
            "ALTER TABLE notifications_pushsubscription DROP COLUMN entry_id",
            state_operations=[
                migrations.AddField(
                    model_name="pushsubscription",
                    name="entry",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_subscriptions",
                        to="appointments.waitlistentry",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            DROP_CHECK,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.RemoveConstraint(
                    model_name="pushsubscription", name="push_subscription_is_about_one_thing"
                ),
            ],
        ),
        AddConstraintNotValid(
            model_name="pushsubscription",
            constraint=models.CheckConstraint(
                name="push_subscription_has_one_subject",
                condition=models.Q(
                    models.Q(
                        ("appointment__isnull", True),
                        ("entry__isnull", True),
                        ("ticket__isnull", False),
                    ),
                    models.Q(
                        ("appointment__isnull", False),
                        ("entry__isnull", True),
                        ("ticket__isnull", True),
                    ),
                    models.Q(
                        ("appointment__isnull", True),
                        ("entry__isnull", False),
                        ("ticket__isnull", True),
                    ),
                    _connector="OR",
                ),
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=12),
        ),
    ]
