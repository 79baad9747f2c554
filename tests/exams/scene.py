"""An exam, stage by stage: row by row for tests that look at the database alone, and by the operations."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.files import StoredFile
from lbcert.core.findings import Refused
from lbcert.core.operation import _explained as explained
from lbcert.core.policy import PolicyEntry
from lbcert.exams import operations
from lbcert.exams.models import Absence, Batch, BatchStaff, Candidate, Declaration, Mark, Part, Post
from lbcert.exams.queries.results import results_by_name
from lbcert.parties.models import FilingKind, OrganisationKind
from lbcert.teaching.models import Attendance, AttendanceMark, Mode, SchoolTest, Session, Venue
from lbcert.testing import factories as make
from lbcert.testing.scenes import played_once

HELD = date(2025, 8, 9)


def run(statement, **values):
    """Run one statement in a transaction of its own, on the application's connection."""
    with db.engine.begin() as connection:
        result = connection.execute(text(statement), values)
        return result.all() if result.returns_rows else []


def lesson(cohort, trainer, at=None, **values):
    """Hold a session of a cohort's last module."""
    begins = at or datetime.combine(cohort.starts_on, datetime.min.time(), SHANGHAI) + timedelta(hours=9)
    room = {"name": f"{cohort.number} 教室", "region_code": make.FUKANG}
    venue = db.session.query(Venue).filter_by(**room).first() or make.store(Venue(**room))
    return make.store(
        Session(
            cohort_id=cohort.id,
            module_id=cohort.plan[-1].module_id,
            starts_at=begins,
            ends_at=begins + timedelta(hours=3),
            hours=4,
            mode=Mode.ON_SITE,
            venue_id=venue.id,
            trainer_id=trainer.id,
            **values,
        )
    )


@played_once
def planned(**values):
    """Give a cohort of three taught by 李老师, a body of its own, staff who declared, and three candidates."""
    scene = SimpleNamespace()
    scene.provider = make.organisation(name="示例培训学校")
    scene.body = make.organisation(OrganisationKind.ASSESSMENT_BODY, region=make.KUNMING, name="示例评价中心")
    scene.cohort = make.cohort(scene.provider)
    scene.trainer = make.person("李老师")
    lesson(scene.cohort, scene.trainer)
    scene.learners = [make.enrolment(scene.cohort, make.person(name)) for name in ("张三", "李四", "王五")]
    usual = {
        "number": "RD1", "cohort_id": scene.cohort.id, "body_id": scene.body.id, "scheme": "social", "held_on": HELD,
        "site": "阜康考点",
    }  # fmt: skip
    scene.batch = make.store(Batch(**{**usual, **values}))
    scene.clerk = make.account(Role.ASSESSMENT_CLERK, scene.body)
    scene.staff, scene.accounts = {}, {}
    for post, name in (
        (Post.LEADER, "组长"), (Post.EXAMINER, "考评甲"), (Post.DECIDER, "审定人"), (Post.SUPERVISOR, "督导"),
    ):  # fmt: skip
        scene.accounts[post] = make.account(Role.EXAMINER, scene.body, make.person(name))
        scene.staff[post] = signed(scene.batch, scene.accounts[post], post)
    scene.candidates = [
        make.store(Candidate(batch_id=scene.batch.id, enrolment_id=learner.id, number=f"10000{learner.id}"))
        for learner in scene.learners
    ]
    return scene


def signed(batch, account, post, *, deputy=False, **answers):
    """Appoint whoever has an account to a batch, with his declaration: "no" to every question, unless told otherwise."""
    make.store(
        Declaration(
            batch_id=batch.id, person_id=account.person_id, account_id=account.id, signed_on=HELD, edition=1, text="无",
            **answers,
        )
    )  # fmt: skip
    staff = {"batch_id": batch.id, "person_id": account.person_id, "post": post, "deputy": deputy}
    return make.store(BatchStaff(**staff, declared_on=HELD))


