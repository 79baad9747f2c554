"""timetables."""

import sqlalchemy as sa
from alembic import op

from lbcert.migrations.triggers import lifted

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

# Triggers that this version takes away or gives another text.
RETIRED: list[str] = [
]
# What each database is asked to do, frozen as it was when this version was written.
STEPS = {
    'sqlite': [
        'CREATE TABLE notifications (\n\tid INTEGER NOT NULL, \n\tperson_id INTEGER NOT NULL, \n\tsubject VARCHAR(80) NOT NULL, \n\twords TEXT NOT NULL, \n\tendpoint VARCHAR(80) NOT NULL, \n\targuments TEXT NOT NULL, \n\tread_at DATETIME, \n\tcreated_at DATETIME NOT NULL, \n\tCONSTRAINT pk_notifications PRIMARY KEY (id), \n\tCONSTRAINT fk_notifications_person_id FOREIGN KEY(person_id) REFERENCES persons (id)\n)',
        'CREATE INDEX ix_notifications_person_read ON notifications (person_id, read_at)',
        'CREATE INDEX ix_notifications_subject ON notifications (subject)',
        "CREATE TRIGGER tr_core_notification_update_update BEFORE UPDATE ON notifications WHEN NEW.id <> OLD.id OR NEW.person_id <> OLD.person_id OR NEW.subject <> OLD.subject OR NEW.words <> OLD.words OR NEW.endpoint <> OLD.endpoint OR NEW.arguments <> OLD.arguments OR NEW.created_at <> OLD.created_at OR OLD.read_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'core.notification.update'); END",
        "CREATE TRIGGER tr_core_notification_delete_delete BEFORE DELETE ON notifications WHEN 1=1 BEGIN SELECT RAISE(ABORT, 'core.notification.delete'); END",
    ],
    'postgresql': [
        'CREATE TABLE notifications (\n\tid SERIAL NOT NULL, \n\tperson_id INTEGER NOT NULL, \n\tsubject VARCHAR(80) NOT NULL, \n\twords TEXT NOT NULL, \n\tendpoint VARCHAR(80) NOT NULL, \n\targuments TEXT NOT NULL, \n\tread_at TIMESTAMP WITH TIME ZONE, \n\tcreated_at TIMESTAMP WITH TIME ZONE NOT NULL, \n\tCONSTRAINT pk_notifications PRIMARY KEY (id), \n\tCONSTRAINT fk_notifications_person_id FOREIGN KEY(person_id) REFERENCES persons (id)\n)',
        'CREATE INDEX ix_notifications_person_read ON notifications (person_id, read_at)',
        'CREATE INDEX ix_notifications_subject ON notifications (subject)',
        "CREATE FUNCTION tr_core_notification_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id <> OLD.id OR NEW.person_id <> OLD.person_id OR NEW.subject <> OLD.subject OR NEW.words <> OLD.words OR NEW.endpoint <> OLD.endpoint OR NEW.arguments <> OLD.arguments OR NEW.created_at <> OLD.created_at OR OLD.read_at IS NOT NULL THEN RAISE EXCEPTION 'core.notification.update' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        'CREATE TRIGGER tr_core_notification_update BEFORE UPDATE ON notifications FOR EACH ROW EXECUTE FUNCTION tr_core_notification_update()',
        "CREATE FUNCTION tr_core_notification_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1=1 THEN RAISE EXCEPTION 'core.notification.delete' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$",
        'CREATE TRIGGER tr_core_notification_delete BEFORE DELETE ON notifications FOR EACH ROW EXECUTE FUNCTION tr_core_notification_delete()',
        "CREATE FUNCTION tr_core_notification_delete_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'core.notification.delete' USING ERRCODE = 'check_violation'; END $$",
        'CREATE TRIGGER tr_core_notification_delete_truncate BEFORE TRUNCATE ON notifications FOR EACH STATEMENT EXECUTE FUNCTION tr_core_notification_delete_truncate()',
    ],
}


def upgrade() -> None:
    connection = op.get_bind()
    with lifted(connection, RETIRED):
        for statement in STEPS[connection.dialect.name]:
            op.execute(sa.text(statement.replace(":", "\\:")))
