"""Who examines says what ties him to the candidates, and what he says is held."""

from datetime import timedelta

import pytest

from lbcert.core.access import Role
from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.exams import operations
from lbcert.exams.declaring import Answers
from lbcert.exams.models import BatchState, Declaration, Part, Post
from lbcert.parties.models import Grant, OrganisationKind
from lbcert.placement.models import EmploymentRecord
from lbcert.testing import factories as make
from tests.exams import scene as stage
from tests.exams.scene import HELD, refused, rules_of, run, said
from tests.exams.test_sql_attacks import NOW, STAFF, got_through

pytestmark = pytest.mark.usefixtures("app", "exam_day")


def appointed(scene, name="新考评员", **values):
    """Appoint one more examiner, who has not signed yet."""
    account = stage.examiner(scene, name)
    return account, operations.appoint(scene.clerk, scene.batch.id, account.person_id, Post.EXAMINER, **values)


def test_the_words_that_were_answered_are_kept_with_the_answers():
    scene = stage.staffed()
    kept = db.session.query(Declaration).filter_by(person_id=scene.leader.person_id).one()
    assert (kept.edition, kept.account_id, kept.signed_on, kept.answers) == (1, scene.leader.id, HELD, {})
    assert "近亲属" in kept.text
    assert "培训、辅导过本批次的考生" in kept.text


def test_a_relative_is_marked_by_others_alone():
    scene = stage.staffed()
    account, staff = appointed(scene)
    kin = Answers(kin="妻弟", learners=(scene.learners[1].id,))
    operations.declare(account, staff.id, kin)
    operations.begin_marking(scene.clerk, scene.batch.id)
    mark = (account, scene.batch.id, stage.number_of(scene, "李四"), Part.THEORY, 90)
    refusal = refused(operations.record_mark, *mark)
    assert rules_of(refusal) == {"exams.scorer_is_kin"}
    assert "李四" not in said(refusal)  # the number stays a number
    assert operations.record_mark(account, scene.batch.id, stage.number_of(scene, "张三"), Part.THEORY, 80)
    operations.record_mark(scene.leader, *mark[1:])


def test_a_relative_is_named_by_a_number_that_the_log_does_not_keep():
    scene = stage.staffed()
    account, staff = appointed(scene)
    number = scene.learners[2].person.id_number
    wrong = refused(operations.declare, account, staff.id, Answers(kin="表弟"))
    assert rules_of(wrong) == {"exams.kin_unnamed"}
    operations.declare(account, staff.id, Answers(kin="表弟", id_number=(f" {number.lower()} ",)))
    operations.begin_marking(scene.clerk, scene.batch.id)
    refusal = refused(operations.record_mark, account, scene.batch.id, stage.number_of(scene, "王五"), Part.THEORY, 90)
    assert rules_of(refusal) == {"exams.scorer_is_kin"}
    assert all(number not in row.arguments + row.changes for row in db.session.query(AuditEntry))


@pytest.mark.parametrize("ground", ["employer", "money", "training"])
def test_whoever_says_that_he_must_stand_aside_is_out_of_the_whole_batch(ground):
    scene = stage.staffed()
    account, staff = appointed(scene)
    operations.declare(account, staff.id, Answers(**{ground: "去年在该校兼课"}))
    refusal = refused(operations.begin_marking, scene.clerk, scene.batch.id)
    assert rules_of(refusal) == {"exams.declared_interest"}
    assert "新考评员 声明了须回避的情形" in said(refusal)
    operations.dismiss(scene.clerk, staff.id)
    refusal = refused(operations.appoint, scene.clerk, scene.batch.id, account.person_id, Post.EXAMINER)
    assert rules_of(refusal) == {"exams.declared_interest"}
    assert operations.begin_marking(scene.clerk, scene.batch.id).state is BatchState.MARKING


def test_what_is_found_out_during_the_marking_is_added_and_its_marks_are_given_again():
    scene = stage.begun()
    for name in ("张三", "李四", "王五"):
        stage.give(scene, name, 80, 80)
    staff = next(one for one in scene.batch.staff if one.post is Post.LEADER)
    operations.declare(scene.leader, staff.id, Answers(kin="侄子", learners=(scene.learners[0].id,)))
    refusal = refused(operations.decide_batch, scene.decider, scene.batch.id)
    assert rules_of(refusal) == {"exams.marked_by_interested"}
    run(
        f"UPDATE batch_staff SET declared_on = '{HELD}' WHERE id = {staff.id}"
    )  # nothing is taken back by signing again
    for row in run("SELECT m.id FROM marks m JOIN candidates c ON c.id = m.candidate_id WHERE c.enrolment_id = :id", id=scene.learners[0].id):  # fmt: skip
        operations.change_mark(scene.second, scene.batch.id, row.id, 70, None, "原考评员回避，重评")
    assert operations.decide_batch(scene.decider, scene.batch.id).state is BatchState.DECIDED
    late = refused(operations.declare, scene.leader, staff.id, Answers(money="合伙"))
    assert rules_of(late) == {"exams.declared_late"}


