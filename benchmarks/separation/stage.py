"""The stage: two bodies, two schools, two cohorts that share a learner, and seven people who may be anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from benchmarks.published import HELD
from lbcert.certificates.operations.keys import init_keys
from lbcert.certificates.operations.prefixes import enter_prefix
from lbcert.cohorts.models import Enrolment, PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.core.database import db
from lbcert.core.files import StoredFile
from lbcert.core.policy import set_policy
from lbcert.exams.models import CardGrade, CardScope, ExaminerCard
from lbcert.parties.models import FilingKind, Grant, OrganisationKind
from lbcert.teaching.models import Attendance, AttendanceMark, Mode, SchoolTest, Session, Venue
from lbcert.testing import factories as make

POLICIES: dict[str, int] = {
    "exams.pass_theory": 60, "exams.pass_practice": 60, "exams.min_examiners": 2, "exams.separation_months": 24,
    "exams.rotation_batches": 2, "exams.card_required": True,
}  # fmt: skip


#: From this one of the seven on, a card ends with the first day of exams.
LAST_CARDS = 5


@dataclass
class World:
    """Ids of who and what is on stage."""

    people: list[int]
    clerks: list[int]
    officer: int
    schools: list[int]
    organisations: list[int]
    bodies: list[int]
    cohorts: list[int]
    venue: int


def build() -> World:
    """Set the stage in the empty database of the running app."""
    with clock.at(datetime(2025, 1, 1, tzinfo=clock.SHANGHAI)):
        officer = make.account(Role.BUREAU_OFFICER, make.NATION)
        for key, value in POLICIES.items():
            set_policy(officer, make.KUNMING, key, value, date(2020, 1, 1), "本局设定")
        schools = [make.organisation(name=name) for name in ("甲校", "乙校")]
        bodies = [
            make.organisation(OrganisationKind.ASSESSMENT_BODY, make.KUNMING, name=name)
            for name in ("子中心", "丑中心")
        ]
        firm = make.organisation(OrganisationKind.EMPLOYER, name="投资公司")
        cohorts = [make.cohort(school) for school in schools]
        init_keys(Console())
        for number, body in enumerate(bodies):
            make.filing(body, cohorts[0].item.trade, FilingKind.ASSESS)
            enter_prefix(officer, body.id, f"S0000530001{number:02d}", "云人社函〔2025〕1号", date(2025, 1, 1))
        people = [make.account(Role.EXAMINER, bodies[0], make.person(f"人{number}")) for number in range(7)]
        for account in people:
            for body in bodies:
                for role in (Role.EXAMINER, Role.RESULT_OFFICER, Role.ISSUER):
                    if (role, body) != (Role.EXAMINER, bodies[0]):
                        make.store(Grant(account_id=account.id, role=role, organisation_id=body.id))
        trade = cohorts[0].item.trade_id
        paper = make.store(StoredFile(sha256="0" * 64, size=1, media_type="image/png", name="证卡.png"))
        for number, account in enumerate(people):  # the last two, for the first day alone
            card = {
                "body_id": bodies[0].id,
                "person_id": account.person_id,
                "number": f"KP{number}",
                "grade": CardGrade.EXAMINER,
            }
            held = {"valid_from": date(2025, 1, 1), "valid_to": HELD if number >= LAST_CARDS else date(2027, 1, 1)}
            scopes = [CardScope(trade_id=each) for each in dict.fromkeys((trade, cohorts[1].item.trade_id))]
            make.store(ExaminerCard(**card, **held, paper_id=paper.id, account_id=account.id, scopes=scopes))
        venue = make.store(Venue(name="教室", region_code=make.FUKANG))
        shared = make.person("共同学员")
        for place, cohort in enumerate(cohorts):
            make.store(*(PlannedTrainer(cohort_id=cohort.id, person_id=account.person_id) for account in people))
            for learner in (shared, make.person(f"学员{place}"), people[6].person if place else make.person("学员甲")):
                enrolment = make.enrolment(cohort, learner)
                make.store(SchoolTest(enrolment_id=enrolment.id, taken_on=HELD, theory=70, practice=70, passed=True))
            begins = datetime(2025, 7, 25, 9 + 5 * place, tzinfo=clock.SHANGHAI)
            held = make.store(
                Session(
                    cohort_id=cohort.id, module_id=cohort.plan[-1].module_id, starts_at=begins, ends_at=begins + timedelta(hours=3),
                    hours=4, mode=Mode.ON_SITE, venue_id=venue.id, trainer_id=people[place].person_id,
                )
            )  # fmt: skip
            attend(held)
        return World(
            [one.id for one in people],
            [make.account(Role.ASSESSMENT_CLERK, body).id for body in bodies],
            officer.id,
            [make.account(Role.PROVIDER_CLERK, school).id for school in schools],
            [one.id for one in (*schools, *bodies, firm)],
            [body.id for body in bodies],
            [cohort.id for cohort in cohorts],
            venue.id,
        )


def attend(session: Session) -> None:
    """Have all learners of a lesson's cohort be there."""
    learners = db.session.query(Enrolment.id).filter_by(cohort_id=session.cohort_id).all()
    make.store(*(
        Attendance(session_id=session.id, enrolment_id=learner, mark=AttendanceMark.PRESENT, how="roll_call")
        for (learner,) in learners
    ))  # fmt: skip
