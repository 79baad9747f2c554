"""The list of candidates is frozen before the exam: what changes it then was asked for by one person and granted by another."""

from datetime import timedelta

import pytest

from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Forbidden
from lbcert.exams import operations
from lbcert.exams.models import ChangeKind, ChangeState, RosterChange
from lbcert.exams.queries.todo import todo
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from tests.exams import scene as stage
from tests.exams.scene import refused, rules_of, said
from tests.exams.test_sql_attacks import CANDIDATE, got_through

pytestmark = pytest.mark.usefixtures("app")
BEFORE, FROZEN = stage.DAY - timedelta(days=4), stage.DAY - timedelta(days=2)


def listed(**values):
    """Put all but the last learner on a list that is frozen three days before the exam, while it is open."""
    scene = stage.ready(policies={**stage.POLICIES, "exams.freeze_days": 3}, **values)
    with clock.at(BEFORE):
        scene.left_out = scene.learners.pop()
        return stage.staffed(scene)


def candidate(scene, name):
    return next(one for one in scene.batch.candidates if one.enrolment.person.name == name)


def waits(account):
    return any("答复考生名单变更申请" in str(one.message) for one in todo(account))


def names(scene):
    db.session.expire_all()
    return sorted(one.enrolment.person.name for one in scene.batch.candidates)


def test_a_frozen_list_changes_only_as_one_person_asks_and_another_grants():
    scene = listed()
    with clock.at(FROZEN):
        for refusal in (
            refused(operations.add_candidates, scene.clerk, scene.batch.id, [scene.left_out.id]),
            refused(operations.remove_candidate, scene.clerk, candidate(scene, "李四").id),
        ):
            assert rules_of(refusal) == {"exams.roster_frozen"}
            assert "考生名单已于 2025-08-06 冻结" in said(refusal)
        ask = operations.request_roster_change
        assert rules_of(refused(ask, scene.clerk, scene.batch.id, scene.left_out.id, ChangeKind.ADD, " ")) == {
            "exams.reason"
        }
        added = ask(scene.clerk, scene.batch.id, scene.left_out.id, ChangeKind.ADD, "补录结业成绩")
        assert rules_of(refused(ask, scene.clerk, scene.batch.id, scene.left_out.id, ChangeKind.ADD, "再申请")) == {
            "exams.roster_asked_twice"
        }
        removed = ask(scene.clerk, scene.batch.id, scene.learners[1].id, ChangeKind.REMOVE, "本人放弃")
        assert names(scene) == ["张三", "李四"]
        assert [waits(one) for one in (scene.officer, scene.decider, scene.clerk)] == [True, True, False]
        with pytest.raises(Forbidden):
            operations.answer_roster_change(scene.clerk, added.id, granted=True)
        own = make.account(Role.RESULT_OFFICER, scene.body, scene.clerk.person)
        assert rules_of(refused(operations.answer_roster_change, own, added.id, granted=True)) == {
            "exams.own_roster_change"
        }
        assert rules_of(refused(operations.answer_roster_change, scene.officer, added.id, granted=False)) == {
            "exams.reason"
        }
        operations.answer_roster_change(scene.officer, added.id, granted=True)
        operations.answer_roster_change(scene.decider, removed.id, granted=True, answer="同意")
        assert rules_of(refused(operations.answer_roster_change, scene.officer, added.id, granted=True)) == {
            "exams.roster_answered"
        }
        assert not waits(scene.officer)
    assert names(scene) == ["张三", "王五"]
    assert [(row.state, row.reason) for row in db.session.query(RosterChange).order_by(RosterChange.id)] == [
        (ChangeState.GRANTED, "补录结业成绩"),
        (ChangeState.GRANTED, "本人放弃"),
    ]


def test_what_was_granted_is_judged_again_and_an_open_list_asks_nobody():
    scene = listed()
    with clock.at(BEFORE):
        ask = operations.request_roster_change
        assert rules_of(refused(ask, scene.clerk, scene.batch.id, scene.left_out.id, ChangeKind.ADD, "补录")) == {
            "exams.roster_open"
        }
        operations.remove_candidate(scene.clerk, candidate(scene, "李四").id, "录错")
        operations.add_candidates(scene.clerk, scene.batch.id, [scene.learners[1].id])
    with clock.at(FROZEN):
        added = ask(scene.clerk, scene.batch.id, scene.left_out.id, ChangeKind.ADD, "补录")
        stage.run("UPDATE school_tests SET passed = false WHERE enrolment_id = :id", id=scene.left_out.id)
        db.session.expire_all()
        refusal = refused(operations.answer_roster_change, scene.officer, added.id, granted=True)
        assert rules_of(refusal) == {"exams.school_test_failed"}
        operations.answer_roster_change(scene.officer, added.id, granted=False, answer="结业考核不合格")
    assert names(scene) == ["张三", "李四"]


def test_the_database_holds_a_frozen_list_against_sql():
    scene = listed()
    with clock.at(FROZEN):
        change = operations.request_roster_change(
            scene.clerk, scene.batch.id, scene.left_out.id, ChangeKind.ADD, "补录"
        )
    own = f"UPDATE roster_changes SET state = 'granted', answered_by = requester_id, answered_at = created_at WHERE id = {change.id}"
    noted = (
        "INSERT INTO roster_changes (batch_id, enrolment_id, kind, state, reason, account_id, answer, created_at) VALUES "
        f"({scene.batch.id}, {scene.learners[0].id}, 'remove', '{{state}}', '', {scene.clerk.id}, '', '2025-08-08 02:00:00')"
    )
    assert not got_through([
        ("exams.roster_frozen", CANDIDATE.format(batch=scene.batch.id, enrolment=scene.left_out.id).replace("2025-08-10", "2025-08-08")),
        ("exams.removal_unnoted", f"DELETE FROM candidates WHERE id = {scene.batch.candidates[0].id}"),
        ("exams.roster_unasked", noted.format(state="noted")),
        ("asked_with_reason", noted.format(state="open")),
        ("two_persons", own),
        ("exams.roster_change", f"UPDATE roster_changes SET reason = 'x' WHERE id = {change.id}"),
        ("exams.roster_change", f"DELETE FROM roster_changes WHERE id = {change.id}"),
        ("exams.batch_fixed", f"UPDATE batches SET freezes_at = NULL WHERE id = {scene.batch.id}"),
    ])  # fmt: skip


def test_the_page_shows_what_was_asked_to_whoever_may_grant_it(app):
    scene = listed()
    with clock.at(FROZEN):
        clerk, officer = browser_of(app, scene.clerk), browser_of(app, scene.officer)
        url = f"/exams/{scene.batch.id}/candidates"
        assert "申请列入" in clerk.get(url).text
        sent = {"learner": scene.left_out.id, "reason": "补录结业成绩"}
        assert clerk.post(f"/exams/{scene.batch.id}/roster-changes/add", data=sent).status_code == 302
        assert clerk.post(f"/exams/{scene.batch.id}/roster-changes/remove", data=sent).status_code == 422
        change = db.session.query(RosterChange).one()
        assert "不批准" not in clerk.get(url).text
        assert "补录结业成绩" in officer.get(url).text
        assert officer.post(f"/exams/roster-changes/{change.id}/decline", data={"reason": ""}).status_code == 422
        assert officer.post(f"/exams/roster-changes/{change.id}/grant").status_code == 302
        page = clerk.get(url).text
    assert "名单变更记录（1）" in page
    assert "已批准" in page
