"""Nobody gets around the separation by SQL on the application's own connection, on either database."""

from __future__ import annotations

import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import IntegrityError

from lbcert.cohorts.models import CohortState
from lbcert.core.database import db
from lbcert.core.files import StoredFile
from lbcert.core.reference import SkillLevel
from lbcert.exams.models import CardGrade, CardScope, ExaminerCard, Post
from lbcert.parties.models import Organisation, OrganisationKind
from lbcert.testing import factories as make
from tests.exams import scene as stage
from tests.exams.scene import run

NOW = "'2025-08-10 02:00:00'"
PLAN = (
    "INSERT INTO batches (number, cohort_id, body_id, scheme, held_on, site, with_review, state, cancelled_reason, basis, "
    "created_at, version) VALUES ('RD9', {cohort}, {body}, '{scheme}', '{day}', 'x', false, '{state}', '', '', "
    f"{NOW}, 1)"
)
MARK = (
    "INSERT INTO marks (batch_id, candidate_id, part, points, absence, scorer_id, account_id, replaces_id, reason, created_at) "
    "VALUES ({batch}, {candidate}, '{part}', {points}, {absence}, {scorer}, {account}, {replaces}, '{reason}', "
    f"{NOW})"
)
STAFF = (
    "INSERT INTO batch_staff (batch_id, person_id, post, deputy, declared_on, created_at) "
    "VALUES ({batch}, {person}, '{post}', {deputy}, NULL, "
    f"{NOW})"
)
CANDIDATE = (
    "INSERT INTO candidates (batch_id, enrolment_id, number, created_at) VALUES ({batch}, {enrolment}, '777777', "
    f"{NOW})"
)
CONTROL = (
    "INSERT INTO controls (organisation_id, controller, controller_name, valid_from, valid_to, created_at) "
    "VALUES ({organisation}, '{controller}', 'x', '{since}', {until}, "
    f"{NOW})"
)
PROVIDER = "INSERT INTO cohort_providers (cohort_id, organisation_id, part) VALUES ({cohort}, {organisation}, '{part}')"
AMENDMENT = (
    "INSERT INTO amendments (batch_id, candidate_id, theory, practice, outcome, reason, evidence_id, requester_id, answer, "
    "created_at) VALUES ({batch}, {candidate}, 80, {practice}, '{outcome}', 'x', {evidence}, {requester}, '', "
    f"{NOW})"
)
AMENDED = (
    "INSERT INTO results (batch_id, candidate_id, theory, practice, outcome, decided_by, replaces_id, amendment_id, created_at) "
    "VALUES ({batch}, {candidate}, 80, {practice}, '{outcome}', {by}, {replaces}, {amendment}, "
    f"{NOW})"
)


def got_through(attacks):
    """Try each statement; give those that were carried out, or were refused for another reason than said.

    Where two rules refuse, the databases differ in which they ask first: the pattern names both.
    """
    through = []
    for rule, statement in attacks:
        try:
            run(statement)
        except IntegrityError as error:
            if not re.search(rule, str(error.orig)):
                through.append((rule, statement, str(error.orig)))
        else:
            through.append((rule, statement, "carried out"))
    return through


def other_exam(**values):
    """Give a second cohort, with a provider and a learner of its own."""
    cohort = make.cohort(make.organisation(name="另一学校"), **values)
    return cohort, make.enrolment(cohort, make.person("赵六"))


