"""Random operations and random SQL never leave a passed result whose exam was not separate from training.

What may not be is told by `benchmarks.separation.invariant`, which shares nothing with the rules and triggers.
"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from benchmarks.separation.invariant import Rows, violations
from benchmarks.separation.sequences import PLAYED, machine, sequences
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.exams import operations
from lbcert.parties.models import FilingKind, OrganisationKind
from lbcert.testing import factories as make
from lbcert.testing.fixtures import running
from tests.certificates import scene as certified
from tests.exams import scene as stage
from tests.exams.test_sql_attacks import got_through, other_exam

#: Sequences in a test run; `python -m benchmarks.separation` plays thousands.
SEQUENCES, STEPS = 14, 20
#: Transactions of so many random statements each, on either database.
ATTACKS, STATEMENTS = 80, 12
#: How often an attacker goes on with his plot, rather than try something else.
FOLLOWING = 0.7
TABLES = (
    "batches", "batch_staff", "candidates", "marks", "results", "amendments", "declarations", "declared_kin", "cohort_providers",
    "controls", "organisations", "sessions", "enrolments", "certificates",
)  # fmt: skip


@pytest.fixture
def file(sqlite_databases, tmp_path):
    with sqlite_databases.fresh() as url, running(url, tmp_path / "home"):
        yield tmp_path / "stage.sqlite"


def test_no_sequence_of_operations_ends_in_an_exam_that_was_not_separate(file):
    kind = machine(file)
    sequences(kind, SEQUENCES, STEPS, 4)
    carried_out = {name for name, refused_by in PLAYED if not refused_by}
    assert {"begin", "mark", "decide", "teach", "control", "declare"} <= carried_out


class Attacker:
    """Writes random statements over the rows that there are."""

    def __init__(self, connection, number):
        self.connection, self.dice = connection, random.Random(number)  # noqa: S311 (no secret)
        self.is_sqlite = connection.dialect.name == "sqlite"
        self.plan = self.plot()

    def rows(self, table):
        """Give the rows of a table."""
        return [dict(row) for row in self.connection.execute(text(f"SELECT * FROM {table}")).mappings()]

    def any_of(self, table, column="id"):
        """Give the value of some row."""
        return self.dice.choice([row[column] for row in self.rows(table)] or [None])

    def value(self, table, column, now):
        """Give something that might do harm in a column."""
        references = {
            "batch_id": "batches", "person_id": "persons", "scorer_id": "persons", "decided_by": "persons", "issuer_id": "persons",
            "answered_by": "persons", "requester_id": "persons", "trainer_id": "persons", "organisation_id": "organisations",
            "body_id": "organisations", "cohort_id": "cohorts", "enrolment_id": "enrolments", "candidate_id": "candidates",
            "account_id": "accounts", "result_id": "results", "amendment_id": "amendments", "declaration_id": "declarations",
        }  # fmt: skip
        if column in references:
            return self.any_of(references[column])
        if column == "replaces_id":
            return self.dice.choice([None, self.any_of(table)])
        if column in {"controller", "credit_code"}:
            return self.any_of("organisations", "credit_code")
        if column == "kin_index":
            return self.any_of("persons", "id_index")
        if column in {"held_on", "valid_from", "valid_to"}:
            return self.dice.choice(["2020-01-01", "2025-08-08", "2025-08-09", "2025-08-10", None])
        if column in {"points", "theory", "practice", "pass_theory", "pass_practice"}:
            return self.dice.choice([None, 0, 40, 60, 80, 90, 100])
        if column in {"employer", "money", "training", "kin", "cancelled_reason", "basis", "reason"}:
            return self.dice.choice(["", "x"])
        known = {
            "state": ["planned", "marking", "decided", "published", "cancelled", "enrolled", "left"],
            "post": ["leader", "examiner", "decider", "supervisor"],
            "outcome": ["passed", "failed"],
            "scheme": ["social", "employer_own"],
            "kind": ["provider", "assessment_body", "employer"],
            "part": ["theory", "practice", "lead", "host"],
            "granted": [True, False, None],
            "deputy": [True, False],
            "seat": [1, 2, 3],
        }
        return self.dice.choice(known[column]) if column in known else now

    def plot(self):
        """Give the statements of a patient attacker, in their order: each right but for who does it, or to whom."""
        one, two, decided = self.any_of("persons"), self.any_of("persons"), "'2025-08-10 02:00:00'"
        candidate = self.dice.choice(self.rows("candidates"))
        batch = self.dice.choice([each for each in self.rows("batches") if each["id"] == candidate["batch_id"]])
        of, about = candidate["id"], batch["id"]
        standing = f"SELECT m.points FROM marks m WHERE m.candidate_id = {of} AND m.part = '{{}}' AND NOT EXISTS (SELECT 1 FROM marks l WHERE l.replaces_id = m.id) LIMIT 1"  # fmt: skip
        points = [self.connection.execute(text(standing.format(part))).scalar() for part in ("theory", "practice")]
        theory, practice = ["NULL" if each is None else each for each in points]
        outcome = "passed" if all(each is not None and each >= 60 for each in points) else "failed"
        school = f"(SELECT min(p.organisation_id) FROM cohort_providers p WHERE p.cohort_id = {batch['cohort_id']})"
        code = f"(SELECT o.credit_code FROM organisations o WHERE o.id = {batch['body_id']})"
        join = self.dice.choice([
            f"INSERT INTO cohort_providers (cohort_id, organisation_id, part) VALUES ({batch['cohort_id']}, {batch['body_id']}, 'host')",
            f"UPDATE controls SET controller = {code} WHERE organisation_id = {school}",
            f"UPDATE organisations SET credit_code = {code} WHERE id = {school}",
        ])  # fmt: skip
        staff = f"INSERT INTO batch_staff (batch_id, person_id, post, deputy, declared_on, created_at) VALUES ({about}, {{}}, '{{}}', {{}}, NULL, {decided})"
        sign = (
            "INSERT INTO declarations (batch_id, person_id, account_id, signed_on, edition, text, kin, employer, money, training, created_at) "
            f"SELECT {about}, k.person_id, k.id, '2025-08-09', 1, 'x', '', '', '{{}}', '', {decided} FROM accounts k WHERE k.person_id = {{}}"
        )
        kin = f"INSERT INTO declared_kin (declaration_id, person_id, kin_index, kin_masked, created_at) SELECT max(d.id), {one}, (SELECT p.id_index FROM persons p JOIN enrolments e ON e.person_id = p.id WHERE e.id = {candidate['enrolment_id']}), 'x', {decided} FROM declarations d WHERE d.person_id = {one} AND d.batch_id = {about}"
        signed = f"UPDATE batch_staff SET declared_on = '2025-08-09' WHERE batch_id = {about} AND declared_on IS NULL"
        marks = [
            f"INSERT INTO marks (batch_id, candidate_id, part, seat, points, scorer_id, account_id, replaces_id, reason, created_at) SELECT {about}, {of}, '{part}', 1, 80, {one}, (SELECT max(k.id) FROM accounts k), (SELECT max(m.id) FROM marks m WHERE m.candidate_id = {of} AND m.part = '{part}' AND NOT EXISTS (SELECT 1 FROM marks l WHERE l.replaces_id = m.id)), 'x', {decided}"
            for part in ("theory", "practice")
        ]  # fmt: skip
        teach = f"UPDATE sessions SET trainer_id = {one}, cohort_id = {batch['cohort_id']} WHERE id = (SELECT max(s.id) FROM sessions s)"
        learn = f"UPDATE enrolments SET cohort_id = {batch['cohort_id']} WHERE person_id = {one}"
        decide = [
            f"UPDATE batches SET state = 'decided', decided_by = {{}}, decided_at = {decided}, basis = 'x', pass_theory = 60, pass_practice = 60 WHERE id = {about}",
            f"INSERT INTO results (batch_id, candidate_id, theory, practice, outcome, decided_by, created_at) VALUES ({about}, {of}, {theory}, {practice}, '{outcome}', {{}}, {decided})",
        ]
        amend = [
            f"INSERT INTO amendments (batch_id, candidate_id, theory, practice, outcome, reason, evidence_id, requester_id, answer, created_at) VALUES ({about}, {of}, 90, 90, 'passed', 'x', (SELECT min(f.id) FROM stored_files f), {two}, '', {decided})",
            f"UPDATE amendments SET granted = true, answered_by = {one}, answered_at = {decided} WHERE granted IS NULL",
            f"INSERT INTO results (batch_id, candidate_id, theory, practice, outcome, decided_by, replaces_id, amendment_id, created_at) SELECT {about}, {of}, 90, 90, 'passed', {one}, (SELECT max(r.id) FROM results r WHERE r.candidate_id = {of}), max(a.id), {decided} FROM amendments a WHERE a.candidate_id = {of}",
        ]
        me, you = [[each.format(who) for each in decide] for who in (one, batch["decided_by"] or two)]
        appoint = [staff.format(one, "examiner", "false"), sign.format("", one), signed]
        dealing = self.dice.choice([join, teach, learn, sign.format("x", one), kin])
        return self.dice.choice([
            [join, *you],
            [join, *amend],
            [staff.format(one, "decider", "true"), sign.format("", one), signed, *me],
            [*appoint, *marks, dealing, *you],
            [*appoint, dealing, *marks, *you],
            [dealing, *appoint, *marks, *you],
            [*you, dealing],
            [f"INSERT INTO certificates SELECT * FROM certificates WHERE issuer_id = {one}", f"UPDATE certificates SET issuer_id = {one}"],
        ])  # fmt: skip

    def statement(self):
        """Give a statement and its values: INSERT, UPDATE, DELETE, and what replaces a row in one."""
        dice = self.dice
        if self.plan and dice.random() < FOLLOWING:
            return self.plan.pop(0), {}
        table, rows = dice.choice([(table, rows) for table in TABLES if (rows := self.rows(table))])
        row = dice.choice(rows)
        harm = dice.sample(sorted(set(row) - {"id"}), dice.choice([1, 1, 2]))
        changed = {column: self.value(table, column, row[column]) for column in harm}
        key = "id" if "id" in row else "cohort_id"
        where = f"{key} = :key__"
        how = dice.choice(["UPDATE", "UPDATE", "UPDATE", "INSERT", "INSERT", "REPLACE", "UPSERT", "DELETE"])
        if how == "DELETE":
            return f"DELETE FROM {table} WHERE {where}", {"key__": row[key]}
        if how == "UPDATE":
            return f"UPDATE {table} SET {', '.join(f'{c} = :{c}' for c in changed)} WHERE {where}", {**changed, "key__": row[key]}  # fmt: skip
        new = {**row, **changed}
        if how == "INSERT" and "id" in new:
            new["id"] = max(each["id"] for each in rows) + 1
            unique = {"number", "token_digest", "cti", "status_index", "entry"} & set(new)
            new |= {column: (new["id"] + 10**6 if column == "status_index" else f"{new['id']:x}") for column in unique}
        columns, values = ", ".join(new), ", ".join(f":{column}" for column in new)
        if how == "REPLACE" and self.is_sqlite:
            return f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({values})", new
        insert = f"INSERT INTO {table} ({columns}) VALUES ({values})"
        if how == "INSERT" or "id" not in new:
            return insert, new
        return f"{insert} ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in changed)}", new

    def strike(self):
        """Send one; tell whether it was carried out."""
        statement, values = self.statement()
        try:
            with self.connection.begin_nested():
                return self.connection.execute(text(statement), values).rowcount > 0
        except DatabaseError:
            return False


def battlefield():
    """Give a batch with certificates, one that is being marked, and one that is planned, each with who could be misused."""
    scene = certified.issued()
    cohort, learner = other_exam()
    make.enrolment(cohort, scene.trainer)
    person = make.account(Role.EXAMINER, scene.body, make.person("无关人员"))
    second = stage.Batch(
        number="RD2", cohort_id=cohort.id, body_id=scene.body.id, scheme="social", held_on=stage.HELD, site="考点"
    )
    make.store(second)
    for post in (stage.Post.LEADER, stage.Post.EXAMINER, stage.Post.DECIDER):
        stage.signed(second, scene.accounts[post], post)
    candidate = make.store(stage.Candidate(batch_id=second.id, enrolment_id=learner.id, number="222222"))
    stage.run("UPDATE batches SET state = 'marking' WHERE id = :id", id=second.id)
    scene.batch = second
    for part in (stage.Part.THEORY, stage.Part.PRACTICE):
        stage.mark(scene, candidate, part, 80)
    for number, points in (("RD4", 40), ("RD5", 90)):  # published, where nobody passed; and where somebody was absent
        failed(scene, number, points)
    third = make.cohort(make.organisation(name="第三学校"))
    make.store(
        stage.Batch(
            number="RD3", cohort_id=third.id, body_id=scene.body.id, scheme="social", held_on=stage.HELD, site="考点"
        )
    )
    stage.lesson(third, person.person)


def failed(scene, number, points):
    """Give a published batch whose one candidate did not pass."""
    cohort = make.cohort(make.organisation(name=f"{number} 的学校"))
    learner = make.enrolment(cohort, make.person(number))
    batch = make.store(
        stage.Batch(
            number=number, cohort_id=cohort.id, body_id=scene.body.id, scheme="social", held_on=stage.HELD, site="考点"
        )
    )
    for post in (stage.Post.LEADER, stage.Post.DECIDER):
        stage.signed(batch, scene.accounts[post], post)
    candidate = make.store(stage.Candidate(batch_id=batch.id, enrolment_id=learner.id, number=f"33333{number[-1]}"))
    stage.run("UPDATE batches SET state = 'marking' WHERE id = :id", id=batch.id)
    scene.batch = batch
    absent = points > 60
    for part in (stage.Part.THEORY, stage.Part.PRACTICE):
        stage.mark(scene, candidate, part, None if absent else points)
    decider = scene.staff[stage.Post.DECIDER].person_id
    stage.run(stage.DECIDE, batch=batch.id, decider=decider)
    points = None if absent else points
    stage.run(stage.RESULT, batch=batch.id, candidate=candidate.id, theory=points, practice=points, outcome="absent" if absent else "failed", decider=decider)  # fmt: skip
    stage.run(
        "UPDATE batches SET state = 'published', published_at = '2025-08-11 02:00:00' WHERE id = :id", id=batch.id
    )


def test_no_random_sql_on_the_applications_connection_joins_what_is_separate(app):
    battlefield()
    db.session.remove()
    carried_out = 0
    for number in range(ATTACKS):
        with db.engine.connect() as connection:
            attacker = Attacker(connection, number)
            for _ in range(STATEMENTS):
                carried_out += attacker.strike()
            found = violations(Rows.of(connection), with_history=False)
            connection.rollback()
        assert not found, (number, found)
    assert carried_out > ATTACKS  # or it would attack nothing


def test_the_exam_from_which_a_part_is_carried_stays_separate(app):
    with clock.at(stage.DAY):
        scene = stage.staffed(stage.ready(names=("李四",)))
        operations.begin_marking(scene.clerk, scene.batch.id)
        stage.give(scene, "李四", 70, 59)
        operations.decide_batch(scene.decider, scene.batch.id)
        operations.publish_batch(scene.clerk, scene.batch.id)
        join = f"UPDATE controls SET controller = '{{}}' WHERE organisation_id = {scene.provider.id}"
        joined, apart = join.format(scene.body.credit_code), join.format(scene.provider.credit_code)
    stage.run(joined)  # nobody passed, so nothing rests on it
    with clock.at(stage.DAY + timedelta(days=28)):
        scene.body = make.organisation(OrganisationKind.ASSESSMENT_BODY, region=make.KUNMING, name="另一评价中心")
        make.filing(scene.body, scene.cohort.item.trade, FilingKind.ASSESS)
        clerk = stage.examiner(scene, "另一考务员", Role.ASSESSMENT_CLERK)
        again = operations.plan_batch(clerk, scene.cohort.id, scene.body.id, clock.today(), "阜康考点")
        forward = (operations.add_candidates, clerk, again.id, [scene.learners[0].id])
        assert stage.rules_of(stage.refused(*forward)) == {"exams.carried_from_joined"}
        stage.run(apart)
        operations.add_candidates(*forward[1:])
    assert not got_through([("exams.control_joins_sides", joined)])
