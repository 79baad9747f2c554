"""What happens at an exam is written down by those on duty, and candidates are looked at before they are marked."""

from datetime import datetime, timedelta

import pytest

from lbcert.core import clock
from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Forbidden
from lbcert.exams import operations
from lbcert.exams.models import IncidentKind, Post, Seen
from lbcert.exams.queries.incidents import checks_of, incidents_of
from lbcert.testing.fixtures import browser_of
from tests.exams import scene as stage
from tests.exams.scene import DAY, number_of, refused, rules_of, said

pytestmark = pytest.mark.usefixtures("app", "exam_day")
ASKED = {**stage.POLICIES, "exams.identity_check": True}


def on_duty(scene):
    """Appoint an invigilator who has declared, and begin."""
    scene.invigilator = stage.examiner(scene, "监考员")
    staff = operations.appoint(scene.clerk, scene.batch.id, scene.invigilator.person_id, Post.INVIGILATOR)
    operations.declare(scene.invigilator, staff.id)
    operations.begin_marking(scene.clerk, scene.batch.id)
    return scene


def happened(scene, at=DAY, **values):
    given = {
        "kind": IncidentKind.POWER,
        "what": "停电 10 分钟",
        "done": "顺延 10 分钟，经督导员同意",
        "room": "101",
    } | values
    return operations.record_incident(scene.invigilator, scene.batch.id, happened_at=at, **given)


def test_what_happens_is_written_down_with_what_was_done_and_never_rewritten():
    scene = on_duty(stage.staffed())
    candidate = scene.batch.candidates[0]
    happened(scene)
    happened(scene, kind=IncidentKind.CHEATING, what="夹带纸条", done="收缴，由两人签字", candidate_id=candidate.id)
    found = incidents_of(scene.batch.id)
    assert [(one.kind, one.candidate_id) for one in found] == [
        (IncidentKind.CHEATING, candidate.id), (IncidentKind.POWER, None),
    ]  # fmt: skip
    assert str(found[0].kind.category) == "考生"
    assert rules_of(refused(happened, scene, what=" ")) == {"exams.incident_words"}
    for wrong in (DAY + timedelta(minutes=1), DAY - timedelta(days=1)):
        assert rules_of(refused(happened, scene, at=wrong)) == {"exams.incident_time"}
    for other in (scene.leader, scene.decider, scene.clerk):
        scene.invigilator, kept = other, scene.invigilator
        with pytest.raises(Forbidden):
            happened(scene)
        scene.invigilator = kept
    assert rules_of(refused(stage.sql, "UPDATE incidents SET what = '无事'")) == {"exams.incident.update"}
    assert rules_of(refused(stage.sql, "DELETE FROM incidents")) == {"exams.incident.delete"}


def test_a_look_at_each_candidate_comes_before_the_marks():
    scene = on_duty(stage.staffed(stage.ready(policies=ASKED)))
    people = {one.enrolment.person.name: one for one in scene.batch.candidates}
    operations.check_identity(scene.invigilator, people["张三"].id, Seen.MATCH)
    assert rules_of(refused(operations.check_identity, scene.invigilator, people["李四"].id, Seen.OTHER)) == {
        "exams.identity_note"
    }
    operations.check_identity(scene.invigilator, people["李四"].id, Seen.OTHER, "相貌与照片不符")
    for name in people:
        stage.give(scene, name, 80, 80)
    late = refused(operations.check_identity, scene.invigilator, people["王五"].id, Seen.MATCH)
    assert rules_of(late) == {"exams.identity_late"}
    refusal = refused(operations.decide_batch, scene.decider, scene.batch.id)
    assert rules_of(refusal) == {"exams.identity_missing", "exams.identity_doubtful"}
    assert "没有身份核验记录：王五" in said(refusal)
    assert {one.seen for one in checks_of(scene.batch.id).values()} == {Seen.MATCH, Seen.OTHER}


def test_without_the_policy_nobody_is_held_up():
    scene = on_duty(stage.staffed())
    stage.judged(scene)


def test_the_page_on_the_phone_takes_both(app):
    scene = on_duty(stage.staffed())
    browser, batch_id = browser_of(app, scene.invigilator), scene.batch.id
    candidate = scene.batch.candidates[0]
    person = candidate.enrolment.person
    page = browser.get(f"/exams/{batch_id}/duty").text
    assert person.name in page
    assert person.id_number[-4:] in page
    assert person.id_number not in page
    assert candidate.number not in page
    browser.post(f"/exams/candidates/{candidate.id}/identity", data={"seen": "match"})
    form = {
        "kind": "environment.noise",
        "happened_at": "2025-08-09T09:30",
        "candidate_id": "0",
        "what": "隔壁施工",
        "done": "",
    }
    kept = browser.post(f"/exams/{batch_id}/incidents", data=form)
    assert (kept.status_code, "请写明怎样处理" in kept.text, "隔壁施工" in kept.text) == (422, True, True)
    assert browser.post(f"/exams/{batch_id}/incidents", data=form | {"done": "请其停工"}).status_code == 302
    (found,) = incidents_of(batch_id)
    assert clock.local(found.happened_at) == datetime(2025, 8, 9, 9, 30, tzinfo=SHANGHAI)
    assert set(checks_of(batch_id)) == {candidate.id}
    assert number_of(scene, person.name) not in browser.get(f"/exams/{batch_id}/duty").text