def test_no_batch_joins_the_two_sides(app):
    provider = make.organisation()
    host = make.organisation(OrganisationKind.EMPLOYER)
    cohort = make.cohort(provider)
    run(PROVIDER.format(cohort=cohort.id, organisation=host.id, part="host"))
    own = make.cohort(make.organisation(), scheme="employer_own")
    uncontrolled = make.cohort(make.store(unnamed("未登记控制人的学校")))
    unprovided = make.cohort(state=CohortState.DRAFT)
    run(f"DELETE FROM cohort_providers WHERE cohort_id = {unprovided.id}")

    def body(kind=OrganisationKind.ASSESSMENT_BODY, **values):
        made = make.organisation(kind, region=make.KUNMING, **{k: v for k, v in values.items() if k == "credit_code"})
        if "controller" in values:
            run("DELETE FROM controls WHERE organisation_id = :id", id=made.id)
            for controller, since, until in values["controller"]:
                run(CONTROL.format(organisation=made.id, controller=controller, since=since, until=until))
        return made

    def plan(rule, body, cohort=cohort, **values):
        usual = {"scheme": "social", "state": "planned", "day": "2025-08-09"}
        return rule, PLAN.format(cohort=cohort.id, body=body.id, **{**usual, **values})

    apart = body()
    run(
        CONTROL.format(
            organisation=make.store(unnamed("x")).id, controller="person:p", since="2020-01-01", until="NULL"
        )
    )
    run(f"UPDATE controls SET controller = 'person:p' WHERE organisation_id = {host.id}")
    assert not got_through([
        plan("exams.(not_assessment_body|body_is_provider|shared_controller)", provider),
        plan("exams.not_assessment_body", make.organisation(OrganisationKind.EMPLOYER)),
        plan("exams.body_is_provider", body(credit_code=host.credit_code, controller=[("person:q", "2020-01-01", "NULL")])),
        plan("exams.(body_is_provider|shared_controller)", body(credit_code=provider.credit_code)),
        plan("exams.shared_controller", body(controller=[("person:p", "2020-01-01", "NULL")])),
        plan("exams.shared_controller", body(controller=[(provider.credit_code, "2020-01-01", "NULL")])),
        plan("exams.shared_controller", body(controller=[("person:p", "2025-08-09", "'2025-08-09'")])),
        plan("exams.uncontrolled_body", body(controller=[])),
        plan("exams.uncontrolled_body", body(controller=[("person:q", "2025-08-10", "NULL")])),
        plan("exams.uncontrolled_provider", apart, uncontrolled),
        plan("exams.no_provider", apart, unprovided),
        plan("exams.scheme_differs", apart, own),
        plan("exams.(scheme_differs|not_employers_body)", apart, scheme="employer_own"),
        plan("exams.not_employers_body", apart, own, scheme="employer_own"),
        plan("exams.batch_begins_planned", apart, state="marking"),
    ])  # fmt: skip
    run(f"UPDATE controls SET controller = '{apart.credit_code}' WHERE organisation_id = {provider.id}")
    assert not got_through([plan("exams.shared_controller", apart)])
    run(f"UPDATE controls SET controller = '{provider.credit_code}' WHERE organisation_id = {provider.id}")
    # who controlled them at another time says nothing about the day of the exam
    before = body(controller=[("person:p", "2020-01-01", "'2025-08-08'"), ("person:q", "2025-08-09", "NULL")])
    run(plan("", before)[1])


def unnamed(name):
    """Make an organisation whose controller nobody wrote down."""
    return Organisation(
        kind=OrganisationKind.PROVIDER, name=name, credit_code=make.credit_code(), region_code=make.LUQUAN
    )


def test_an_employer_examines_its_own_staff_as_the_body_that_it_is(app):
    firm = make.organisation(OrganisationKind.EMPLOYER)
    body = make.organisation(OrganisationKind.ASSESSMENT_BODY, credit_code=firm.credit_code)
    cohort = make.cohort(make.organisation(), scheme="employer_own")
    run(PLAN.format(cohort=cohort.id, body=body.id, scheme="employer_own", day="2025-08-09", state="planned"))
    assert not got_through([
        ("exams.cohort_scheme_fixed", f"UPDATE cohorts SET scheme = 'social' WHERE id = {cohort.id}"),
        ("exams.employer_exchanged", f"UPDATE organisations SET credit_code = NULL WHERE id = {firm.id}"),
        ("exams.employer_exchanged", f"UPDATE organisations SET kind = 'provider' WHERE id = {firm.id}"),
        ("exams.employer_exchanged", f"UPDATE organisations SET credit_code = 'X' WHERE id = {body.id}"),
        ("exams.employer_removed", f"DELETE FROM organisations WHERE id = {firm.id}"),
    ])  # fmt: skip