@played_once
def marking(points=((80, 90), (70, 59), (60, 60)), **values):
    """Bring the batch to its marking, with a mark of each candidate for each part given."""
    scene = planned(**values)
    run("UPDATE batches SET state = 'marking' WHERE id = :id", id=scene.batch.id)
    scene.marks = []
    for candidate, row in zip(scene.candidates, points, strict=True):
        for part, value in zip(Part, row, strict=False):
            scene.marks.append(mark(scene, candidate, part, value))
    return scene


def mark(scene, candidate, part, value, **values):
    """Store a mark; None is an absence."""
    return make.store(
        Mark(
            **{
                "batch_id": scene.batch.id,
                "candidate_id": candidate.id,
                "part": part,
                "points": value,
                "absence": None if value is not None else "absent",
                "scorer_id": scene.staff[Post.LEADER].person_id,
                "account_id": scene.clerk.id,
                **values,
            }
        )
    )


DECIDE = (
    "UPDATE batches SET state = 'decided', decided_by = :decider, decided_at = '2025-08-10 02:00:00', basis = '本局设定', "
    "pass_theory = 60, pass_practice = 60 WHERE id = :batch"
)
RESULT = (
    "INSERT INTO results (batch_id, candidate_id, theory, practice, outcome, decided_by, created_at) "
    "VALUES (:batch, :candidate, :theory, :practice, :outcome, :decider, '2025-08-10 02:00:00')"
)


@played_once
def decided(**values):
    """Decide the batch: 张三 and 王五 pass, 李四 fails."""
    scene = marking(**values)
    decider = scene.staff[Post.DECIDER].person_id
    run(DECIDE, batch=scene.batch.id, decider=decider)
    for candidate, theory, practice, outcome in zip(
        scene.candidates, (80, 70, 60), (90, 59, 60), ("passed", "failed", "passed"), strict=True
    ):
        run(RESULT, batch=scene.batch.id, candidate=candidate.id, theory=theory, practice=practice, outcome=outcome, decider=decider)  # fmt: skip
    scene.results = [row.id for row in run("SELECT id FROM results ORDER BY id")]
    return scene


@played_once
def published(**values):
    """Publish the results, and keep a piece of evidence for an amendment."""
    scene = decided(**values)
    run(
        "UPDATE batches SET state = 'published', published_at = '2025-08-11 02:00:00' WHERE id = :id", id=scene.batch.id
    )
    scene.evidence = make.store(StoredFile(sha256="0" * 64, size=1, media_type="image/png", name="复核记录.png"))
    return scene


# The same by the operations themselves, under policies that are on file

DAY = datetime(2025, 8, 9, 10, tzinfo=SHANGHAI)
POLICIES = {
    "exams.pass_theory": 60,
    "exams.pass_practice": 60,
    "exams.pass_review": 60,
    "exams.min_examiners": 3,
    "exams.separation_months": 24,
    "teaching.attendance_share": 80,
}


def policy(key, value, region=make.KUNMING):
    """Put a value on file, as the bureau's own setting."""
    make.store(
        PolicyEntry(area_code=region, key=key, value=json.dumps(value), valid_from=date(2020, 1, 1), source="本局设定")
    )


def learner(cohort, name, attended=True, passed=True, **values):
    """Enrol somebody who attended the cohort's sessions and passed the school's test, unless told otherwise."""
    enrolment = make.enrolment(cohort, make.person(name), **values)
    for session in db.session.query(Session).filter_by(cohort_id=cohort.id):
        mark = AttendanceMark.PRESENT if attended else AttendanceMark.ABSENT
        make.store(Attendance(session_id=session.id, enrolment_id=enrolment.id, mark=mark, how="roll_call"))
    if passed is not None:
        make.store(
            SchoolTest(
                enrolment_id=enrolment.id, taken_on=HELD, theory=70, practice=70 if passed else 50, passed=passed
            )
        )
    return enrolment


def examiner(scene, name, role=Role.EXAMINER):
    """Give the account of somebody who works for the body."""
    return make.account(role, scene.body, make.person(name), name=name)


