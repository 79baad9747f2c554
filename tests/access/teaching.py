"""Sessions, attendance, the course table, the school's own test, venues."""

from datetime import date, datetime, timedelta

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Holder, Role
from lbcert.core.clock import SHANGHAI
from lbcert.parties.models import OrganisationKind
from lbcert.teaching.models import (
    Attendance,
    AttendanceMark,
    BindingSlip,
    Booking,
    LeaveRequest,
    Mode,
    Phone,
    RandomCall,
    Session,
    SolveRun,
    TrainerProfile,
    Venue,
)
from lbcert.teaching.operations.attendance import Presence, attach_signed_sheet
from lbcert.teaching.operations.course_table import stage_course_table
from lbcert.teaching.operations.resources import Terms
from lbcert.teaching.operations.school_test import TestMarks
from lbcert.teaching.operations.solving import Solution
from lbcert.teaching.queries.checkin import slip_index
from lbcert.teaching.queries.course_table import check_course_table
from lbcert.teaching.queries.solving import Asked
from lbcert.teaching.rules import Lesson
from lbcert.testing import factories
from tests.access.machinery import HERE, Row

BEGINS = datetime(2025, 7, 24, 20, tzinfo=SHANGHAI)


def trainer(stage):
    """Give the account of the one who teaches the session."""

    def make():
        made = factories.account(Role.TRAINER, stage.at(OrganisationKind.PROVIDER))
        factories.store(PlannedTrainer(cohort_id=stage.cohort.id, person_id=made.person_id))
        return made

    return stage.once("session's trainer", make)


def room(stage):
    school = stage.at(OrganisationKind.PROVIDER)
    return stage.once(
        "room", lambda: factories.store(Venue(name="一号教室", region_code=HERE, organisation_id=school.id))
    )


def lesson(stage, hour=20):
    begins = BEGINS.replace(hour=hour)
    module, who = stage.cohort.plan[0].module_id, trainer(stage).person_id
    return Lesson(module, begins, begins + timedelta(hours=1), 1, Mode.ON_SITE, who, room(stage).id)


def held(stage):
    """Give the session, over since long, and the learner in it."""
    made = stage.once("session", lambda: factories.store(Session(cohort_id=stage.cohort.id, **vars(lesson(stage)))))
    return {"session_id": made.id}


def mark(stage):
    def make():
        return factories.store(
            Attendance(**held(stage), enrolment_id=stage.enrolment.id, mark=AttendanceMark.ABSENT, how="sheet")
        )

    return {"attendance_id": stage.once("mark", make).id}


def leave(stage):
    def make():
        return factories.store(LeaveRequest(**held(stage), enrolment_id=stage.enrolment.id, reason="有事"))

    return {"request_id": stage.once("leave", make).id}


def table(stage):
    clerk = stage.account(Role.PROVIDER_CLERK)
    return {"staged_id": stage.once("table", lambda: stage_course_table(clerk, **checked(stage))).id}


def checked(stage):
    text = "上课日期,上课内容,课时,开始时间,结束时间,上课地点,培训教师\n2025-07-25,安全用电,1,20:00,21:00,线上,某人\n"
    return group(stage) | {"checked": check_course_table(stage.cohort.id, text.encode(), "课程表.csv")}


def venue(stage):
    return {"venue_id": room(stage).id}


def group(stage):
    return {"cohort_id": stage.cohort.id}


def learner(stage):
    return {"cohort_id": stage.cohort.id, "enrolment_id": stage.enrolment.id}


def presence(stage):
    return held(stage) | {"presence": {stage.enrolment.id: Presence(AttendanceMark.PRESENT)}}


def slip(stage):
    """Give a slip for the learner, as it is sent by whoever holds it."""

    def make():
        return factories.store(
            BindingSlip(
                enrolment_id=stage.enrolment.id, code="12345678", code_index=slip_index("12345678"),
                ends_at=clock.now() + timedelta(days=1),
            )
        )  # fmt: skip

    return stage.once("slip", make)


def phone(stage):
    """Give the learner's phone."""
    made = slip(stage)

    def make():
        return factories.store(Phone(person_id=stage.enrolment.person_id, slip_id=made.id, device="x"))

    return {"phone_id": stage.once("phone", make).id}


