"""For each guard of the separation the plot that it stops: an exam written in SQL from its planning to its pass, with one thing wrong.

What is wrong is prepared first, before anything rests on it. A plot that goes through leaves rows which the invariant calls a violation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.separation.stage import World

DAY, LATER = "2025-08-09", "2025-08-20"
#: Another moment for what is written after the decision.
NOW = "'2025-08-10 02:00:00'"
_NO_CHANGE: Mapping[str, list[str]] = {}
SCORER, DECIDER, ISSUER = 2, 3, 5
#: Of the seven people of the stage, who taught the first cohort, and who learns in the second.
TRAINER, LEARNER = 0, 6


class Stage:
    """Who and what is there, by SQL; and the statements of an exam, each right until something is put in its place."""

    def __init__(self, connection: Connection, world: World) -> None:
        self.connection, self.world = connection, world
        self.school, _, self.body, self.other_body, self.firm = world.organisations
        self.clerk = world.clerks[0]

    def person(self, place: int) -> str:
        """Give one of the seven."""
        return f"(SELECT k.person_id FROM accounts k WHERE k.id = {self.world.people[place]})"

    def code(self, organisation: int) -> str:
        """Give an organisation's credit code."""
        return f"(SELECT o.credit_code FROM organisations o WHERE o.id = {organisation})"

    def hands(self, **controllers: str) -> list[str]:
        """Write who controls the school and the body."""
        return [
            f"UPDATE controls SET controller = '{who}' WHERE organisation_id = {getattr(self, side)}"
            for side, who in controllers.items()
        ]

    def copy(self, table: str, changed: Mapping[str, str], where: str) -> str:
        """Write a row anew, with other values."""
        columns = self.connection.execute(text(f"SELECT * FROM {table} LIMIT 0")).keys()
        values = {column: f"c.{column}" for column in columns if column != "id"} | dict(changed)
        return (
            f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())} FROM {table} c "
            f"WHERE {where} ORDER BY c.id LIMIT 1"
        )

    def exam(
        self,
        number: str = "X1",
        *,
        cohort: str = "",
        body: int = 0,
        scorer: int = SCORER,
        decider: int = DECIDER,
        learner: str = "",
        points: tuple[int, int] = (80, 80),
        scheme: str = "social",
        day: str = DAY,
        instead: Mapping[str, list[str]] = _NO_CHANGE,
        after: Mapping[str, list[str]] = _NO_CHANGE,
    ) -> list[str]:
        """Give the statements of an exam of one learner; ``instead`` takes the place of a step, ``after`` follows one."""
        cohort = cohort or str(self.world.cohorts[0])
        of = f"(SELECT b.id FROM batches b WHERE b.number = '{number}')"
        outcome = "passed" if min(points) >= 60 else "failed"
        learner = learner or f"(SELECT min(e.id) FROM enrolments e WHERE e.cohort_id = {cohort})"
        one = f"(SELECT n.id FROM candidates n WHERE n.batch_id = {of})"
        steps = {
            "plan": [
                "INSERT INTO batches (number, cohort_id, body_id, scheme, held_on, site, with_review, state, cancelled_reason, basis, created_at, version) "
                f"VALUES ('{number}', {cohort}, {body or self.body}, '{scheme}', '{day}', 'x', false, 'planned', '', '', {NOW}, 1)"
            ],
            "sign": [self.sign(scorer, number), self.sign(decider, number)],
            "appoint": [self.appoint(scorer, "examiner", number)],
            "appoint decider": [self.appoint(decider, "decider", number)],
            "put forward": [f"INSERT INTO candidates (batch_id, enrolment_id, number, created_at) VALUES ({of}, {learner}, '1{number}', {NOW})"],
            "begin": [f"UPDATE batches SET state = 'marking' WHERE number = '{number}'"],
            "mark theory": [self.mark("theory", points[0], scorer, number)],
            "mark": [self.mark("practice", points[1], scorer, number)],
            "decide": [
                f"UPDATE batches SET state = 'decided', decided_by = {self.person(decider)}, decided_at = {NOW}, basis = 'x', "
                f"pass_theory = 60, pass_practice = 60 WHERE number = '{number}'"
            ],
            "pass": [
                "INSERT INTO results (batch_id, candidate_id, theory, practice, outcome, decided_by, created_at) "
                f"VALUES ({of}, {one}, {points[0]}, {points[1]}, '{outcome}', {self.person(decider)}, {NOW})"
            ],
        }  # fmt: skip
        return [each for step, right in steps.items() for each in (*instead.get(step, right), *after.get(step, ()))]

    def sign(self, place: int, number: str = "X1", *, account: int = 0, money: str = "") -> str:
        """Sign a declaration, by one's own account unless told otherwise."""
        return (
            "INSERT INTO declarations (batch_id, person_id, account_id, signed_on, edition, text, kin, employer, money, training, created_at) "
            f"SELECT b.id, {self.person(place)}, {account or self.world.people[place]}, '{DAY}', 1, 'x', '', '', '{money}', '', {NOW} "
            f"FROM batches b WHERE b.number = '{number}'"
        )

    def kin(self, place: int) -> str:
        """Name the learner of the exam as a relative."""
        return (
            f"INSERT INTO declared_kin (declaration_id, person_id, kin_index, kin_masked, created_at) SELECT max(d.id), {self.person(place)}, "
            "(SELECT p.id_index FROM persons p JOIN enrolments e ON e.person_id = p.id JOIN candidates n ON n.enrolment_id = e.id WHERE n.number = '1X1'), "
            f"'x', {NOW} FROM declarations d WHERE d.person_id = {self.person(place)}"
        )

    def appoint(self, place: int, post: str, number: str = "X1", *, declared: bool = True) -> str:
        """Appoint somebody who has declared."""
        declared_on = f"'{DAY}'" if declared else "NULL"
        return (
            "INSERT INTO batch_staff (batch_id, person_id, post, deputy, declared_on, created_at) "
            f"SELECT b.id, {self.person(place)}, '{post}', false, {declared_on}, {NOW} "
            f"FROM batches b WHERE b.number = '{number}'"
        )

    def mark(self, part: str, points: int, place: int, number: str = "X1", *, typist: int = 0) -> str:
        """Give a mark, as the clerk types it in."""
        return (
            "INSERT INTO marks (batch_id, candidate_id, part, seat, points, scorer_id, account_id, reason, created_at) "
            f"SELECT n.batch_id, n.id, '{part}', 1, {points}, {self.person(place)}, {typist or self.clerk}, '', {NOW} "
            f"FROM candidates n WHERE n.number = '1{number}'"
        )

    def amended(self, approver: int, points: int = 90) -> list[str]:
        """Have a result amended to a pass, as somebody grants it."""
        of = "FROM candidates n WHERE n.number = '1X1'"
        last = "(SELECT max(r.id) FROM results r WHERE r.candidate_id = n.id)"
        return [
            self.paper(),
            "INSERT INTO amendments (batch_id, candidate_id, theory, practice, outcome, reason, evidence_id, requester_id, answer, created_at) "
            f"SELECT n.batch_id, n.id, {points}, {points}, 'passed', 'x', (SELECT max(f.id) FROM stored_files f), {self.person(4)}, '', {NOW} {of}",
            f"UPDATE amendments SET granted = true, answered_by = {self.person(approver)}, answered_at = {NOW} WHERE granted IS NULL",
            "INSERT INTO results (batch_id, candidate_id, theory, practice, outcome, decided_by, replaces_id, amendment_id, created_at) "
            f"SELECT n.batch_id, n.id, {points}, {points}, 'passed', {self.person(approver)}, {last}, (SELECT max(a.id) FROM amendments a), {NOW} {of}",
        ]

    def paper(self) -> str:
        """Store a file."""
        return f"INSERT INTO stored_files (sha256, size, media_type, name, created_at) VALUES ('{'0' * 64}', 1, 'x', 'x', {NOW})"

    def published(self, number: str = "X1") -> str:
        """Publish."""
        return f"UPDATE batches SET state = 'published', published_at = {NOW} WHERE number = '{number}'"

    def certificate(self, issuer: int, holder: str = "") -> str:
        """Issue a certificate on the exam's result, like one that is there."""
        of = "SELECT {} FROM results r JOIN candidates n ON n.id = r.candidate_id JOIN enrolments e ON e.id = n.enrolment_id JOIN batches b ON b.id = r.batch_id JOIN cohorts k ON k.id = b.cohort_id WHERE b.number = 'X1'"  # fmt: skip
        changed = {column: f"({of.format(value)})" for column, value in {
            "result_id": "r.id", "person_id": "e.person_id", "cohort_id": "k.id", "brand_id": "k.brand_id", "organisation_id": "b.body_id",
        }.items()}  # fmt: skip
        changed |= {
            "number": "'forged'", "token_digest": "'forged'", "cti": "'forged'", "status_index": "1000000", "status": "'valid'",
            "file_id": "NULL", "replaces_id": "NULL", "issuer_id": self.person(issuer),
        }  # fmt: skip
        return self.copy("certificates", changed | ({"person_id": holder} if holder else {}), "1=1")

    def card(self, place: int) -> list[str]:
        """Give somebody a card for the trade of the first cohort, for the day of the exam."""
        trade = f"(SELECT i.trade_id FROM training_items i JOIN cohorts k ON k.item_id = i.id WHERE k.id = {self.world.cohorts[0]})"
        return [
            self.paper(),
            "INSERT INTO examiner_cards (body_id, person_id, number, grade, valid_from, valid_to, paper_id, account_id, withdrawn_reason, created_at) "
            f"VALUES ({self.body}, {self.person(place)}, 'X', 'examiner', '{DAY}', '{DAY}', (SELECT max(f.id) FROM stored_files f), {self.clerk}, '', {NOW})",
            f"INSERT INTO card_scopes (card_id, trade_id) SELECT max(c.id), {trade} FROM examiner_cards c",
        ]  # fmt: skip