def standing_attacks(scene):
    """Give what would join the two sides of a batch that stands."""
    cohort, _ = other_exam()
    hand = make.organisation(name="第三方学校")
    bare = make.store(unnamed("未登记控制人的学校"))
    body, provider, batch = scene.body, scene.provider, scene.batch
    own = f"organisation_id = {provider.id}"
    bodys = f"organisation_id = {body.id}"
    run(f"UPDATE controls SET controller = '{body.credit_code}' WHERE organisation_id = {hand.id}")
    return [
        ("exams.(batch_fixed|not_assessment_body)", f"UPDATE batches SET body_id = {hand.id} WHERE id = {batch.id}"),
        ("exams.batch_fixed", f"UPDATE batches SET cohort_id = {cohort.id} WHERE id = {batch.id}"),
        ("exams.batch_kept", f"DELETE FROM batches WHERE id = {batch.id}"),
        ("exams.cohort_scheme_fixed", f"UPDATE cohorts SET scheme = 'employer_own' WHERE id = {scene.cohort.id}"),
        ("exams.provider_is_body", PROVIDER.format(cohort=scene.cohort.id, organisation=body.id, part="joint")),
        ("exams.provider_is_body", PROVIDER.format(cohort=scene.cohort.id, organisation=hand.id, part="joint")),
        ("exams.provider_uncontrolled", PROVIDER.format(cohort=scene.cohort.id, organisation=bare.id, part="host")),
        ("exams.provider_removed", f"DELETE FROM cohort_providers WHERE cohort_id = {scene.cohort.id}"),
        ("exams.provider_(is_body|exchanged)", f"UPDATE cohort_providers SET organisation_id = {body.id} WHERE cohort_id = {scene.cohort.id}"),
        ("exams.provider_exchanged", f"UPDATE cohort_providers SET cohort_id = {cohort.id}, part = 'host' WHERE cohort_id = {scene.cohort.id}"),
        ("exams.control_joins_sides", f"UPDATE controls SET controller = '{body.credit_code}' WHERE {own}"),
        ("exams.control_joins_sides", f"UPDATE controls SET controller = '{provider.credit_code}' WHERE {bodys}"),
        ("exams.control_(joins_sides|rewritten)", f"UPDATE controls SET organisation_id = {body.id} WHERE {own}"),
        ("exams.credit_code_joins_sides", f"UPDATE organisations SET credit_code = '{body.credit_code}' WHERE id = {provider.id}"),
        ("exams.credit_code_joins_sides", f"UPDATE organisations SET credit_code = '{provider.credit_code}' WHERE id = {body.id}"),
        ("exams.credit_code_joins_sides", f"UPDATE organisations SET kind = 'employer' WHERE id = {body.id}"),
        ("exams.credit_code_joins_sides", f"UPDATE organisations SET credit_code = NULL WHERE id = {body.id}"),
        ("exams.trainer_examines_cohort", f"UPDATE sessions SET trainer_id = {scene.staff[Post.LEADER].person_id}"),
        ("exams.staff_(taught_cohort|closed)", STAFF.format(batch=batch.id, person=scene.trainer.id, post="examiner", deputy="false")),
        ("exams.staff_(is_learner|closed)", STAFF.format(batch=batch.id, person=scene.learners[0].person_id, post="invigilator", deputy="false")),
        ("exams.enrolment_of_candidate", f"UPDATE enrolments SET person_id = {scene.trainer.id} WHERE id = {scene.learners[0].id}"),
        ("exams.enrolment_of_candidate", f"UPDATE enrolments SET cohort_id = {cohort.id} WHERE id = {scene.learners[0].id}"),
        ("exams.staff_fixed", f"UPDATE batch_staff SET person_id = {scene.trainer.id} WHERE post = 'leader'"),
        ("exams.staff_fixed", "UPDATE batch_staff SET post = 'examiner' WHERE post = 'decider'"),
        ("exams.staff_fixed", "UPDATE batch_staff SET declared_on = NULL WHERE post = 'leader'"),
        ("exams.candidate_fixed", f"UPDATE candidates SET enrolment_id = {scene.learners[0].id} WHERE id = {scene.candidates[1].id}"),
        ("exams.candidate_fixed", f"UPDATE candidates SET number = '1' WHERE id = {scene.candidates[1].id}"),
    ]  # fmt: skip


@pytest.mark.parametrize("brought", [stage.planned, stage.marking, stage.decided, stage.published])
def test_nothing_joins_the_sides_of_a_batch_that_stands(app, brought):
    scene = brought()
    assert not got_through(standing_attacks(scene))


