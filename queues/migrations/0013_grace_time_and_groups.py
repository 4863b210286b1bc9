import datetime

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index is added, and rows are checked, while others write.
    atomic = False

    dependencies = [
        ("queues", "0012_wait_figures"),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="grace_time",
            field=models.DurationField(
                db_default=datetime.timedelta(0),
                default=datetime.timedelta(0),
                help_text="How long a called person has to come; then they are a no-show by themselves. 0 for never.",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="call_limit",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                help_text="How many calls it takes before the grace time runs.",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="max_people",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                help_text="The largest group that one number is given to.",
            ),
        ),
        AddConstraintNotValid(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(("grace_time__gte", datetime.timedelta(0))),
                name="queue_grace_time_is_not_negative",
            ),
        ),
        ValidateConstraint(model_name="queue", name="queue_grace_time_is_not_negative"),
        AddConstraintNotValid(
            model_name="queue",
            constraint=models.CheckConstraint(
                condition=models.Q(("call_limit__gte", 1), ("max_people__gte", 1)),
                name="queue_limits_are_one_at_least",
            ),
        ),
        ValidateConstraint(model_name="queue", name="queue_limits_are_one_at_least"),
        migrations.AddField(
            model_name="ticket",
            name="people",
            field=models.PositiveSmallIntegerField(
                db_default=1, default=1, help_text="How many come with this number."
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="come_by",
            field=models.DateTimeField(
                blank=True,
                help_text="Until when the called person is to come, else it is a no-show by itself.",
                null=True,
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("come_by__isnull", False), ("state", "called")),
                fields=["come_by"],
                name="ticket_come_by",
            ),
        ),
    ]
