"""The demo holds what the five places did, made by the same operations and sheets."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from chinese_calendar import is_workday
from sqlalchemy import func, select

from lbcert.brands.models import Brand, ModuleKind
from lbcert.certificates.models import Certificate, Status
from lbcert.certificates.root import open_root
from lbcert.certificates.token import base36, reader, trust_list
from lbcert.certificates.token.keys import Trust
from lbcert.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentState
from lbcert.cohorts.sheets import KIND
from lbcert.core import audit, clock
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.identity.id_number import IdNumber, parse_id_number
from lbcert.core.staging import StagedSheet
from lbcert.demand.models import Order, TargetedSeat, TargetState
from lbcert.demo.cast import PASSWORD
from lbcert.demo.certificates import PASSPHRASE, ROOT
from lbcert.demo.people import DOTTED, RARE
from lbcert.demo.rubrics import RUBRICS, shared_out
from lbcert.exams import rubrics, scoring
from lbcert.exams.models import (
    AnswerSheet,
    Appeal,
    AppealKind,
    Batch,
    BatchState,
    CarriedPart,
    ChangeState,
    IdentityCheck,
    Incident,
    IncidentKind,
    Mark,
    Outcome,
    Part,
    Result,
    Seen,
    TheoryScore,
)
from lbcert.exams.queries.incidents import checks_of
from lbcert.exams.queries.regulations import way_of_examining
from lbcert.exams.queries.rooms import draws_of, is_as_drawn, sittings_of
from lbcert.exams.queries.rosters import roster_changes
from lbcert.exams.theory.queries.scores import items_of
from lbcert.oversight.models import Notice
from lbcert.parties.models import Account, Grant, Person
from lbcert.placement.models import EmploymentRecord, InServiceOutcome
from lbcert.reports.queries import Progress, progress_of, sum_of
from lbcert.teaching.models import CoverRequest, Mode, TimetableVersion, Way
from lbcert.teaching.queries import due_in, marks_of, sessions_of
from lbcert.teaching.queries.covers import is_open
from lbcert.teaching.queries.lists import sessions_on
from lbcert.teaching.queries.signs import signs_of
from lbcert.teaching.queries.versions import frozen, versions_of
from lbcert.teaching.signs import SignKind
from lbcert.teaching.versions import compare
from lbcert.testing.fixtures import browser_of


def count(query):
    return db.session.scalar(select(func.count()).select_from(query.subquery()))


def luquan():
    return select(Cohort.id).where(Cohort.home_region_code == "530128")


def test_149_people_of_luquan_learn_and_130_are_certified(demo):
    learners = select(Enrolment.id).where(
        Enrolment.cohort_id.in_(luquan()), Enrolment.state == EnrolmentState.COMPLETED
    )
    assert count(learners) == 149
    sizes = select(func.count()).where(Enrolment.cohort_id.in_(luquan())).group_by(Enrolment.cohort_id)
    assert sorted(db.session.scalars(sizes)) == [69, 80]
    certificates = select(Certificate.id).where(Certificate.cohort_id.in_(luquan()))
    assert count(certificates.where(Certificate.type == "completion")) == 149
    assert count(certificates.where(Certificate.type == "skill_level")) == 130
    skill = select(func.count()).where(Certificate.cohort_id.in_(luquan()), Certificate.type == "skill_level")
    assert sorted(db.session.scalars(skill.group_by(Certificate.cohort_id))) == [58, 72]
    results = select(Result.id).join(Batch, Batch.id == Result.batch_id).where(Batch.cohort_id.in_(luquan()))
    assert count(results.where(Result.outcome == Outcome.ABSENT)) == 3
    practice = (
        select(Mark.id)
        .join(Batch, Batch.id == Mark.batch_id)
        .where(Batch.cohort_id.in_(luquan()), Mark.part == Part.PRACTICE, Mark.transcription_id.is_not(None))
    )
    seats = [count(practice.where(Mark.seat == seat)) for seat in (1, 2, 3)]
    assert seats == [149, 149, 2], "two examiners mark everybody alone, and a third decides once a batch"
    assert count(practice.where(Mark.by_item.is_(None), Mark.absence.is_(None))) == 0, "each by the items of a rubric"
    assert count(select(InServiceOutcome.id)) == 149
    placed = select(EmploymentRecord.id).join(Enrolment).where(Enrolment.cohort_id.in_(luquan()))
    assert count(placed) == 0  # at work already: no new placements


def test_the_149_learn_after_work_and_at_weekends_or_in_the_field_by_day(demo):
    electricians, plants = db.session.scalars(luquan().order_by(Cohort.id))
    assert all(len(versions_of(cohort_id)) == 1 for cohort_id in (electricians, plants))
    begins = {clock.local(row.starts_at): row.hours for row in sessions_of(electricians)}
    days = {begun.date(): is_workday(begun.date()) for begun in begins}
    assert (sum(begins.values()), Counter(days.values())) == (72, {True: 11, False: 4})
    assert {begun.hour for begun in begins if is_workday(begun.date())} <= {20, 21, 22}
    ways = {(row.module.kind, row.mode, clock.local(row.starts_at).hour) for row in sessions_of(plants)}
    assert ways == {(ModuleKind.THEORY, Mode.ONLINE, 20), (ModuleKind.PRACTICE, Mode.FIELD, 10)}


@pytest.mark.parametrize("items", RUBRICS.values(), ids=RUBRICS)
def test_points_fall_to_the_items_of_its_rubrics_so_that_they_come_to_them(items):
    assert rubrics.whole(items) == []
    assert [scoring.total(items, shared_out(items, points)) for points in range(101)] == list(range(101))


def test_one_cohort_of_luquan_is_examined_by_a_body_that_travels_and_one_by_a_body_of_the_host(demo):
    batches = list(db.session.scalars(select(Batch).where(Batch.cohort_id.in_(luquan())).order_by(Batch.id)))
    assert [(batch.body.region_code, str(way_of_examining(batch))) for batch in batches] == [
        ("530100", "跨省：评价机构从昆明市赴阜康市考评"),
        ("652300", "跨省：由考点所在地（昌吉回族自治州）的评价机构考评"),
    ]
    for batch in batches:
        seats = [seat for sitting in sittings_of(batch.id) for seat in sitting.seats]
        assert len(seats) == 2 * len(batch.candidates)
        assert all(len(sitting.duties) == 2 for sitting in sittings_of(batch.id))
        assert all(is_as_drawn(draw) for draw in draws_of(batch.id))
        assert [change.state for change in roster_changes(batch.id)] == [ChangeState.DECLINED]


def test_a_doubt_and_a_disturbance_of_the_exam_that_travels_are_shown_to_its_supervisor(demo):
    doubt, disturbance = db.session.scalars(select(Incident).order_by(Incident.happened_at))
    assert (doubt.kind, disturbance.kind) == (IncidentKind.IDENTITY, IncidentKind.DISTURBANCE)
    looks = select(IdentityCheck.seen).where(IdentityCheck.candidate_id == doubt.candidate_id)
    assert list(db.session.scalars(looks.order_by(IdentityCheck.id))) == [Seen.DOUBT, Seen.MATCH]
    absent = select(Result.id).where(Result.batch_id == doubt.batch_id, Result.outcome == Outcome.ABSENT)
    assert len(checks_of(doubt.batch_id)) + count(absent) == len(doubt.batch.candidates)
    supervisor = db.session.scalar(select(Account).where(Account.user_name == "yunnan-supervisor"))
    page = browser_of(demo, supervisor).get(f"/exams/{doubt.batch_id}/duty").text
    assert doubt.what in page
    assert disturbance.done in page


def test_the_order_of_fukang_counts_what_came_of_it(demo):
    order = db.session.scalar(select(Order).where(Order.home_region_code == "530128"))
    progress = sum_of(order, progress_of([line.id for line in order.lines]))
    assert progress == Progress(
        wanted=150, enrolled=149, opened=149, completed=149, certified=130 - 2, arrived=0, promoted=149
    )  # one of the 130 certificates is revoked, and one suspended


def test_one_certificate_is_revoked_and_one_suspended_each_with_its_reason(demo):
    for status in (Status.REVOKED, Status.SUSPENDED):
        (certificate,) = db.session.scalars(select(Certificate).where(Certificate.status == status))
        assert "演示" in certificate.history[-1].detail


def test_people_have_right_check_digits_fictional_numbers_and_rare_names(demo):
    people = list(db.session.scalars(select(Person)))
    assert len(people) > 400
    assert {*RARE, *DOTTED} <= {person.name for person in people}
    for person in people:
        assert isinstance(parse_id_number(person.id_number, clock.today()), IdNumber), person.id_number
        assert person.id_number[14:16] == "99"


def test_everybody_came_by_a_roster_sheet_all_of_whose_rows_were_good(demo):
    rosters = list(db.session.scalars(select(StagedSheet).where(StagedSheet.kind == KIND)))
    assert len(rosters) == count(select(Cohort.id))
    assert all(roster.good == roster.total and roster.imported_at for roster in rosters)
    assert sum(roster.total for roster in rosters) == count(select(Enrolment.id))


def test_each_place_waits_for_another_step(demo):
    states = {
        (row.home_region_code[:4], row.state)
        for row in db.session.execute(select(Cohort.home_region_code, Cohort.state))
    }
    assert states == {
        ("5301", CohortState.CLOSED),
        ("5307", CohortState.TAUGHT),
        ("5307", CohortState.RUNNING),
        ("1505", CohortState.TAUGHT),
        ("1505", CohortState.APPROVED),
        ("5226", CohortState.TAUGHT),
        ("5226", CohortState.FILED),
        ("5306", CohortState.TAUGHT),
    }
    assert {batch.state for batch in db.session.scalars(select(Batch))} == {
        BatchState.MARKING,
        BatchState.DECIDED,
        BatchState.PUBLISHED,
    }


def test_the_demo_has_a_notice_a_review_and_a_resit_of_the_failed_part(demo):
    notices = list(db.session.scalars(select(Notice)))
    assert {notice.days for notice in notices} == {5}
    pages = [demo.test_client().get(f"/notices/{notice.id}").status_code for notice in notices]
    assert pages == [*[410] * (len(pages) - 1), 200]  # the resit's hangs today
    (review,) = db.session.scalars(select(Appeal))
    assert (review.kind, review.upheld) == (AppealKind.REVIEW, False)
    carried = list(db.session.scalars(select(CarriedPart)))
    assert len(carried) == 2
    again = db.session.scalars(select(Result).where(Result.batch_id == carried[0].batch_id)).all()
    assert {one.outcome for one in again} == {Outcome.PASSED}


def test_the_demo_has_an_exam_whose_theory_was_sat_by_computer(demo):
    (batch,) = db.session.scalars(select(Batch).where(Batch.id.in_(select(AnswerSheet.batch_id))))
    assert batch.state is BatchState.PUBLISHED
    items = items_of(batch)
    assert len(items) == 20, "two forms of ten share none"
    assert len({item.analysis.difficulty for item in items}) > 3
    scored = select(TheoryScore.points).where(TheoryScore.batch_id == batch.id)
    assert max(points for points in db.session.scalars(scored) if points is not None) == 90


def test_the_three_stage_cohort_is_in_the_middle_of_its_life(demo):
    cohort = db.session.scalar(select(Cohort).where(Cohort.three_stage))
    assert cohort.fee_fen == 0
    assert sum(allotment.seats for allotment in cohort.allotments) == len(cohort.enrolments) == 32
    assert cohort.menu_frozen_at is not None
    assert count(select(TargetedSeat.id).where(TargetedSeat.state == TargetState.TRAINING)) == 20
    trainer = db.session.scalar(select(Account).where(Account.user_name == "ninglang-trainer"))
    assert sessions_on(trainer, clock.today())
    ways = {mark.way for mark in marks_of([session.id for session in sessions_of(cohort.id)]).values()}
    assert ways == {Way.ROLL_CALL, Way.SHEET, Way.QR, Way.CORRECTION}
    assert [sign.kind for sign in signs_of(cohort)] == [SignKind.ONE_PHONE]
    (again,) = (session for session in sessions_of(cohort.id) if session.for_absentees)
    assert due_in(again)
    assert [is_open(request) for request in db.session.scalars(select(CoverRequest))] == [True]


def test_stars_are_awarded_and_shown_and_others_wait_for_their_reviewers(demo):
    stars = list(db.session.scalars(select(Certificate).where(Certificate.type == "star")))
    if not stars:
        pytest.skip("no plugin with stars is installed")
    assert {star.status for star in stars} == {Status.VALID}
    skill = db.session.scalar(
        select(Certificate).where(Certificate.person_id == stars[0].person_id, Certificate.type == "skill_level")
    )
    assert "★★★★★" in demo.test_client().get(f"/V/{base36.encode(skill.token)}").text
    for name, waits in (
        ("ninglang-reviewer", "还有 3 人"),
        ("ninglang-reviewer2", "还有 2 人"),
        ("ninglang-association", "推荐评星"),
    ):
        account = db.session.scalar(select(Account).where(Account.user_name == name))
        assert waits in browser_of(demo, account).get("/").text, name


def test_ten_brands_of_tongliao_are_registered(demo):
    assert count(select(Brand.id).where(Brand.region_code == "150500")) == 10


def test_each_role_has_an_account_that_signs_in_with_the_printed_password(demo):
    for role in Role:
        account = db.session.scalar(select(Account).join(Grant).where(Grant.role == role).order_by(Account.id).limit(1))
        browser = demo.test_client()
        answer = browser.post("/sign-in", data={"name": account.user_name, "password": PASSWORD})
        assert answer.status_code == 302, role
        assert account.name in browser.get("/").text


def test_the_audit_log_holds(demo):
    rows, breaks = audit.verify()
    assert rows > 1000
    assert breaks == []


def test_its_keys_stand_in_a_list_that_a_root_of_its_own_signed_and_that_says_so(demo):
    root = open_root(demo.config["LBCERT"].home / ROOT, PASSPHRASE)
    known = trust_list.read(demo.test_client().get("/keys/trust-list").data, root.public_key)
    assert known.demo
    for certificate in db.session.scalars(select(Certificate).limit(3)):
        assert reader.read_token(certificate.token, known.keys).trust() is Trust.GOOD


def test_it_is_shown_with_a_valid_and_a_revoked_certificate_whose_pages_say_so(demo, lbcert):
    shown = lbcert("demo", "--if-empty", "--show")
    assert shown.exit_code == 0
    assert "http://localhost:8000" in shown.output
    assert PASSWORD in shown.output
    for word in ("有效", "已撤销"):
        code = re.search(rf"  {word}：\S+  HTTP://LOCALHOST:8000(/V/\w+)", shown.output)[1]
        page = demo.test_client().get(code)
        assert page.status_code == 200
        assert word in page.text


def test_it_is_shown_with_what_a_learner_types_to_see_her_certificates(demo, lbcert):
    shown = lbcert("demo", "--if-empty", "--show")
    values = r"手机号 (\d+)，身份证号后四位 (\w+)，本人查询码 ([\d ]+)"
    typed = dict(zip(("phone", "last_four", "code"), re.search(values, shown.output).groups(), strict=True))
    assert demo.test_client().post("/my", data=typed).location == "/my/certificates"


def test_a_trainer_s_calendar_is_read_at_the_address_that_is_shown(demo, lbcert):
    shown = lbcert("demo", "--if-empty", "--show")
    (address,) = re.findall(r"http://\S+(/teaching/feeds/\S+\.ics)", shown.output)
    calendar = demo.test_client().get(address)
    assert "UID:session-" in calendar.text
    twice = select(TimetableVersion.cohort_id).where(TimetableVersion.number == 2)
    published = select(TimetableVersion).where(TimetableVersion.cohort_id.in_(twice)).order_by(TimetableVersion.number)
    first, second = db.session.scalars(published)
    (moved,) = compare(frozen(first), frozen(second))
    assert [title for title, _, _ in moved.columns] == ["上课开始时间", "上课结束时间"]


def test_a_second_start_keeps_what_was_typed(lbcert):
    assert lbcert("user", "create", "typed", "新来的", "auditor", "--region", "530128").exit_code == 0
    before = lbcert("user", "list").output
    assert lbcert("demo", "--if-empty").exit_code == 0
    assert lbcert("user", "list").output == before


def test_it_is_not_put_over_somebodys_work(lbcert):
    refused = lbcert("demo")
    assert refused.exit_code == 1
    assert "只装进空的系统" in refused.output


@pytest.mark.parametrize("name", ["luquan-bureau", "yunnan-exam", "ninglang-school"])
def test_every_page_says_that_this_is_a_demonstration(demo, name):
    browser = demo.test_client()
    browser.post("/sign-in", data={"name": name, "password": PASSWORD})
    page = browser.get("/").text
    assert "演示环境" in page
    assert "登录未启用第二重验证" in page