def test_a_planned_batch_takes_its_own_cohort_and_no_step_is_skipped(app):
    scene = stage.planned()
    cohort, stranger = other_exam()
    left = make.enrolment(scene.cohort, make.person("退班者"), state="left", left_reason="家中有事")
    examiner = make.enrolment(cohort, make.person("又学又考"))
    run(STAFF.format(batch=scene.batch.id, person=examiner.person_id, post="examiner", deputy="false"))
    run(f"INSERT INTO batches (number, cohort_id, body_id, scheme, held_on, site, with_review, state, cancelled_reason, basis, created_at, version) VALUES ('RD2', {scene.cohort.id}, {scene.body.id}, 'social', '2025-08-09', 'x', false, 'planned', '', '', {NOW}, 1)")  # fmt: skip
    second = run("SELECT id FROM batches WHERE number = 'RD2'")[0].id
    batch = scene.batch.id
    values = {"batch": batch, "candidate": scene.candidates[0].id, "part": "theory", "points": 90, "absence": "NULL", "scorer": scene.staff[Post.LEADER].person_id, "account": scene.clerk.id, "replaces": "NULL", "reason": ""}  # fmt: skip
    assert not got_through([
        ("exams.candidate_of_another_cohort", CANDIDATE.format(batch=batch, enrolment=stranger.id)),
        ("exams.candidate_of_another_cohort", CANDIDATE.format(batch=batch, enrolment=left.id)),
        ("exams.candidate_elsewhere", CANDIDATE.format(batch=second, enrolment=scene.learners[0].id)),
        ("exams.marks_locked", MARK.format(**values)),
        ("exams.batch_step", f"UPDATE batches SET state = 'decided', decided_by = {scene.staff[Post.DECIDER].person_id}, decided_at = {NOW}, basis = 'x', pass_theory = 0, pass_practice = 0 WHERE id = {batch}"),
        ("exams.(result_undecided|outcome_differs)", f"INSERT INTO results (batch_id, candidate_id, outcome, decided_by, created_at) VALUES ({batch}, {scene.candidates[0].id}, 'passed', {scene.staff[Post.DECIDER].person_id}, {NOW})"),
        ("undecided_without", f"UPDATE batches SET pass_theory = 0 WHERE id = {batch}"),
        ("cancelled_has_reason", f"UPDATE batches SET state = 'cancelled' WHERE id = {batch}"),
        ("batch_staff", STAFF.format(batch=batch, person=make.person().id, post="decider", deputy="false")),
    ])  # fmt: skip
    run(STAFF.format(batch=batch, person=make.person().id, post="decider", deputy="true"))
    join = f"UPDATE enrolments SET cohort_id = {scene.cohort.id} WHERE id = {examiner.id}"
    enrol = f"INSERT INTO enrolments (cohort_id, person_id, state, in_service, job_before, left_reason, created_at, version) VALUES ({scene.cohort.id}, {scene.staff[Post.LEADER].person_id}, 'enrolled', false, '', '', {NOW}, 1)"  # fmt: skip
    assert not got_through([("exams.learner_is_staff", join), ("exams.learner_is_staff", enrol)])


def carded(scene, person, number, level=SkillLevel.FIVE, **dates):
    """Store a card for the trade of the scene, from the year's beginning to the day of the exam unless told otherwise."""
    usual = {"valid_from": date(2025, 1, 1), "valid_to": stage.HELD}
    paper = make.store(StoredFile(sha256=number * 16, size=1, media_type="image/png", name="证卡.png"))
    return make.store(
        ExaminerCard(
            body_id=scene.body.id, person_id=person.id, number=number, grade=CardGrade.EXAMINER, paper_id=paper.id,
            account_id=scene.clerk.id, scopes=[CardScope(trade_id=scene.cohort.item.trade_id, level=level)], **{**usual, **dates},
        )
    )  # fmt: skip


def test_nobody_without_a_card_of_the_day_is_appointed_begins_or_scores(app):
    scene = stage.planned()
    batch, one_day = scene.batch.id, timedelta(days=1)
    run(f"UPDATE batches SET cards_required = true, cards_source = 'x' WHERE id = {batch}")
    run(f"UPDATE training_items SET level = '4' WHERE id = {scene.cohort.item_id}")
    none, ended, later, lower, gone, good = (make.person(f"考评{n}") for n in "一二三四五六")
    carded(scene, ended, "KP1", valid_to=stage.HELD - one_day)
    carded(scene, later, "KP2", valid_from=stage.HELD + one_day, valid_to=date(2026, 1, 1))
    carded(scene, lower, "KP3", level=SkillLevel.FIVE)
    carded(scene, gone, "KP4", withdrawn_on=stage.HELD, withdrawn_reason="收回")
    carded(scene, good, "KP5", level=SkillLevel.THREE)
    begin = f"UPDATE batches SET state = 'marking' WHERE id = {batch}"

    def appoint(who, post="examiner"):
        return STAFF.format(batch=batch, person=who.id, post=post, deputy="false")

    assert not got_through([
        *(("exams.card_not_on_the_day", appoint(one)) for one in (none, ended, later, lower, gone)),
        ("exams.batch_fixed", f"UPDATE batches SET cards_required = false WHERE id = {batch}"),
        ("exams.batch_fixed", f"UPDATE batches SET cards_required = NULL, cards_source = '' WHERE id = {batch}"),
        ("exams.begins_without_card", begin),  # leader and examiner were appointed before the policy
    ])  # fmt: skip
    run(appoint(none, "invigilator"))  # who gives no marks
    run(appoint(good))
    leaders = carded(scene, scene.staff[Post.LEADER].person, "KP6", level=None)
    carded(scene, scene.staff[Post.EXAMINER].person, "KP7")
    assert not got_through([("exams.begins_without_card", begin)])  # of a lower level
    carded(scene, scene.staff[Post.EXAMINER].person, "KP8", level=SkillLevel.FOUR)
    assert not got_through([("exams.begins_without_card", begin.replace("SET", "SET held_on = '2025-08-10',"))])
    run(begin)
    mark = MARK.format(batch=batch, candidate=scene.candidates[0].id, part="theory", points=80, absence="NULL", scorer=leaders.person_id, account=scene.clerk.id, replaces="NULL", reason="")  # fmt: skip
    run(f"UPDATE examiner_cards SET withdrawn_on = '2025-08-09', withdrawn_reason = '收回' WHERE id = {leaders.id}")
    assert not got_through([("exams.scorer_without_card", mark)])
    carded(scene, scene.staff[Post.LEADER].person, "KP9", level=None)
    run(mark)


