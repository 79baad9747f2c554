"""examinations."""

import sqlalchemy as sa
from alembic import op

from lbcert.migrations.triggers import lifted

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

# Triggers that this version takes away or gives another text.
RETIRED = [
    'tr_certificates_result_amended',
]
# What each database is asked to do, frozen as it was when this version was written.
STEPS = {
    'sqlite': [
        "CREATE TRIGGER tr_certificates_result_amended_update BEFORE UPDATE OF status ON certificates WHEN NEW.status = 'valid' AND OLD.status <> 'valid' AND NEW.result_id IS NOT NULL AND EXISTS (SELECT 1 FROM results o JOIN results r ON r.candidate_id = o.candidate_id WHERE o.id = NEW.result_id AND r.outcome <> 'passed' AND NOT EXISTS (SELECT 1 FROM results l WHERE l.replaces_id = r.id)) BEGIN SELECT RAISE(ABORT, 'certificates.result_amended'); END",
    ],
    'postgresql': [
        "CREATE FUNCTION tr_certificates_result_amended() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 FROM results r WHERE r.id = NEW.result_id FOR NO KEY UPDATE; IF NEW.status = 'valid' AND OLD.status <> 'valid' AND NEW.result_id IS NOT NULL AND EXISTS (SELECT 1 FROM results o JOIN results r ON r.candidate_id = o.candidate_id WHERE o.id = NEW.result_id AND r.outcome <> 'passed' AND NOT EXISTS (SELECT 1 FROM results l WHERE l.replaces_id = r.id)) THEN RAISE EXCEPTION 'certificates.result_amended' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        'CREATE TRIGGER tr_certificates_result_amended BEFORE UPDATE OF status ON certificates FOR EACH ROW EXECUTE FUNCTION tr_certificates_result_amended()',
    ],
}


def upgrade() -> None:
    connection = op.get_bind()
    with lifted(connection, RETIRED):
        for statement in STEPS[connection.dialect.name]:
            op.execute(sa.text(statement.replace(":", "\\:")))
