from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

CHECK_REFERENCE = """
ALTER TABLE appointments_appointmentmail VALIDATE CONSTRAINT appointmentmail_offer_id_fk
"""


class Migration(migrations.Migration):
    # No index can be made within a transaction while others write.
    atomic = False

    dependencies = [("appointments", "0005_offer_mails")]

    operations = [
        migrations.RunSQL(CHECK_REFERENCE, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="appointmentmail",
            index=models.Index(
                condition=models.Q(("offer__isnull", False)),
                fields=["offer"],
                name="appointment_mail_of_offer",
            ),
        ),
    ]
