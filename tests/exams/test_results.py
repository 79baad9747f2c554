"""Deciding, publishing, and amending with two people."""

import json

import pytest

from lbcert.core.access import Role
from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.core.findings import Forbidden
from lbcert.exams import operations
from lbcert.exams.models import Absence, Amendment, BatchState, Outcome, Part, Post, Result
from lbcert.exams.models.schemes import POINTS, settled
from lbcert.exams.models.separation import _SCORED
from lbcert.exams.queries.results import results_by_name, results_ever, standing_result
from lbcert.exams.queries.todo import todo
from lbcert.exams.rules import outcome
from lbcert.hookspecs import hookimpl
from lbcert.plugins import plugins
from lbcert.testing import factories as make
from tests.exams import scene as stage
from tests.exams.scene import number_of, refused, rules_of, said

pytestmark = pytest.mark.usefixtures("app", "exam_day")


def of(scene):
    return {one.candidate.enrolment.person.name: one for one in results_by_name(scene.batch.id)}


def test_results_follow_from_the_marks_and_the_pass_marks_on_file():
    scene = stage.judged()
    assert {name: one.outcome for name, one in of(scene).items()} == {
        "张三": Outcome.PASSED, "李四": Outcome.FAILED, "王五": Outcome.ABSENT,
    }  # fmt: skip
    third = of(scene)["王五"]
    assert (third.theory, third.practice, third.review) == (60, None, None)
    batch = scene.batch
    assert (batch.state, batch.pass_theory, batch.pass_practice, batch.basis) == (
        BatchState.DECIDED,
        60,
        60,
        "本局设定",
    )
    assert batch.decided_by == scene.decider.person_id
    [entry] = db.session.query(AuditEntry).filter_by(operation="exams.decide")
    assert json.loads(entry.changes)["made"] == {"results": sorted(one.id for one in of(scene).values())}


@pytest.mark.parametrize(
    "question",
    [
        settled("4711", "theory", POINTS),
        "SELECT " + _SCORED.format(batch="batch_id").replace("NEW.batch_id", "7").replace("NEW.decided_by", "7"),
    ],
    ids=["what a part comes to", "whether the decider scored"],
)
def test_what_each_result_asks_of_the_marks_is_answered_from_an_index(question):
    if db.engine.dialect.name == "sqlite":
        rows = stage.run(f"EXPLAIN QUERY PLAN {question}")
        assert not [row.detail for row in rows if row.detail.startswith("SCAN") and "CONSTANT" not in row.detail]
    else:
        with db.engine.begin() as connection:
            connection.exec_driver_sql(
                "SET LOCAL enable_seqscan = off"
            )  # small tables are read whole, whatever there is
            plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {question}").scalars())
        assert "Index" in plan
        assert "Seq Scan" not in plan


def test_nothing_is_decided_while_a_mark_is_missing():
    scene = stage.begun()
    stage.give(scene, "张三", 80, 90)
    refusal = refused(operations.decide_batch, scene.decider, scene.batch.id)
    assert rules_of(refusal) == {"exams.marks_missing"}
    assert "2 名考生的理论知识还没有成绩，未到考的请录“缺考”" in said(refusal)
    assert number_of(scene, "王五") in said(refusal)


def test_without_a_pass_mark_on_file_nothing_is_decided():
    policies = {key: value for key, value in stage.POLICIES.items() if key != "exams.pass_practice"}
    scene = stage.begun(stage.ready(policies=policies))
    stage.policy("exams.pass_practice", 60, make.NINGLANG)  # another county's says nothing here
    for name in ("张三", "李四", "王五"):
        stage.give(scene, name, 60, 60)
    refusal = refused(operations.decide_batch, scene.decider, scene.batch.id)
    assert rules_of(refusal) == {"exams.pass_mark_missing"}
    assert "没有登记“操作技能合格分”，不能审定；请人社局在政策参数中登记" in said(refusal)