def test_a_decider_with_a_relative_among_the_candidates_leaves_it_to_a_deputy():
    scene = stage.begun()
    for name in ("张三", "李四", "王五"):
        stage.give(scene, name, 80, 80)
    staff = next(one for one in scene.batch.staff if one.post is Post.DECIDER)
    operations.declare(scene.decider, staff.id, Answers(kin="女儿", learners=(scene.learners[0].id,)))
    assert rules_of(refused(operations.decide_batch, scene.decider, scene.batch.id)) == {"exams.decider_has_interest"}
    deputy = stage.examiner(scene, "替补审定人", Role.RESULT_OFFICER)
    second = operations.appoint(scene.officer, scene.batch.id, deputy.person_id, Post.DECIDER, deputy=True)
    operations.declare(deputy, second.id)
    assert operations.decide_batch(deputy, scene.batch.id).decided_by == deputy.person_id


def test_a_no_against_which_something_is_on_file_is_refused_with_what_is():
    scene = stage.staffed()
    account, staff = appointed(scene, "兼职教务")
    make.store(Grant(account_id=account.id, role=Role.PROVIDER_CLERK, organisation_id=scene.provider.id))
    refusal = refused(operations.declare, account, staff.id)
    assert rules_of(refusal) == {"exams.declaration_contradicted"}
    assert "在本班的培训机构“示例培训学校”有“培训机构教务”的账号" in said(refusal)
    assert {finding.subject for finding in refusal.findings} == {f"organisation:{scene.provider.id}"}
    operations.declare(account, staff.id, Answers(employer="兼职教务"))
    assert rules_of(refused(operations.begin_marking, scene.clerk, scene.batch.id)) == {
        "exams.tied_by_employer", "exams.declared_interest",
    }  # fmt: skip


def test_who_taught_at_the_school_or_controls_it_is_not_appointed():
    scene = stage.staffed()
    coach, owner = stage.examiner(scene, "陈教练"), stage.examiner(scene, "投资人")
    other = make.cohort(scene.provider, name="同校另一班")
    held = stage.lesson(other, coach.person)
    run(f"UPDATE controls SET controller = 'person:{owner.person.id_index}' WHERE organisation_id = {scene.provider.id}")  # fmt: skip
    refusal = refused(operations.appoint, scene.clerk, scene.batch.id, coach.person_id, Post.EXAMINER)
    assert rules_of(refusal) == {"exams.tied_by_training"}
    assert (
        "陈教练 须回避（培训、辅导）：在考前 24 个月内为本班的培训机构“示例培训学校”授课：2025-07-24 同校另一班"
        in said(refusal)
    )
    assert {finding.subject for finding in refusal.findings if finding.stops} == {f"session:{held.id}"}
    refusal = refused(operations.appoint, scene.clerk, scene.batch.id, owner.person_id, Post.EXAMINER)
    assert rules_of(refusal) == {"exams.tied_by_money"}


def test_the_page_links_what_is_on_file_for_whoever_may_open_it(signed_in):
    scene = stage.staffed()
    coach = stage.examiner(scene, "陈教练")
    held = stage.lesson(make.cohort(scene.provider, name="同校另一班"), coach.person)
    sent = {"post": "examiner", "person_id": str(coach.person_id)}
    link = f'<a href="/teaching/sessions/{held.id}">课次</a>'
    address = f"/exams/{scene.batch.id}/staff"
    officer = make.account(Role.BUREAU_OFFICER, make.NATION)
    assert link in signed_in(officer).post(address, data=sent).text
    clerk = signed_in(scene.clerk).post(address, data=sent)
    assert (clerk.status_code, link in clerk.text) == (422, False)  # who may not open a school's timetable
    assert "2025-07-24 同校另一班" in clerk.text


def test_who_works_for_the_school_or_with_a_candidate_stands_aside():
    scene = stage.staffed()
    firm = make.organisation(OrganisationKind.EMPLOYER, name="示例光伏公司")
    school = make.organisation(OrganisationKind.EMPLOYER, name="示例培训学校", credit_code=scene.provider.credit_code)

    def works(person, employer, **values):
        usual = {
            "post": "电工",
            "started_on": HELD - timedelta(days=90),
            "wage_fen": 1,
            "has_contract": True,
            "channel": "own",
        }
        return make.store(
            EmploymentRecord(
                person_id=person.id, employer_id=employer.id, place_region_code=make.LUQUAN, **{**usual, **values}
            )
        )

    works(scene.learners[0].person, firm)
    colleague, teacher, former = (stage.examiner(scene, name) for name in ("同事", "在校职工", "离职者"))
    works(colleague.person, firm)
    works(teacher.person, school)
    works(former.person, firm, ended_on=HELD - timedelta(days=1))
    for account, why in ((colleague, "与考生 张* 同单位"), (teacher, "即本班的培训机构")):
        refusal = refused(operations.appoint, scene.clerk, scene.batch.id, account.person_id, Post.EXAMINER)
        assert rules_of(refusal) == {"exams.tied_by_employer"}
        assert why in said(refusal)
    staff = operations.appoint(scene.clerk, scene.batch.id, former.person_id, Post.EXAMINER)
    works(former.person, school)
    assert rules_of(refused(operations.declare, former, staff.id)) == {"exams.tied_by_employer"}
    assert "exams.tied_by_employer" in rules_of(refused(operations.begin_marking, scene.clerk, scene.batch.id))