@dataclass(frozen=True)
class Plot:
    """What an attacker would write; on the stage where nothing was examined yet, or where a certificate was issued."""

    statements: Callable[[Stage], list[str]]
    certified: bool = False


def _own_scheme(on: Stage) -> list[str]:
    """Make the body one of the firm's, for its own staff."""
    return [
        *on.hands(body="person:b"),
        f"UPDATE organisations SET credit_code = {on.code(on.firm)} WHERE id = {on.body}",
    ]


def _to_own(on: Stage) -> str:
    return f"UPDATE cohorts SET scheme = 'employer_own' WHERE id = {on.world.cohorts[0]}"


def _join(on: Stage) -> str:
    return f"UPDATE controls SET controller = {on.code(on.body)} WHERE organisation_id = {on.school}"


def _provider(on: Stage, organisation: str, cohort: int = 0) -> str:
    to = cohort or on.world.cohorts[0]
    return f"INSERT INTO cohort_providers (cohort_id, organisation_id, part) VALUES ({to}, {organisation}, 'host')"


def _nobodys(on: Stage) -> str:
    return on.copy("organisations", {"credit_code": "NULL", "name": "'nobody''s'"}, f"c.id = {on.school}")


def _limit(column: str, value: str, source: str, number: str = "X1") -> str:
    return f"UPDATE batches SET {column} = {value}, {source} = 'x' WHERE number = '{number}'"