def test_only_the_appointed_decider_decides_and_not_who_typed_a_mark():
    scene = stage.begun()
    for other in (scene.leader, scene.clerk, scene.officer, stage.examiner(scene, "别的审定人", Role.RESULT_OFFICER)):
        with pytest.raises(Forbidden):
            operations.decide_batch(other, scene.batch.id)
    for name in ("张三", "李四", "王五"):
        stage.give(scene, name, 60, 60)
    deputy = stage.examiner(scene, "替补审定人", Role.ASSESSMENT_CLERK)
    staff = operations.appoint(scene.officer, scene.batch.id, deputy.person_id, Post.DECIDER, deputy=True)
    assert rules_of(refused(operations.decide_batch, deputy, scene.batch.id)) == {"exams.undeclared"}
    operations.declare(deputy, staff.id)
    stage.run("UPDATE accounts SET person_id = :person WHERE id = :account", person=deputy.person_id, account=scene.leader.id)  # fmt: skip
    assert rules_of(refused(operations.decide_batch, deputy, scene.batch.id)) == {"exams.decider_scored"}
    assert operations.decide_batch(scene.decider, scene.batch.id).state is BatchState.DECIDED


def test_results_are_published_by_a_third_step():
    scene = stage.begun()
    assert rules_of(refused(operations.publish_batch, scene.clerk, scene.batch.id)) == {"exams.undecided"}
    stage.judged(scene)
    for other in (scene.leader, stage.examiner(scene, "路人")):
        with pytest.raises(Forbidden):
            operations.publish_batch(other, scene.batch.id)
    assert operations.publish_batch(scene.clerk, scene.batch.id).state is BatchState.PUBLISHED
    steps = [entry.operation for entry in db.session.query(AuditEntry).filter(AuditEntry.subject == f"batch:{scene.batch.id}").order_by(AuditEntry.position)]  # fmt: skip
    assert steps[-3:] == ["exams.begin_marking", "exams.decide", "exams.publish"]


def ask(scene, name="李四", practice=62, actor=None, data=b"%PDF-review", **values):
    result = of(scene)[name]
    usual = {
        "theory": result.theory, "practice": practice, "review": None, "reason": "复核发现第三项漏计 3 分", "data": data,
        "file_name": "复核记录.pdf", "media_type": "application/pdf",
    }  # fmt: skip
    return operations.request_amendment(actor or scene.clerk, result.id, **{**usual, **values})


class Heard:
    """A plugin that hears of changed results, and may object."""

    def __init__(self, objects=False):
        self.objects = objects
        self.pairs = []

    @hookimpl
    def lbcert_result_changed(self, result):
        """Note the old outcome and the new one."""
        if self.objects:
            raise RuntimeError("the certificate could not be suspended")
        self.pairs.append((result.replaces.outcome, result.outcome))


@pytest.fixture
def heard():
    plugin = Heard()
    plugins().manager.register(plugin)
    yield plugin
    plugins().manager.unregister(plugin)


def waits(account):
    return any("答复成绩更改申请" in str(one.message) for one in todo(account))


def test_an_amendment_is_asked_by_one_and_granted_by_another(heard):
    scene = stage.judged()
    operations.publish_batch(scene.clerk, scene.batch.id)
    asked = ask(scene)
    assert asked.outcome is Outcome.PASSED
    assert of(scene)["李四"].outcome is Outcome.FAILED
    assert [waits(one) for one in (scene.decider, scene.officer, scene.clerk)] == [True, True, False]
    operations.answer_amendment(scene.decider, asked.id, granted=True)
    assert not waits(scene.decider)
    new = of(scene)["李四"]
    assert (new.practice, new.outcome, new.replaces.practice, new.amendment.reason) == (
        62, Outcome.PASSED, 59, "复核发现第三项漏计 3 分",
    )  # fmt: skip
    assert [one.outcome for one in results_ever(new.candidate_id)] == [Outcome.FAILED, Outcome.PASSED]
    assert heard.pairs == [(Outcome.FAILED, Outcome.PASSED)]