def test_nobody_examines_more_batches_running_at_a_school_than_the_batch_allows(app):
    scene = stage.planned()
    host = make.organisation(name="联合学校")
    examiner, leader = make.person("考评员"), scene.staff[Post.LEADER].person
    batches = [scene.batch.id]
    for number, day in enumerate(("2025-08-10", "2025-08-11", "2025-08-11", "2025-08-12"), start=1):
        cohort = make.cohort(make.organisation() if number == 2 else scene.provider, item=scene.cohort.item)
        if number == 2:
            run(PROVIDER.format(cohort=cohort.id, organisation=host.id, part="host"))
            run(PROVIDER.format(cohort=cohort.id, organisation=scene.provider.id, part="joint"))
        run(PLAN.format(cohort=cohort.id, body=scene.body.id, scheme="social", state="planned", day=day).replace("RD9", f"RD{number}0"))  # fmt: skip
        batches.append(run("SELECT max(id) AS id FROM batches")[0].id)
    first, second, third, fourth, fifth = batches
    run("UPDATE batches SET rotation_batches = 2, rotation_source = 'x'")

    def appoint(batch, person=examiner, post="examiner"):
        return STAFF.format(batch=batch, person=person.id, post=post, deputy="false")

    def begin(batch):
        return f"UPDATE batches SET state = 'marking' WHERE id = {batch}"

    run(appoint(first))
    run(appoint(third))
    assert not got_through([("exams.too_many_running", appoint(second))])  # between both, which it would join
    run(appoint(second, post="supervisor"))
    run(appoint(fourth))  # on the day of the third, after it
    assert not got_through([
        ("exams.too_many_running", appoint(fifth)),
        ("exams.batch_fixed", f"UPDATE batches SET rotation_batches = 9 WHERE id = {fifth}"),
        ("exams.batch_fixed", f"UPDATE batches SET rotation_batches = NULL, rotation_source = '' WHERE id = {fifth}"),
        ("rotation_with_source", PLAN.format(cohort=scene.cohort.id, body=scene.body.id, scheme="social", state="planned", day="2025-09-01").replace("version)", "version, rotation_batches)").replace(", 1)", ", 1, 9)")),
    ])  # fmt: skip
    run(f"UPDATE batches SET state = 'cancelled', cancelled_reason = '停电' WHERE id = {second}")
    assert not got_through([("exams.begins_unrotated", begin(each)) for each in (first, third, fourth)])
    run(f"DELETE FROM batch_staff WHERE batch_id = {fourth} AND person_id = {examiner.id}")
    assert not got_through([("exams.too_many_running", appoint(fourth))])
    # to be the last of them: fourth and fifth then lie between
    run(f"UPDATE batches SET held_on = '2025-09-09' WHERE id = {third}")
    run(begin(first))
    run(appoint(fourth, leader))
    other = make.cohort(make.organisation(), item=scene.cohort.item)
    run(PLAN.format(cohort=other.id, body=scene.body.id, scheme="social", state="planned", day="2025-08-10"))
    run("UPDATE batches SET rotation_batches = 2, rotation_source = 'x' WHERE number = 'RD9'")
    run(appoint("(SELECT id FROM batches WHERE number = 'RD9')", leader))  # between those two, at another school
    joins = PROVIDER.format(cohort=other.id, organisation=scene.provider.id, part="joint")
    assert not got_through([("exams.provider_unrotated", joins)])
    run("DELETE FROM batch_staff WHERE person_id = :leader AND post = 'examiner'", leader=leader.id)
    run(joins)