_WITHDRAWN = f"UPDATE examiner_cards SET withdrawn_on = '{DAY}', withdrawn_reason = 'x' WHERE withdrawn_on IS NULL"
_CARDS = _limit("cards_required", "true", "cards_source")
_SECOND = "(SELECT max(e.id) FROM enrolments e WHERE e.cohort_id = {})"


def _carried(on: Stage) -> list[str]:
    """Carry a part of an exam that was separate then, but is so no more, into one by another body."""
    carry = (
        "INSERT INTO carried_parts (batch_id, candidate_id, part, points, result_id, source, created_at) "
        f"SELECT n.batch_id, n.id, 'theory', 80, (SELECT max(r.id) FROM results r), 'x', {NOW} FROM candidates n WHERE n.number = '1X2'"
    )
    form = "INSERT INTO paper_forms (batch_id, part, label, created_at) SELECT b.id, 'practice', 'B', {} FROM batches b WHERE b.number = 'X2'"
    again = on.exam(
        "X2", body=on.other_body, day=LATER, instead={"mark theory": []}, after={"put forward": [carry, form.format(NOW)]}
    )  # fmt: skip
    return [*on.exam(points=(80, 40)), on.published(), _join(on), *again]


def _running(on: Stage, limited: str) -> list[str]:
    """Have one person examine two batches running at a school that allows one; ``limited`` is the step after which it does."""
    limit = _limit("rotation_batches", "1", "rotation_source", "X2")
    other = _SECOND.format(on.world.cohorts[0])
    return [*on.exam(), *on.exam("X2", day=LATER, learner=other, after={limited: [limit]})]