def test_who_asked_or_marked_does_not_grant():
    scene = stage.judged()
    asked = ask(scene, actor=scene.decider)
    assert [waits(one) for one in (scene.decider, scene.officer)] == [False, True]
    assert rules_of(refused(operations.answer_amendment, scene.decider, asked.id, granted=True)) == {
        "exams.own_amendment"
    }
    scorer = make.account(Role.RESULT_OFFICER, scene.body, scene.leader.person)
    assert rules_of(refused(operations.answer_amendment, scorer, asked.id, granted=True)) == {"exams.decider_scored"}
    with pytest.raises(Forbidden):
        operations.answer_amendment(scene.clerk, asked.id, granted=True)
    assert operations.answer_amendment(scene.officer, asked.id, granted=True).granted


def test_a_declined_amendment_changes_nothing_and_says_why(heard):
    scene = stage.judged()
    asked = ask(scene)
    assert rules_of(refused(operations.answer_amendment, scene.decider, asked.id, granted=False)) == {"exams.reason"}
    operations.answer_amendment(scene.decider, asked.id, granted=False, answer="复核无误")
    assert of(scene)["李四"].outcome is Outcome.FAILED
    assert heard.pairs == []
    refusal = refused(operations.answer_amendment, scene.decider, asked.id, granted=True)
    assert rules_of(refusal) == {"exams.amendment_answered"}


def test_a_consequence_that_fails_undoes_the_amendment(heard):
    scene = stage.judged()
    asked = ask(scene)
    heard.objects = True
    with pytest.raises(RuntimeError, match="could not be suspended"):
        operations.answer_amendment(scene.decider, asked.id, granted=True)
    db.session.expire_all()
    assert db.session.get(Amendment, asked.id).granted is None
    assert db.session.query(Result).count() == 3


def test_a_pass_can_be_made_void_for_cheating(heard):
    scene = stage.judged()
    asked = ask(scene, "张三", practice=90, void=True, reason="查实替考")
    operations.answer_amendment(scene.decider, asked.id, granted=True)
    assert heard.pairs == [(Outcome.PASSED, Outcome.VOID)]
    assert standing_result(asked.candidate_id).outcome is Outcome.VOID


def test_an_amendment_needs_reason_evidence_and_something_to_change():
    scene = stage.judged()
    assert rules_of(refused(ask, scene, practice=59, reason=" ", data=b"")) == {
        "exams.reason", "exams.no_evidence", "exams.amends_nothing",
    }  # fmt: skip
    assert rules_of(refused(ask, scene, practice=101)) == {"exams.points_range"}
    ask(scene)
    assert rules_of(refused(ask, scene, practice=63)) == {"exams.amendment_open"}


def test_a_replaced_result_is_not_amended_again():
    scene = stage.judged()
    old = of(scene)["李四"]
    operations.answer_amendment(scene.decider, ask(scene).id, granted=True)
    refusal = refused(
        operations.request_amendment, scene.clerk, old.id, 70, 70, None, "再改", b"%PDF-x", "x.pdf", "application/pdf"
    )
    assert rules_of(refusal) == {"exams.result_replaced"}


@pytest.mark.parametrize(
    ("theory", "practice", "decided"),
    [
        (60, 60, Outcome.PASSED), (59, 100, Outcome.FAILED), (100, 59, Outcome.FAILED), (0, 0, Outcome.FAILED),
        (100, Absence.ABSENT, Outcome.ABSENT), (Absence.ABSENT, Absence.VOID, Outcome.VOID), (Absence.VOID, 100, Outcome.VOID),
    ],
)  # fmt: skip
def test_void_and_absent_stand_above_points(theory, practice, decided):
    limits = {Part.THEORY: 60, Part.PRACTICE: 60}
    assert outcome({Part.THEORY: theory, Part.PRACTICE: practice}, limits) is decided