def sheet(stage):
    def make():
        return attach_signed_sheet(stage.account(Role.PROVIDER_CLERK), **held(stage), data=b"%PDF-", file_name="x.pdf")

    held(stage)
    return held(stage) | {"paper_id": stage.once("sheet", make).id}


def call(stage):
    """Give a random call of the learner."""
    of = {**held(stage), "enrolment_id": stage.enrolment.id, "account_id": trainer(stage).id}
    return {"call_id": stage.once("call", lambda: factories.store(RandomCall(**of))).id}


def himself(stage):
    phone(stage)
    person_id = stage.enrolment.person_id
    return {"whose phone it is": (Holder(person_id), True), "another": (Holder(person_id + 1), False)}


def its_trainer(stage):
    """Its own trainer may too."""
    held(stage)
    return {"the session's trainer": (trainer(stage), True)}


def not_its_trainer(stage):
    """Its own trainer may not: that is the school's to decide."""
    held(stage)
    return {"the session's trainer": (trainer(stage), False)}


def profile(stage):
    """Give a trainer of the school."""
    school = stage.at(OrganisationKind.PROVIDER)
    who = trainer(stage).person_id
    made = stage.once("profile", lambda: factories.store(TrainerProfile(organisation_id=school.id, person_id=who)))
    return {"profile_id": made.id}


def booking(stage):
    def make():
        times = {"starts_at": BEGINS, "ends_at": BEGINS + timedelta(hours=1), "reason": "请假"}
        return factories.store(Booking(**profile(stage), **times))

    return {"booking_id": stage.once("booking", make).id}


def taken(make):
    """Give what is booked, by ``make``, with when and why."""
    return lambda stage: make(stage) | {"starts_at": BEGINS, "ends_at": BEGINS + timedelta(hours=1), "reason": "检修"}


def own_school(stage):
    return {"organisation_id": stage.at(OrganisationKind.PROVIDER).id}


def solving(stage):
    """Give a search for the cohort's timetable."""
    return {"run_id": stage.once("run", lambda: factories.store(SolveRun(**group(stage), seconds=1))).id}


def mentor(stage, name="mentor"):
    """Give the account of an employer's mentor."""

    def make():
        firm = stage.at(OrganisationKind.EMPLOYER)
        made = factories.account(Role.TRAINER, firm)
        factories.store(TrainerProfile(organisation_id=firm.id, person_id=made.person_id))
        return made

    return stage.once(name, make)


def colleague(stage):
    """Give the account of another mentor of that employer."""
    return mentor(stage, "colleague")


def workshop(stage):
    """Give the employer's workshop."""
    firm = stage.at(OrganisationKind.EMPLOYER)
    return stage.once(
        "workshop", lambda: factories.store(Venue(name="车间", region_code=HERE, organisation_id=firm.id))
    )


def at_work(stage):
    """Give a session, over since long, that a mentor held in the employer's workshop."""
    held_there = {"mode": Mode.WORKPLACE, "venue_id": workshop(stage).id, "trainer_id": mentor(stage).person_id}
    values = vars(lesson(stage, hour=16)) | held_there
    made = stage.once("work", lambda: factories.store(Session(cohort_id=stage.cohort.id, **values)))
    return {"session_id": made.id}


def signing(stage):
    return at_work(stage) | {"mentor_id": mentor(stage).person_id}


def its_mentor(stage):
    """Who held the session at work may sign it himself, and no other mentor in his stead."""
    at_work(stage)
    return {"the mentor who held it": (mentor(stage), True), "another mentor": (colleague(stage), False)}


def any_mentor(stage):
    """Each mentor of an employer may."""
    return {"a mentor": (mentor(stage), True), "another mentor": (colleague(stage), True)}


def schools_at_work(stage):
    """Give a session, over since long, that the school's trainer held in the employer's workshop."""
    values = vars(lesson(stage, hour=12)) | {"mode": Mode.WORKPLACE, "venue_id": workshop(stage).id}
    made = stage.once("taught at work", lambda: factories.store(Session(cohort_id=stage.cohort.id, **values)))
    return {"session_id": made.id}


def mentors_beside(stage):
    """Each mentor of the workshop's employer may sign what a school's trainer held there; he himself may not."""
    schools_at_work(stage)
    return any_mentor(stage) | not_its_trainer(stage)


CLERK = "provider_clerk"
READERS = "bureau_officer service_centre auditor provider_clerk"
LOOK = "bureau_officer* service_centre* auditor* provider_clerk*"

