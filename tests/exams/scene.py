"""An exam set up row by row, stage by stage, for tests that look at the database alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace

from sqlalchemy import text

from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.files import StoredFile
from lbcert.exams.models import Batch, BatchStaff, Candidate, Mark, Part, Post
from lbcert.parties.models import OrganisationKind
from lbcert.teaching.models import Mode, Session, Venue
from lbcert.testing import factories as make

HELD = date(2025, 8, 9)


def run(statement, **values):
    """Run one statement in a transaction of its own, on the application's connection."""
    with db.engine.begin() as connection:
        result = connection.execute(text(statement), values)
        return result.all() if result.returns_rows else []


def lesson(cohort, trainer, at=None, **values):
    """Hold a session of a cohort's last module."""
    begins = at or datetime.combine(cohort.starts_on, datetime.min.time(), SHANGHAI) + timedelta(hours=9)
    venue = db.session.query(Venue).first() or make.store(Venue(name="一号教室", region_code=make.FUKANG))
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
    scene.staff = {}
    for post, name in (
        (Post.LEADER, "组长"), (Post.EXAMINER, "考评甲"), (Post.DECIDER, "审定人"), (Post.SUPERVISOR, "督导"),
    ):  # fmt: skip
        person = make.person(name)
        scene.staff[post] = make.store(
            BatchStaff(batch_id=scene.batch.id, person_id=person.id, post=post, declared_on=HELD)
        )
    scene.candidates = [
        make.store(Candidate(batch_id=scene.batch.id, enrolment_id=learner.id, number=f"10000{learner.id}"))
        for learner in scene.learners
    ]
    return scene


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


def published(**values):
    """Publish the results, and keep a piece of evidence for an amendment."""
    scene = decided(**values)
    run(
        "UPDATE batches SET state = 'published', published_at = '2025-08-11 02:00:00' WHERE id = :id", id=scene.batch.id
    )
    scene.evidence = make.store(StoredFile(sha256="0" * 64, size=1, media_type="image/png", name="复核记录.png"))
    return scene
