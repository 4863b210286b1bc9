from django.db import migrations

REFUSE_UPDATES = """
CREATE FUNCTION appointments_event_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'appointment events are appended, never changed';
END $$;
CREATE TRIGGER appointmentevent_is_append_only BEFORE UPDATE ON appointments_appointmentevent
    FOR EACH ROW EXECUTE FUNCTION appointments_event_refuse_update();
"""
ALLOW_UPDATES = """
DROP TRIGGER appointmentevent_is_append_only ON appointments_appointmentevent;
DROP FUNCTION appointments_event_refuse_update();
"""


class Migration(migrations.Migration):
    dependencies = [("appointments", "0003_waitlist")]

    operations = [migrations.RunSQL(REFUSE_UPDATES, ALLOW_UPDATES)]
