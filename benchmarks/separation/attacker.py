"""An attacker who writes SQL on the application's own connection: patient plots, and random statements between them."""

from __future__ import annotations

import random
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

#: How often an attacker goes on with his plot, rather than try something else.
FOLLOWING = 0.7
TABLES = (
    "batches", "batch_staff", "candidates", "marks", "results", "amendments", "declarations", "declared_kin", "cohort_providers",
    "controls", "organisations", "sessions", "enrolments", "certificates",
)  # fmt: skip


class Attacker:
    """Writes random statements over the rows that there are."""

    def __init__(self, connection: Connection, number: int) -> None:
        self.connection, self.dice = connection, random.Random(number)  # noqa: S311 (no secret)
        self.is_sqlite = connection.dialect.name == "sqlite"
        self.plan = self.plot()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Give the rows of a table."""
        return [dict(row) for row in self.connection.execute(text(f"SELECT * FROM {table}")).mappings()]

    def any_of(self, table: str, column: str = "id") -> Any:
        """Give the value of some row."""
        return self.one_of(f"SELECT {column} FROM {table}")

    def value(self, table: str, column: str, now: Any) -> Any:
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

    def plot(self) -> list[str]:
        """Give the statements of a patient attacker, in their order: each right but for who does it, or to whom."""
        two, decided = self.any_of("persons"), "'2025-08-10 02:00:00'"
        candidate = self.dice.choice(self.rows("candidates"))
        batch = self.dice.choice([each for each in self.rows("batches") if each["id"] == candidate["batch_id"]])
        of, about = candidate["id"], batch["id"]
        one, decider = (
            self.suspect(batch),
            self.one_of(
                f"SELECT person_id FROM batch_staff WHERE batch_id = {about} AND post = 'decider' AND declared_on IS NOT NULL"
            ),
        )
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
        me, you = [[each.format(who) for each in decide] for who in (one, decider or two)]
        appoint = [staff.format(one, "examiner", "false"), sign.format("", one), signed]
        forged = self.forged(of, about)
        dealing = self.dice.choice([join, teach, learn, sign.format("x", one), kin])
        return self.dice.choice([
            [join, *you],
            [join, *amend],
            [staff.format(one, "decider", "true"), sign.format("", one), signed, *me],
            [*appoint, *marks, dealing, *you],
            [*appoint, dealing, *marks, *you],
            [dealing, *appoint, *marks, *you],
            [*you, dealing],
            [f"UPDATE certificates SET issuer_id = {one}"],
            [*you, f"UPDATE batches SET state = 'published', published_at = {decided} WHERE id = {about}", *forged],
            [*you, *forged],
            forged,
            self.exchanged(),
        ])  # fmt: skip

    def suspect(self, batch: dict[str, Any]) -> Any:
        """Give somebody who should have nothing to do with a batch: who taught, learns, scored or decided, or anybody."""
        cohort, about = batch["cohort_id"], batch["id"]
        return self.one_of(self.dice.choice([
            f"SELECT trainer_id FROM sessions WHERE cohort_id = {cohort} AND cancelled_reason = ''",
            f"SELECT e.person_id FROM enrolments e JOIN accounts k ON k.person_id = e.person_id WHERE e.cohort_id = {cohort}",
            f"SELECT person_id FROM batch_staff WHERE batch_id = {about}",
            "SELECT person_id FROM accounts WHERE person_id IS NOT NULL",
            "SELECT id FROM persons",
        ])) or self.any_of("persons")  # fmt: skip

    def one_of(self, query: str) -> Any:
        """Give one of the values that a query finds; None where it finds none."""
        return self.dice.choice(self.connection.execute(text(query)).scalars().all() or [None])

    def forged(self, candidate: int, batch: int) -> list[str]:
        """Give a certificate on a candidate's result, like one that was issued but for its issuer or its holder."""
        scorer = f"(SELECT min(m.scorer_id) FROM marks m WHERE m.candidate_id = {candidate})"
        decider = f"(SELECT max(r.decided_by) FROM results r WHERE r.candidate_id = {candidate})"
        result = f"(SELECT max(r.id) FROM results r WHERE r.candidate_id = {candidate})"
        holder = f"(SELECT e.person_id FROM candidates n JOIN enrolments e ON e.id = n.enrolment_id WHERE n.id = {candidate})"
        of_batch = f"(SELECT k.{{}} FROM batches b JOIN cohorts k ON k.id = b.cohort_id WHERE b.id = {batch})"
        issuer = self.dice.choice([scorer, decider, "c.issuer_id", "c.issuer_id", self.any_of("persons")])
        changed = {
            "result_id": result, "issuer_id": issuer, "person_id": self.dice.choice([holder, holder, self.any_of("persons")]),
            "cohort_id": of_batch.format("id"), "brand_id": of_batch.format("brand_id"),
            "organisation_id": f"(SELECT b.body_id FROM batches b WHERE b.id = {batch})",
        }  # fmt: skip
        return self.copied(changed)

    def exchanged(self) -> list[str]:
        """Give what exchanges a certificate for another of somebody who may not issue it."""
        old = self.any_of("certificates")
        candidate = (
            f"(SELECT r.candidate_id FROM results r JOIN certificates o ON o.result_id = r.id WHERE o.id = {old})"
        )
        who = self.dice.choice([
            f"(SELECT min(m.scorer_id) FROM marks m WHERE m.candidate_id = {candidate})",
            f"(SELECT max(r.decided_by) FROM results r WHERE r.candidate_id = {candidate})",
        ])  # fmt: skip
        return [
            "INSERT INTO status_changes (certificate_id, status, reason, detail, authority, created_at) "
            f"SELECT {old}, 'replaced', 'damaged', '', 'x', max(c.issued_at) FROM certificates c",
            f"UPDATE certificates SET status = 'replaced' WHERE id = {old}",
            *self.copied({"issuer_id": who, "replaces_id": str(old)}, f"c.id = {old}"),
        ]

    def copied(self, changed: dict[str, Any], where: str = "1=1") -> list[str]:
        """Give the statement that writes a certificate anew, with other values."""
        columns = self.connection.execute(text("SELECT * FROM certificates LIMIT 0")).keys()
        unique = {
            "id": "(SELECT max(z.id) + 1 FROM certificates z)", "number": "'forged'", "token_digest": "'forged'", "cti": "'forged'",
            "status_index": "1000000", "status": "'valid'", "file_id": "NULL", "replaces_id": "NULL",
        }  # fmt: skip
        values = {column: f"c.{column}" for column in columns} | unique | changed
        chosen = ", ".join(str(value) for value in values.values())
        return [
            f"INSERT INTO certificates ({', '.join(values)}) SELECT {chosen} FROM certificates c WHERE {where} ORDER BY c.id LIMIT 1"
        ]

    def statement(self) -> tuple[str, dict[str, Any]]:
        """Give a statement and its values: INSERT, UPDATE, DELETE, and what replaces a row in one."""
        dice = self.dice
        if self.plan and dice.random() < FOLLOWING:
            return self.plan.pop(0), {}
        rows: list[dict[str, Any]] = []
        while not rows:
            table = dice.choice(TABLES)
            rows = self.rows(table)
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

    def strike(self) -> bool:
        """Send one; tell whether it was carried out."""
        statement, values = self.statement()
        try:
            with self.connection.begin_nested():
                return self.connection.execute(text(statement), values).rowcount > 0
        except DatabaseError:
            return False