def test_a_relative_named_for_another_batch_is_remembered():
    scene = stage.staffed()
    account, staff = appointed(scene)
    operations.declare(account, staff.id, Answers(kin="堂兄", learners=(scene.learners[0].id,)))
    operations.cancel_batch(scene.clerk, scene.batch.id, "停电")
    again = stage.staffed(scene)
    second = operations.appoint(scene.clerk, again.batch.id, account.person_id, Post.EXAMINER)
    refusal = refused(operations.declare, account, second.id)
    assert rules_of(refusal) == {"exams.declaration_contradicted"}
    assert scene.learners[0].person.id_masked in said(refusal)


def test_nobody_signs_for_another_or_takes_back_what_he_signed_by_sql(app):
    scene = stage.marking(points=((80,), (70,), (60,)))
    account = stage.examiner(scene, "考评乙")
    sign = (
        "INSERT INTO declarations (batch_id, person_id, account_id, signed_on, edition, text, kin, employer, money, training, created_at) "
        f"VALUES ({{batch}}, {{person}}, {{account}}, '2025-08-09', 1, 'x', '', '{{employer}}', '', '', {NOW})"
    )
    usual = {"batch": scene.batch.id, "person": account.person_id, "account": account.id, "employer": ""}
    unsigned = STAFF.format(batch=scene.batch.id, person=account.person_id, post="examiner", deputy="false")
    leader = scene.staff[Post.LEADER]
    mark = (
        "INSERT INTO marks (batch_id, candidate_id, part, points, scorer_id, account_id, reason, created_at) "
        f"VALUES ({scene.batch.id}, {{candidate}}, 'practice', 90, {{scorer}}, {scene.clerk.id}, '', {NOW})"
    )
    assert not got_through([
        ("exams.signed_by_another", sign.format(**{**usual, "account": scene.clerk.id})),
        ("exams.declared_without_answers", unsigned.replace("NULL", "'2025-08-09'", 1)),
        ("exams.scorer_(undeclared|not_appointed)", mark.format(candidate=scene.candidates[0].id, scorer=account.person_id)),
        ("exams.declaration.update", "UPDATE declarations SET employer = ''"),
        ("exams.declaration.delete", "DELETE FROM declarations"),
    ])  # fmt: skip
    run(unsigned)
    assert not got_through([("exams.declared_without_answers", f"UPDATE batch_staff SET declared_on = '2025-08-09' WHERE person_id = {account.person_id}")])  # fmt: skip
    run(
        sign.format(**{**usual, "person": leader.person_id, "account": scene.accounts[Post.LEADER].id, "employer": "x"})
    )
    assert not got_through([
        ("exams.scorer_has_interest", mark.format(candidate=scene.candidates[0].id, scorer=leader.person_id)),
    ])  # fmt: skip
    run(sign.format(**usual))
    run(f"UPDATE batch_staff SET declared_on = '2025-08-09' WHERE person_id = {account.person_id}")
    learner = scene.learners[0].person
    run(f"INSERT INTO declared_kin (declaration_id, person_id, kin_index, kin_masked, created_at) SELECT max(id), {account.person_id}, '{learner.id_index}', 'x', {NOW} FROM declarations")  # fmt: skip
    assert not got_through([
        ("exams.scorer_is_kin", mark.format(candidate=scene.candidates[0].id, scorer=account.person_id)),
        ("exams.declared_kin.delete", "DELETE FROM declared_kin"),
        ("exams.declared_kin.update", "UPDATE declared_kin SET kin_index = 'y'"),
    ])  # fmt: skip
    run(mark.format(candidate=scene.candidates[1].id, scorer=account.person_id))


def test_the_page_asks_each_question_and_shows_no_number(signed_in):
    scene = stage.staffed()
    account, staff = appointed(scene)
    browser = signed_in(account)
    address = f"/exams/staff/{staff.id}/declare"
    page = browser.get(address).text
    assert "张* " in page
    assert not any(one.number in page or one.enrolment.person.name in page for one in scene.batch.candidates)
    no = dict.fromkeys(("kin", "employer", "money", "training"), "no")
    missing = browser.post(address, data={**no, "money": ""})
    assert (missing.status_code, "请回答“有”或“没有”" in missing.text) == (422, True)
    bare = browser.post(address, data={**no, "employer": "yes"})
    assert (bare.status_code, "答“有”的，请写明具体情况" in bare.text) == (422, True)
    yes = {**no, "kin": "yes", "kin_details": "外甥女", "learners": str(scene.learners[0].id)}
    assert browser.post(address, data=yes).location == "/exams/mine"
    staff_page = signed_in(scene.clerk).get(f"/exams/{scene.batch.id}/staff").text
    assert "外甥女" in staff_page