def _school_joined(on: Stage) -> list[str]:
    """Have the school of one exam join in the other cohort, where the same person examined."""
    second = _second_cohorts(
        on, number="X2", day=LATER, after={"plan": [_limit("rotation_batches", "1", "rotation_source", "X2")]}
    )
    return [*on.exam(), *second, _provider(on, str(on.school), on.world.cohorts[1])]


def _bare_cohort(on: Stage) -> list[str]:
    bare = "(SELECT k.id FROM cohorts k WHERE k.number = 'bare')"
    learner = on.copy("enrolments", {"cohort_id": bare}, f"c.cohort_id = {on.world.cohorts[0]}")
    return [
        on.copy("cohorts", {"number": "'bare'"}, f"c.id = {on.world.cohorts[0]}"), learner, *on.exam(cohort=bare),
    ]  # fmt: skip


def _second_cohorts(on: Stage, **values: Any) -> list[str]:
    return on.exam(cohort=str(on.world.cohorts[1]), **values)


def _issued(on: Stage, issuer: int = ISSUER, holder: str = "") -> list[str]:
    return [*_second_cohorts(on), on.published(), on.certificate(issuer, holder)]


def _later_interest(place: int, step: str) -> Plot:
    return Plot(lambda on: on.exam(after={step: [on.sign(place, money="x")]}))


