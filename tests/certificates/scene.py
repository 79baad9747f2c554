"""People who passed, and those who may issue to them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from lbcert.certificates.operations.grounds import issue_completions, issue_skill_certificates
from lbcert.certificates.operations.keys import init_keys
from lbcert.certificates.operations.prefixes import enter_prefix
from lbcert.core import clock, jobs
from lbcert.core.access import Console, Role
from lbcert.core.database import db
from lbcert.teaching.models import SchoolTest
from lbcert.testing import factories as make
from lbcert.testing.scenes import played_once
from tests.exams import scene as stage

#: Noon of 20 August 2025 in China, when certificates of the scene are issued.
THE_DAY = datetime(2025, 8, 20, 4, tzinfo=UTC)
PREFIX = "S000053000123"


def run(statement, **values):
    """Run one statement in a transaction of its own."""
    return stage.run(statement, **values)


@played_once
def published(names=("张三", "李四", "王五"), **values):
    """Give a published batch in which the first and the third of three passed, a key, a prefix and both issuers."""
    scene = stage.published(**values)
    for learner, name in zip(scene.learners, names, strict=True):
        run("UPDATE persons SET name = :name WHERE id = :id", name=name, id=learner.person_id)
    db.session.expire_all()
    scene.issuer = make.account(Role.ISSUER, scene.body)
    scene.school_issuer = make.account(Role.ISSUER, scene.provider)
    scene.officer = make.account(Role.BUREAU_OFFICER, make.KUNMING)
    with clock.at(datetime(2025, 1, 1, tzinfo=UTC)):
        init_keys(Console())
    scene.prefix = enter_prefix(scene.officer, scene.body.id, PREFIX, "云人社函〔2025〕1号", date(2025, 1, 1))
    return scene


@played_once
def after_school_test(names=("张三", "李四", "王五")):
    """Give the same with the school's own test: all but the second passed."""
    scene = published(names)
    scene.tests = [
        make.store(
            SchoolTest(enrolment_id=learner.id, taken_on=date(2025, 8, 7), theory=80, practice=85, passed=index != 1)
        )
        for index, learner in enumerate(scene.learners)
    ]
    return scene


@played_once
def issued(scene=None):
    """Issue the skill certificates of a published batch on the scene's day."""
    scene = scene or published()
    with clock.at(THE_DAY):
        scene.issued = issue_skill_certificates(scene.issuer, scene.batch.id)
    scene.certificates = scene.issued.certificates
    return scene


@played_once
def completed(scene=None):
    """Issue the completion certificates of a tested cohort on the scene's day."""
    scene = scene or after_school_test()
    with clock.at(THE_DAY):
        scene.issued = issue_completions(scene.school_issuer, scene.cohort.id)
    scene.certificates = scene.issued.certificates
    return scene


@played_once
def printed(scene=None):
    """Have a worker render what was issued."""
    scene = scene or issued()
    jobs.run(scene.issued.job.id)
    db.session.expire_all()
    return scene