OPERATIONS = {
    "teaching.add_venue": Row(
        CLERK,
        lambda stage: {
            "organisation_id": stage.at(OrganisationKind.PROVIDER).id, "name": "二号教室", "region_code": HERE,
        },
    ),
    "teaching.describe_venue": Row(CLERK, lambda stage: venue(stage) | {"name": "一号教室", "capacity": 30}),
    "teaching.add_trainer": Row(
        CLERK, lambda stage: own_school(stage) | {"person_id": stage.person.id}
    ),
    "teaching.describe_trainer": Row(CLERK, lambda stage: profile(stage) | {"terms": Terms(hours_a_week=20)}),
    "teaching.drop_trainer": Row(CLERK, profile),
    "teaching.book_venue": Row(CLERK, taken(venue)),
    "teaching.book_trainer": Row(CLERK, taken(profile)),
    "teaching.unbook": Row(CLERK, booking),
    "teaching.set_travel": Row(
        CLERK, lambda stage: own_school(stage) | {"one_code": HERE, "other_code": factories.FUKANG, "hours": 20}
    ),
    "teaching.sign_hours": Row("employer", signing, also=its_mentor),
    "teaching.start_solving": Row(
        CLERK, lambda stage: group(stage) | {"asked": Asked(BEGINS.date()), "seconds": 1}, also=not_its_trainer
    ),
    "teaching.stop_solving": Row(CLERK, solving),
    "teaching.note_solving": Row("console", lambda stage: solving(stage) | {"placed": 1, "cost": 1}),
    "teaching.keep_solution": Row(
        CLERK,
        lambda stage: {"payload": solving(stage) | group(stage), "solution": Solution({}, [])},
    ),
    "teaching.add_session": Row(
        CLERK, lambda stage: group(stage) | {"lesson": lesson(stage, 8)}, also=not_its_trainer
    ),
    "teaching.move_session": Row(CLERK, lambda stage: held(stage) | {"lesson": lesson(stage, 9)}, also=not_its_trainer),
    "teaching.cancel_session": Row(CLERK, lambda stage: held(stage) | {"reason": "停电"}, also=not_its_trainer),
    "teaching.choose_pattern": Row(CLERK, lambda stage: group(stage) | {"names": ["night"]}, also=not_its_trainer),
    "teaching.keep_day": Row(CLERK, held, also=not_its_trainer),
    "teaching.stage_course_table": Row(CLERK, checked, also=not_its_trainer),
    "teaching.import_course_table": Row(CLERK, table, also=not_its_trainer),
    "teaching.discard_course_table": Row(CLERK, table, also=not_its_trainer),
    "teaching.record_attendance": Row(CLERK, presence, also=its_trainer),
    "teaching.correct_attendance": Row(
        CLERK,
        lambda stage: mark(stage) | {"presence": Presence(AttendanceMark.PRESENT), "reason": "看错了"},
        also=its_trainer,
    ),
    "teaching.request_leave": Row(
        CLERK, lambda stage: held(stage) | {"enrolment_id": stage.enrolment.id, "reason": "有事"}, also=its_trainer
    ),
    "teaching.decide_leave": Row(CLERK, lambda stage: leave(stage) | {"granted": True}, also=not_its_trainer),
    "teaching.log_lesson": Row(
        CLERK, lambda stage: held(stage) | {"content": "安全用电", "head_count": 1}, also=its_trainer
    ),
    "teaching.open_check_in": Row(CLERK, held, also=its_trainer),
    "teaching.confirm_head_count": Row(CLERK, lambda stage: held(stage) | {"counted": 1}, also=its_trainer),
    "teaching.check_in": Row("", lambda stage: phone(stage) | {"token": "x", "scanned_at": BEGINS}, also=himself),
    "teaching.check_in_by_code": Row("", lambda stage: phone(stage) | held(stage) | {"code": "1"}, also=himself),
    "teaching.attach_signed_sheet": Row(
        CLERK, lambda stage: held(stage) | {"data": b"%PDF-", "file_name": "x.pdf"}, also=its_trainer
    ),
    "teaching.call_at_random": Row(CLERK, lambda stage: held(stage) | {"count": 1}, also=its_trainer),
    "teaching.record_answer": Row(CLERK, lambda stage: call(stage) | {"answered": True}, also=its_trainer),
    "teaching.make_slips": Row(
        CLERK, lambda stage: group(stage) | {"enrolment_ids": [stage.enrolment.id]}, also=not_its_trainer
    ),
    "teaching.bind_phone": Row(
        "public", lambda stage: {"code": slip(stage).code, "last_four": "1", "secret": "x"}
    ),
    "teaching.withdraw_phone": Row(CLERK, lambda stage: phone(stage) | {"reason": "丢了"}, also=not_its_trainer),
    "teaching.set_test_items": Row(CLERK, lambda stage: group(stage) | {"names": ["接线"]}, also=not_its_trainer),
    "teaching.tick_items": Row(CLERK, lambda stage: learner(stage) | {"able": {}}, also=its_trainer),
    "teaching.record_school_test": Row(
        CLERK,
        lambda stage: group(stage) | {"taken_on": date(2025, 8, 7), "marks": {stage.enrolment.id: TestMarks(60, 60)}},
        also=not_its_trainer,
    ),
}  # fmt: skip
ROUTES = {
    "GET /teaching/cohorts/<int:cohort_id>/solving": Row(CLERK, group, also=not_its_trainer),
    "POST /teaching/cohorts/<int:cohort_id>/solving": Row(CLERK, group, also=not_its_trainer),
    "GET /teaching/solving/<int:run_id>": Row(CLERK, solving),
    "POST /teaching/solving/<int:run_id>/stop": Row(CLERK, solving),
    "GET /teaching/": Row(f"{LOOK} trainer*"),
    "GET /teaching/cohorts/<int:cohort_id>": Row(READERS, group, also=its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/sessions/new": Row(CLERK, group, also=not_its_trainer),
    "POST /teaching/cohorts/<int:cohort_id>/sessions/new": Row(CLERK, group, also=not_its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/pattern": Row(READERS, group, also=its_trainer),
    "POST /teaching/cohorts/<int:cohort_id>/pattern": Row(CLERK, group, also=not_its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/course-table": Row(CLERK, group, also=not_its_trainer),
    "POST /teaching/cohorts/<int:cohort_id>/course-table": Row(CLERK, group, also=not_its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/course-table.xlsx": Row(READERS, group, also=its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/attendance": Row(READERS, group, also=its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/attendance.xlsx": Row(READERS, group, also=its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/attendance.pdf": Row(READERS, group, also=its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/test": Row(READERS, group, also=its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/test/items": Row(CLERK, group, also=not_its_trainer),
    "POST /teaching/cohorts/<int:cohort_id>/test/items": Row(CLERK, group, also=not_its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/test/marks": Row(CLERK, group, also=not_its_trainer),
    "POST /teaching/cohorts/<int:cohort_id>/test/marks": Row(CLERK, group, also=not_its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/test/learners/<int:enrolment_id>": Row(CLERK, learner, also=its_trainer),
    "POST /teaching/cohorts/<int:cohort_id>/test/learners/<int:enrolment_id>": Row(CLERK, learner, also=its_trainer),
    "GET /teaching/course-table-form": Row("provider_clerk*"),
    "GET /teaching/course-tables/<int:staged_id>": Row(READERS, table),
    "GET /teaching/course-tables/<int:staged_id>/marked": Row(READERS, table),
    "POST /teaching/course-tables/<int:staged_id>/import": Row(CLERK, table),
    "POST /teaching/course-tables/<int:staged_id>/discard": Row(CLERK, table),
    "GET /teaching/sessions/<int:session_id>": Row(READERS, held, also=its_trainer),
    "GET /teaching/sessions/<int:session_id>/move": Row(CLERK, held, also=not_its_trainer),
    "POST /teaching/sessions/<int:session_id>/move": Row(CLERK, held, also=not_its_trainer),
    "POST /teaching/sessions/<int:session_id>/cancel": Row(CLERK, held, also=not_its_trainer),
    "POST /teaching/sessions/<int:session_id>/keep-day": Row(CLERK, held, also=not_its_trainer),
    "GET /teaching/sessions/<int:session_id>/roll-call": Row(CLERK, held, also=its_trainer),
    "POST /teaching/sessions/<int:session_id>/roll-call": Row(CLERK, held, also=its_trainer),
    "GET /teaching/sessions/<int:session_id>/log": Row(CLERK, held, also=its_trainer),
    "POST /teaching/sessions/<int:session_id>/log": Row(CLERK, held, also=its_trainer),
    "GET /teaching/sessions/<int:session_id>/leave": Row(CLERK, held, also=its_trainer),
    "POST /teaching/sessions/<int:session_id>/leave": Row(CLERK, held, also=its_trainer),
    "GET /teaching/sessions/<int:session_id>/signing-sheet.pdf": Row(READERS, held, also=its_trainer),
    "GET /teaching/sessions/<int:session_id>/check-in": Row(CLERK, held, also=its_trainer),
    "POST /teaching/sessions/<int:session_id>/check-in": Row(CLERK, held, also=its_trainer),
    "POST /teaching/sessions/<int:session_id>/head-count": Row(CLERK, held, also=its_trainer),
    "POST /teaching/sessions/<int:session_id>/present": Row(CLERK, held, also=its_trainer),
    "POST /teaching/sessions/<int:session_id>/calls": Row(CLERK, held, also=its_trainer),
    "POST /teaching/calls/<int:call_id>/answer": Row(CLERK, call, also=its_trainer),
    "GET /teaching/sessions/<int:session_id>/signed-sheet": Row(CLERK, held, also=its_trainer),
    "POST /teaching/sessions/<int:session_id>/signed-sheet": Row(CLERK, held, also=its_trainer),
    "GET /teaching/sessions/<int:session_id>/signed-sheets/<int:paper_id>": Row(READERS, sheet, also=its_trainer),
    "POST /k/code": Row("public"),
    "GET /teaching/cohorts/<int:cohort_id>/signs": Row(
        "bureau_officer service_centre auditor", group, also=not_its_trainer
    ),
    "GET /teaching/cohorts/<int:cohort_id>/phones": Row(CLERK, group, also=not_its_trainer),
    "POST /teaching/cohorts/<int:cohort_id>/slips": Row(CLERK, group, also=not_its_trainer),
    "GET /teaching/cohorts/<int:cohort_id>/slips.pdf": Row(CLERK, group, also=not_its_trainer),
    "POST /teaching/phones/<int:phone_id>/withdraw": Row(CLERK, phone),
    "GET /<any(K, k):case>/<token>": Row("public", lambda stage: {"case": "K", "token": "X"}),
    "GET /k/": Row("public"),
    "POST /k/bind": Row("public"),
    "POST /k/notifications": Row("public"),
    "GET /teaching/messages": Row("provider_clerk*"),
    "GET /teaching/marks/<int:attendance_id>/correct": Row(CLERK, mark, also=its_trainer),
    "POST /teaching/marks/<int:attendance_id>/correct": Row(CLERK, mark, also=its_trainer),
    "POST /teaching/leave/<int:request_id>/decide": Row(CLERK, leave),
    "GET /teaching/venues": Row(f"{LOOK} employer*"),
    "GET /teaching/venues/new": Row("provider_clerk* employer*"),
    "POST /teaching/venues/new": Row("provider_clerk* employer*"),
    "POST /teaching/venues/<int:venue_id>/bookings": Row(CLERK, venue),
    "GET /teaching/trainers": Row(f"{LOOK} employer*"),
    "GET /teaching/trainers/new": Row("provider_clerk* employer*"),
    "POST /teaching/trainers/new": Row("provider_clerk* employer*"),
    "GET /teaching/trainers/<int:profile_id>": Row(CLERK, profile),
    "POST /teaching/trainers/<int:profile_id>": Row(CLERK, profile),
    "POST /teaching/trainers/<int:profile_id>/bookings": Row(CLERK, profile),
    "POST /teaching/trainers/<int:profile_id>/drop": Row(CLERK, profile),
    "POST /teaching/bookings/<int:booking_id>/free": Row(CLERK, booking),
    "GET /teaching/travel": Row("provider_clerk*"),
    "POST /teaching/travel": Row("provider_clerk*"),
    "GET /teaching/workshops": Row("employer*", also=any_mentor),
    "POST /teaching/sessions/<int:session_id>/sign": Row("employer", schools_at_work, also=mentors_beside),
    "POST /teaching/sessions/<int:session_id>/sign-own": Row("", at_work, also=its_mentor),
    "GET /teaching/venues/<int:venue_id>": Row(CLERK, venue),
    "POST /teaching/venues/<int:venue_id>": Row(CLERK, venue),
}