@played_once
def ready(names=("张三", "李四", "王五"), policies=POLICIES):
    """Give a body with a filing, people of its own, and a cohort whose learners may sit the exam."""
    scene = SimpleNamespace()
    for key, value in policies.items():
        policy(key, value, make.LUQUAN if key.startswith("teaching") else make.KUNMING)
    scene.provider = make.organisation(name="示例培训学校")
    scene.body = make.organisation(OrganisationKind.ASSESSMENT_BODY, region=make.KUNMING, name="示例评价中心")
    scene.cohort = make.cohort(scene.provider, name="电工（五级）第1期")
    make.filing(scene.body, scene.cohort.item.trade, FilingKind.ASSESS)
    scene.trainer = make.person("李老师")
    lesson(scene.cohort, scene.trainer)
    scene.learners = [learner(scene.cohort, name) for name in names]
    scene.clerk = examiner(scene, "考务员", Role.ASSESSMENT_CLERK)
    scene.officer = make.account(Role.BUREAU_OFFICER, make.LUQUAN, name="人社局经办")
    scene.leader, scene.second, scene.third = (examiner(scene, name) for name in ("组长", "考评甲", "考评乙"))
    scene.decider = examiner(scene, "审定人", Role.RESULT_OFFICER)
    return scene


@played_once
def staffed(scene=None, **values):
    """Plan the batch and appoint its staff; everybody has declared, and all learners are candidates."""
    scene = scene or ready()
    scene.batch = operations.plan_batch(scene.clerk, scene.cohort.id, scene.body.id, HELD, "阜康考点", **values)
    for account, post in (
        (scene.leader, Post.LEADER), (scene.second, Post.EXAMINER), (scene.third, Post.EXAMINER), (scene.decider, Post.DECIDER),
    ):  # fmt: skip
        staff = operations.appoint(scene.clerk, scene.batch.id, account.person_id, post)
        operations.declare(account, staff.id)
    operations.add_candidates(scene.clerk, scene.batch.id, [one.id for one in scene.learners])
    return scene


@played_once
def begun(scene=None, **values):
    """Begin the marking, on the day of the exam."""
    scene = staffed(scene, **values)
    operations.begin_marking(scene.clerk, scene.batch.id)
    return scene


def number_of(scene, name):
    """Give the candidate number of a learner."""
    return next(one.number for one in scene.batch.candidates if one.enrolment.person.name == name)


def give(scene, name, theory, practice):
    """Have the leader mark both parts of a learner."""
    for part, value in ((Part.THEORY, theory), (Part.PRACTICE, practice)):
        absence = value if isinstance(value, Absence) else None
        points = None if absence else value
        operations.record_mark(scene.leader, scene.batch.id, number_of(scene, name), part, points, absence)


@played_once
def judged(scene=None):
    """Mark and decide: 张三 passes, 李四 fails by a point, 王五 was absent from the practice."""
    scene = scene or begun()
    give(scene, "张三", 80, 90)
    give(scene, "李四", 70, 59)
    give(scene, "王五", 60, Absence.ABSENT)
    operations.decide_batch(scene.decider, scene.batch.id)
    return scene


def refused(call, *arguments, **values):
    """Give the refusal that a call ends in."""
    with pytest.raises(Refused) as caught:
        call(*arguments, **values)
    return caught.value


def rules_of(refusal):
    """Name the rules that stopped it."""
    return {finding.rule for finding in refusal.findings if finding.stops}


def said(refusal):
    """Give its words."""
    return "\n".join(str(finding.message) for finding in refusal.findings)


def result_of(scene, name):
    """Give the result of a learner that counts."""
    return next(one for one in results_by_name(scene.batch.id) if one.candidate.enrolment.person.name == name)


def amend(scene, name, theory, practice, **values):
    """Amend a result, as two people grant it."""
    result = result_of(scene, name)
    asked = operations.request_amendment(
        scene.clerk, result.id, theory, practice, None, "登分错误", b"%PDF-x", "复核.pdf", "application/pdf", **values
    )
    return operations.answer_amendment(scene.officer, asked.id, granted=True)


def sql(statement, **values):
    """Run one statement on the application's connection; what the database refuses is told as an operation would."""
    with explained():
        run(statement, **values)