def test_marks_are_given_by_the_examiners_and_never_rewritten(app):
    scene = stage.marking(points=((80, 90), (70,), (60, 60)))
    first, second, _ = scene.candidates
    leader = scene.staff[Post.LEADER].person_id
    undeclared = make.person("未声明者")
    run(STAFF.format(batch=scene.batch.id, person=undeclared.id, post="examiner", deputy="false"))
    cohort, _stranger = other_exam()
    run(PLAN.format(cohort=cohort.id, body=scene.body.id, scheme="social", state="planned", day="2025-08-09"))
    elsewhere = run("SELECT id FROM batches WHERE number = 'RD9'")[0].id
    stage.signed(SimpleNamespace(id=elsewhere), scene.accounts[Post.LEADER], Post.LEADER)
    run(f"UPDATE batches SET state = 'marking' WHERE id = {elsewhere}")
    theory = scene.marks[0].id

    def mark(**values):
        usual = {"batch": scene.batch.id, "candidate": second.id, "part": "practice", "points": 90, "absence": "NULL", "scorer": leader, "account": scene.clerk.id, "replaces": "NULL", "reason": ""}  # fmt: skip
        return MARK.format(**{**usual, **values})

    assert not got_through([
        ("exams.scorer_not_appointed", mark(scorer=scene.staff[Post.DECIDER].person_id)),
        ("exams.scorer_not_appointed", mark(scorer=scene.staff[Post.SUPERVISOR].person_id)),
        ("exams.scorer_not_appointed", mark(scorer=scene.trainer.id)),
        ("exams.scorer_undeclared", mark(scorer=undeclared.id)),
        ("exams.no_review", mark(part="review")),
        ("points_of_100", mark(points=101)),
        ("points_of_100", mark(points=-1)),
        ("points_or_absence", mark(points="NULL")),
        ("points_or_absence", mark(absence="'absent'")),
        ("change_has_reason", mark(candidate=first.id, part="theory", replaces=theory)),
        ("marks", mark(candidate=first.id, part="theory")),
        ("FOREIGN KEY" if is_sqlite() else "fk_marks", mark(batch=elsewhere)),
        ("FOREIGN KEY" if is_sqlite() else "fk_marks_replaces_same_part", mark(replaces=theory, reason="x")),
        ("exams.mark", f"UPDATE marks SET points = 100 WHERE id = {theory}"),
        ("exams.mark", f"DELETE FROM marks WHERE id = {theory}"),
        ("exams.marks_missing", stage.DECIDE.replace(":decider", str(scene.staff[Post.DECIDER].person_id)).replace(":batch", str(scene.batch.id))),
        ("exams.staff_kept", "DELETE FROM batch_staff WHERE post = 'decider'"),
        ("exams.candidate_kept", f"DELETE FROM candidates WHERE id = {second.id}"),
        ("exams.candidates_frozen", CANDIDATE.format(batch=scene.batch.id, enrolment=make.enrolment(scene.cohort).id)),
        ("exams.batch_fixed", f"UPDATE batches SET held_on = '2024-01-01' WHERE id = {scene.batch.id}"),
        ("exams.batch_fixed", f"UPDATE batches SET with_review = true WHERE id = {scene.batch.id}"),
        ("exams.batch_step", f"UPDATE batches SET state = 'planned' WHERE id = {scene.batch.id}"),
    ])  # fmt: skip
    if is_sqlite():  # the one statement that replaces a row without an UPDATE or a DELETE
        replace = mark(candidate=first.id, part="theory").replace("INSERT INTO marks (", "INSERT OR REPLACE INTO marks (id, ").replace("VALUES (", f"VALUES ({theory}, ")  # fmt: skip
        assert not got_through([("exams.mark.delete", replace)])
    else:
        assert not got_through([("exams.", "TRUNCATE marks, results CASCADE")])
    assert run(f"SELECT points FROM marks WHERE id = {theory}") == [(80,)]


def is_sqlite():
    return db.engine.dialect.name == "sqlite"


def decide(scene, decider):
    return stage.DECIDE.replace(":decider", str(decider)).replace(":batch", str(scene.batch.id))


def test_only_the_appointed_decider_who_scored_nothing_decides(app):
    scene = stage.marking()
    typist = make.person("誊录员")
    run(f"UPDATE accounts SET person_id = {typist.id} WHERE id = {scene.clerk.id}")
    db.session.rollback()
    stage.signed(scene.batch, scene.clerk, Post.DECIDER, deputy=True)
    unsigned = make.person("未声明审定人")
    run(STAFF.format(batch=scene.batch.id, person=unsigned.id, post="decider", deputy="true"))
    assert not got_through([
        ("exams.decider_(scored_batch|not_appointed)", decide(scene, scene.staff[Post.LEADER].person_id)),
        ("exams.decider_scored_batch", decide(scene, typist.id)),
        ("exams.decider_not_appointed", decide(scene, scene.staff[Post.EXAMINER].person_id)),
        ("exams.decider_not_appointed", decide(scene, unsigned.id)),
        ("decided_with_pass_marks", decide(scene, scene.staff[Post.DECIDER].person_id).replace("pass_theory = 60, ", "")),
        ("decided_with_pass_marks", decide(scene, scene.staff[Post.DECIDER].person_id).replace("'本局设定'", "''")),
    ])  # fmt: skip


