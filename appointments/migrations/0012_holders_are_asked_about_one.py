"""Nobody in a line is asked about two freed slots at once; of those who were, the first stays."""

from django.db import migrations, models

LEAVE_THE_FIRST = """
UPDATE appointments_waitlistentry AS entry SET state = 'left'
WHERE entry.state = 'waiting' AND entry.holder <> '' AND EXISTS (
    SELECT FROM appointments_waitlistentry AS earlier
    WHERE earlier.holder = entry.holder AND earlier.state = 'waiting' AND earlier.id < entry.id
)
"""
ADD_INDEX = """
CREATE UNIQUE INDEX CONCURRENTLY holder_is_asked_about_one
ON appointments_waitlistentry (holder) WHERE state = 'waiting' AND NOT holder = ''
"""


class Migration(migrations.Migration):
    # No index can be made within a transaction while others write.
    atomic = False

    dependencies = [("appointments", "0011_feeds_are_watched")]

    operations = [
        migrations.RunSQL(LEAVE_THE_FIRST, migrations.RunSQL.noop),
        migrations.RunSQL(
            ADD_INDEX,
            "DROP INDEX CONCURRENTLY holder_is_asked_about_one",
            state_operations=[
                migrations.AddConstraint(
                    model_name="waitlistentry",
                    constraint=models.UniqueConstraint(
                        fields=["holder"],
                        condition=models.Q(
                            ("state", "waiting"), models.Q(("holder", ""), _negated=True)
                        ),
                        name="holder_is_asked_about_one",
                    ),
                ),
            ],
        ),
    ]
