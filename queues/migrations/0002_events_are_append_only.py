from django.db import migrations

REFUSE_UPDATES = """
CREATE FUNCTION queues_ticketevent_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ticket events are appended, never changed';
END $$;
CREATE TRIGGER ticketevent_is_append_only BEFORE UPDATE ON queues_ticketevent
    FOR EACH ROW EXECUTE FUNCTION queues_ticketevent_refuse_update();
"""
ALLOW_UPDATES = """
DROP TRIGGER ticketevent_is_append_only ON queues_ticketevent;
DROP FUNCTION queues_ticketevent_refuse_update();
"""


class Migration(migrations.Migration):
    dependencies = [("queues", "0001_queues_counters_tickets")]

    operations = [migrations.RunSQL(REFUSE_UPDATES, ALLOW_UPDATES)]