def test_a_result_is_what_the_marks_say_and_locks_them(app):
    scene = stage.marking()
    decider = scene.staff[Post.DECIDER].person_id
    run(decide(scene, decider))

    def result(candidate=0, theory=80, practice=90, outcome="passed", by=decider):
        said = {":batch": scene.batch.id, ":candidate": scene.candidates[candidate].id, ":theory": theory, ":practice": practice, ":outcome": f"'{outcome}'", ":decider": by}  # fmt: skip
        statement = stage.RESULT
        for name, value in said.items():
            statement = statement.replace(name, str(value), 1)
        return statement

    leader = scene.staff[Post.LEADER].person_id
    locked = {"batch": scene.batch.id, "candidate": scene.candidates[0].id, "part": "theory", "points": 99, "absence": "NULL", "scorer": leader, "account": scene.clerk.id, "replaces": scene.marks[0].id, "reason": "x"}  # fmt: skip
    assert not got_through([
        ("exams.marks_locked", MARK.format(**locked)),
        ("exams.(result|outcome)_differs", result(theory=81)),
        ("exams.(result|outcome)_differs", result(1, 70, 60)),
        ("exams.(result|outcome)_differs", result(theory="NULL")),
        ("exams.outcome_differs", result(1, 70, 59)),
        ("exams.outcome_differs", result(outcome="failed")),
        ("exams.", result(by=leader)),
        ("exams.result_undecided", result(by=scene.staff[Post.SUPERVISOR].person_id)),
        ("exams.results_missing", f"UPDATE batches SET state = 'published', published_at = {NOW} WHERE id = {scene.batch.id}"),
        ("exams.batch_step", f"UPDATE batches SET state = 'cancelled', cancelled_reason = 'x' WHERE id = {scene.batch.id}"),
        ("exams.batch_fixed", f"UPDATE batches SET pass_practice = 0 WHERE id = {scene.batch.id}"),
        ("exams.(batch_fixed|decider_.*)", f"UPDATE batches SET decided_by = {leader} WHERE id = {scene.batch.id}"),
        ("exams.staff_closed", STAFF.format(batch=scene.batch.id, person=make.person().id, post="examiner", deputy="false")),
    ])  # fmt: skip


def test_a_published_result_changes_only_as_two_people_granted(app):
    scene = stage.published()
    requester, approver = make.person("申请人"), make.person("批准人")
    second = scene.candidates[1].id
    run(AMENDMENT.format(batch=scene.batch.id, candidate=second, practice=62, outcome="passed", evidence=scene.evidence.id, requester=requester.id))  # fmt: skip
    asked = run("SELECT id FROM amendments")[0].id
    old = scene.results[1]

    def amended(**values):
        usual = {"batch": scene.batch.id, "candidate": second, "practice": 62, "outcome": "passed", "by": approver.id, "replaces": old, "amendment": asked}  # fmt: skip
        return AMENDED.format(**{**usual, **values})

    grant = f"UPDATE amendments SET granted = true, answered_by = {{by}}, answered_at = {NOW} WHERE id = {asked}"
    assert not got_through([
        ("exams.result.update", f"UPDATE results SET outcome = 'passed' WHERE id = {old}"),
        ("exams.result.delete", f"DELETE FROM results WHERE id = {old}"),
        ("exams.(amendment_differs|decider_scored|outcome_differs)", amended()),
        ("answered_by_another", grant.format(by=requester.id)),
        ("answered_whole", f"UPDATE amendments SET granted = true WHERE id = {asked}"),
        ("exams.amendment.update", f"UPDATE amendments SET practice = 100 WHERE id = {asked}"),
        ("amendments", AMENDMENT.format(batch=scene.batch.id, candidate=second, practice=63, outcome="passed", evidence=scene.evidence.id, requester=requester.id)),
    ])  # fmt: skip
    leader = scene.staff[Post.LEADER].person_id
    third = scene.candidates[2].id
    run(AMENDMENT.format(batch=scene.batch.id, candidate=third, practice=59, outcome="failed", evidence=scene.evidence.id, requester=requester.id))  # fmt: skip
    other = run("SELECT max(id) AS id FROM amendments")[0].id
    run(grant.format(by=leader).replace(f"id = {asked}", f"id = {other}"))
    assert not got_through([
        ("exams.decider_scored", amended(candidate=third, practice=59, outcome="failed", by=leader, replaces=scene.results[2], amendment=other)),
        ("exams.amendment.delete", f"DELETE FROM amendments WHERE id = {asked}"),
    ])  # fmt: skip
    run(grant.format(by=approver.id))
    assert not got_through([
        ("exams.(amendment_differs|decider_scored|outcome_differs)", amended(practice=100)),
        ("exams.(amendment|outcome)_differs", amended(practice=59)),
        ("exams.(decider_scored|amendment_differs)", amended(by=leader)),
        ("exams.(amendment_differs|decider_scored|outcome_differs)", amended(by=requester.id)),
        ("amended_on_request", amended(amendment="NULL")),
        ("FOREIGN KEY" if is_sqlite() else "fk_results_", amended(replaces=scene.results[0])),
        ("exams.control_rewritten", f"UPDATE controls SET valid_to = '2025-08-08' WHERE organisation_id = {scene.body.id}"),
        ("exams.control_removed", f"DELETE FROM controls WHERE organisation_id = {scene.provider.id}"),
    ])  # fmt: skip
    run(amended())
    assert not got_through([("exams.amendment.update", grant.format(by=approver.id))])


