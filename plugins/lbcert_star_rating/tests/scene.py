"""A brand with stars switched on, people of it with real certificates, and those who decide."""

from __future__ import annotations

from datetime import date, datetime

from lbcert.brands.models import BrandPlugin
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.parties.models import OrganisationKind
from lbcert.placement.models import Channel, EmploymentRecord
from lbcert.teaching.models import Attendance, AttendanceMark
from lbcert.testing.factories import FUKANG, LUQUAN, account, organisation, store
from lbcert_star_rating import operations
from lbcert_star_rating.models import Evidence
from lbcert_star_rating.operations import SchemeData
from tests.certificates.scene import issued, run

#: The day on which all begins.
THE_DAY = datetime(2025, 12, 1, 12, tzinfo=SHANGHAI)
#: After the public notice, which runs to 8 December.
AFTER_NOTICE = datetime(2025, 12, 9, 12, tzinfo=SHANGHAI)


def data(body, **changed):
    """Give a scheme of three criteria, three to five stars, three reviewers."""
    usual = {
        "name": "禄劝电工星级认证",
        "organisation_id": body.id,
        "criteria": [
            ("出勤", 20, Evidence.ATTENDANCE),
            ("认定成绩", 30, Evidence.MARKS),
            ("服务质量", 50, Evidence.REVIEWERS),
        ],
        "thresholds": [(3, 60), (4, 80), (5, 90)],
        "vetoes": ["服务对象投诉属实", "弄虚作假"],
        "at_work_points": 60,
        "reviewers": 3,
        "notice_days": 5,
        "validity_months": 24,
        "source": "禄劝县劳务品牌领导小组办公室〔2025〕1号",
    }
    return SchemeData(**{**usual, **changed})


def certified():
    """Give a brand with stars: 张三 (80 and 90) and 王五 (60 and 60) hold certificates, 李四 failed; all completed."""
    scene = issued()
    run("UPDATE enrolments SET state = 'completed'")
    (session,) = run("SELECT id FROM sessions")
    for learner in scene.learners:
        store(
            Attendance(
                session_id=session.id, enrolment_id=learner.id, mark=AttendanceMark.PRESENT, how="roll_call",
            )
        )  # fmt: skip
    store(BrandPlugin(brand_id=scene.cohort.brand_id, plugin="star_rating"))
    db.session.expire_all()
    scene.brand, scene.learner = scene.cohort.brand, scene.learners[0]
    scene.association = organisation(OrganisationKind.ASSOCIATION, LUQUAN, name="禄劝电工协会")
    scene.officer = account(Role.BUREAU_OFFICER, scene.brand.region_code)
    scene.reviewers = [account(Role.REVIEWER, scene.brand.region_code) for _ in range(3)]
    scene.awarder = account(Role.ISSUER, scene.association)
    scene.scheme = operations.set_scheme(scene.officer, scene.brand.id, data(scene.association))
    return scene


def at_work(learner, employer, **values):
    """Put a learner in a job since September."""
    usual = {
        "person_id": learner.person_id, "enrolment_id": learner.id, "employer_id": employer.id, "place_region_code": FUKANG,
        "post": "电工", "started_on": date(2025, 9, 1), "wage_fen": 500000, "has_contract": True, "channel": Channel.OWN,
    }  # fmt: skip
    return store(EmploymentRecord(**{**usual, **values}))


def nominated(scene, learner=None):
    """Nominate 张三, or another."""
    return operations.nominate(scene.officer, scene.scheme.id, (learner or scene.learner).id)


def reviewed(scene, points=(90, 80, 85), vetoes=((), (), ()), learner=None):
    """Have all three review: 张三 reaches 20 + 25.5 + 42.5 = 88, four stars."""
    nomination = nominated(scene, learner)
    for reviewer, given, found in zip(scene.reviewers, points, vetoes, strict=True):
        operations.review(reviewer, nomination.id, {"服务质量": given}, found)
    return nomination


def noticed(scene, **values):
    """Begin the notice."""
    nomination = reviewed(scene, **values)
    operations.begin_notice(scene.officer, scene.scheme.id)
    return nomination


def awarded(scene, **values):
    """Award after the notice."""
    nomination = noticed(scene, **values)
    with clock.at(AFTER_NOTICE):
        return operations.award(scene.awarder, nomination.id)