PLOTS: dict[str, Plot] = {
    "exams.body_is_provider": Plot(
        lambda on: [
            *on.hands(school="person:a", body="person:b"),
            f"UPDATE organisations SET credit_code = {on.code(on.school)} WHERE id = {on.body}",
            *on.exam(),
        ]
    ),
    "exams.shared_controller": Plot(lambda on: [*on.hands(school="person:a", body="person:a"), *on.exam()]),
    "exams.uncontrolled_body": Plot(
        lambda on: [f"DELETE FROM controls WHERE organisation_id = {on.body}", *on.exam()]
    ),
    "exams.uncontrolled_provider": Plot(
        lambda on: [f"DELETE FROM controls WHERE organisation_id = {on.school}", *on.exam()]
    ),
    "exams.no_provider": Plot(_bare_cohort),
    "exams.not_assessment_body": Plot(lambda on: on.exam(body=on.firm)),
    "exams.not_employers_body": Plot(lambda on: [_to_own(on), *on.exam(scheme="employer_own")]),
    "exams.scheme_differs": Plot(lambda on: [*_own_scheme(on), *on.exam(scheme="employer_own")]),
    "exams.sides_joined_since": Plot(lambda on: [*on.exam(points=(80, 40)), _join(on), *on.amended(DECIDER)]),
    "exams.carried_from_joined": Plot(_carried),
    "exams.cohort_scheme_fixed": Plot(lambda on: [*on.exam(), _to_own(on)]),
    "exams.provider_is_body": Plot(lambda on: [*on.exam(), _provider(on, str(on.body))]),
    "exams.provider_uncontrolled": Plot(
        lambda on: [*on.exam(), _nobodys(on), _provider(on, "(SELECT max(o.id) FROM organisations o)")]
    ),
    "exams.provider_exchanged": Plot(
        lambda on: [
            *on.exam(),
            f"UPDATE cohort_providers SET organisation_id = {on.body} WHERE cohort_id = {on.world.cohorts[0]}",
        ]
    ),
    "exams.provider_removed": Plot(
        lambda on: [*on.exam(), f"DELETE FROM cohort_providers WHERE cohort_id = {on.world.cohorts[0]}"]
    ),
    "exams.control_joins_sides": Plot(lambda on: [*on.exam(), _join(on)]),
    "exams.control_rewritten": Plot(
        lambda on: [*on.exam(), f"UPDATE controls SET valid_to = '2025-08-08' WHERE organisation_id = {on.body}"]
    ),
    "exams.control_removed": Plot(
        lambda on: [*on.exam(), f"DELETE FROM controls WHERE organisation_id = {on.school}"]
    ),
    "exams.credit_code_joins_sides": Plot(
        lambda on: [
            *on.exam(), f"UPDATE organisations SET credit_code = {on.code(on.school)} WHERE id = {on.body}",
        ]
    ),
    "exams.employer_exchanged": Plot(
        lambda on: [
            *_own_scheme(on), _to_own(on), *on.exam(scheme="employer_own"),
            f"UPDATE organisations SET credit_code = NULL WHERE id = {on.firm}",
        ]
    ),
    "exams.employer_removed": Plot(
        lambda on: [
            *_own_scheme(on), _to_own(on), *on.exam(scheme="employer_own"),
            f"DELETE FROM controls WHERE organisation_id = {on.firm}", f"DELETE FROM organisations WHERE id = {on.firm}",
        ]
    ),
    "exams.staff_taught_cohort": Plot(lambda on: on.exam(scorer=TRAINER)),
    "exams.trainer_examines_cohort": Plot(
        lambda on: [*on.exam(), f"UPDATE sessions SET trainer_id = {on.person(SCORER)} WHERE cohort_id = {on.world.cohorts[0]}"]
    ),
    "exams.staff_is_learner": Plot(lambda on: _second_cohorts(on, scorer=LEARNER)),
    "exams.learner_is_staff": Plot(
        lambda on: [*on.exam(), on.copy("enrolments", {"person_id": on.person(SCORER)}, f"c.cohort_id = {on.world.cohorts[0]}")]
    ),
    "exams.candidate_is_staff": Plot(
        lambda on: _second_cohorts(
            on, scorer=LEARNER, learner=f"(SELECT e.id FROM enrolments e WHERE e.person_id = {on.person(LEARNER)})"
        )
    ),
    "exams.scorer_not_appointed": Plot(lambda on: on.exam(instead={"appoint": []})),
    "exams.scorer_undeclared": Plot(
        lambda on: on.exam(instead={"sign": [on.sign(DECIDER)], "appoint": [on.appoint(SCORER, "examiner", declared=False)]})
    ),
    "exams.decider_scored_batch": Plot(
        lambda on: on.exam(instead={"mark": [on.mark("practice", 80, SCORER, typist=on.world.people[DECIDER])]})
    ),
    "exams.decider_not_appointed": Plot(lambda on: on.exam(instead={"appoint decider": []})),
    "exams.decider_scored": Plot(lambda on: [*on.exam(points=(80, 40)), *on.amended(SCORER)]),
    "exams.signed_by_another": Plot(
        lambda on: on.exam(instead={"sign": [on.sign(SCORER, account=on.clerk), on.sign(DECIDER)]})
    ),
    "exams.declared_late": _later_interest(SCORER, "pass"),
    "exams.kin_declared_late": Plot(lambda on: [*on.exam(), on.kin(SCORER)]),
    "exams.declared_without_answers": Plot(lambda on: on.exam(instead={"sign": [on.sign(DECIDER)]})),
    "exams.scorer_has_interest": _later_interest(SCORER, "begin"),
    "exams.scorer_is_kin": Plot(lambda on: on.exam(after={"begin": [on.kin(SCORER)]})),
    "exams.marked_by_interested": _later_interest(SCORER, "mark"),
    "exams.decider_has_interest": _later_interest(DECIDER, "mark"),
    "exams.card_not_on_the_day": Plot(lambda on: [_WITHDRAWN, *on.exam(after={"plan": [_CARDS]})]),
    "exams.begins_without_card": Plot(lambda on: [_WITHDRAWN, *on.exam(after={"appoint": [_CARDS]})]),
    "exams.scorer_without_card": Plot(
        lambda on: [_WITHDRAWN, *on.exam(after={"plan": [_CARDS, *on.card(SCORER)], "begin": [_WITHDRAWN]})]
    ),
    "exams.too_many_running": Plot(lambda on: _running(on, "plan")),
    "exams.provider_unrotated": Plot(_school_joined),
    "exams.begins_unrotated": Plot(lambda on: _running(on, "appoint")),
    "certificates.result_unpublished": Plot(
        lambda on: [*_second_cohorts(on), on.certificate(ISSUER)], certified=True
    ),
    "certificates.other_persons_result": Plot(lambda on: _issued(on, holder=on.person(LEARNER)), certified=True),
    "certificates.issuer_scored_or_decided": Plot(lambda on: _issued(on, issuer=SCORER), certified=True),
    "certificates.decider_issued": Plot(lambda on: [*_issued(on), *on.amended(ISSUER)], certified=True),
}  # fmt: skip