def test_the_truth_about_a_controller_can_be_written_once_no_pass_rests_on_it(app):
    scene = stage.published()
    join = f"UPDATE controls SET controller = '{scene.body.credit_code}' WHERE organisation_id = {scene.provider.id}"
    assert not got_through([("exams.control_joins_sides", join)])
    requester, approver = make.person(), make.person()
    for index in (0, 2):
        candidate = scene.candidates[index].id
        theory, practice = ((80, 90), None, (60, 60))[index]
        run(AMENDMENT.format(batch=scene.batch.id, candidate=candidate, practice=practice, outcome="void", evidence=scene.evidence.id, requester=requester.id).replace(" 80,", f" {theory},"))  # fmt: skip
        asked = run("SELECT max(id) AS id FROM amendments")[0].id
        run(f"UPDATE amendments SET granted = true, answered_by = {approver.id}, answered_at = {NOW} WHERE id = {asked}")  # fmt: skip
        run(AMENDED.format(batch=scene.batch.id, candidate=candidate, practice=practice, outcome="void", by=approver.id, replaces=scene.results[index], amendment=asked).replace(" 80,", f" {theory},"))  # fmt: skip
    run(join)


def test_what_was_looked_up_and_taken_over_stays_on_record(app):
    scene = stage.published()
    run(f"INSERT INTO mapping_openings (batch_id, account_id, reason, created_at) VALUES ({scene.batch.id}, {scene.clerk.id}, '核对', {NOW})")  # fmt: skip
    run(f"INSERT INTO transcriptions (batch_id, examiner_id, sheet_id, paper_id, account_id, created_at) VALUES ({scene.batch.id}, {scene.staff[Post.LEADER].person_id}, {scene.evidence.id}, {scene.evidence.id}, {scene.clerk.id}, {NOW})")  # fmt: skip
    assert not got_through([
        ("exams.mapping_opening.update", "UPDATE mapping_openings SET reason = '改'"),
        ("exams.mapping_opening.delete", "DELETE FROM mapping_openings"),
        ("has_reason", f"INSERT INTO mapping_openings (batch_id, account_id, reason, created_at) VALUES ({scene.batch.id}, {scene.clerk.id}, '', {NOW})"),
        ("exams.transcription.update", f"UPDATE transcriptions SET examiner_id = {scene.staff[Post.EXAMINER].person_id}"),
        ("exams.transcription.delete", "DELETE FROM transcriptions"),
    ])  # fmt: skip


def test_a_cancelled_batch_frees_both_sides_and_its_learners(app):
    scene = stage.planned()
    run(f"UPDATE batches SET state = 'cancelled', cancelled_reason = '停电' WHERE id = {scene.batch.id}")
    assert not got_through([
        ("exams.batch_step", f"UPDATE batches SET state = 'planned', cancelled_reason = '' WHERE id = {scene.batch.id}"),
    ])  # fmt: skip
    run(PLAN.format(cohort=scene.cohort.id, body=scene.body.id, scheme="social", state="planned", day="2025-09-09"))
    again = run("SELECT id FROM batches WHERE number = 'RD9'")[0].id
    run(CANDIDATE.format(batch=again, enrolment=scene.learners[0].id))
