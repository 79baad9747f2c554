"""The public notice of results: masked, for its days, gone by itself; objections hold what they are against."""

import re
from datetime import date, datetime

import pytest

from lbcert.certificates.models import Certificate
from lbcert.certificates.operations.grounds import issue_skill_certificates
from lbcert.certificates.operations.keys import init_keys
from lbcert.certificates.operations.prefixes import enter_prefix
from lbcert.core import clock
from lbcert.core.access import Console, Role, Visitor
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.exams import operations as exams
from lbcert.exams import rules
from lbcert.exams.models import BatchState
from lbcert.exams.queries.notices import noticing
from lbcert.exams.queries.todo import todo as exams_todo
from lbcert.oversight.models import NoticeLine, Objection
from lbcert.oversight.operations import answer_objection, object_to, take_down
from lbcert.oversight.queries import todo
from lbcert.testing import factories as make
from lbcert.testing.scenes import played_once
from tests.exams import scene as stage
from tests.exams.scene import refused, rules_of, run, said

pytestmark = pytest.mark.usefixtures("app")
DAYS = {**stage.POLICIES, "exams.notice_days": 5}
#: 9 August 2025 is a Saturday: five working days later it is Friday the 15th.
LAST = date(2025, 8, 15)


def day(number, hour=10):
    return clock.at(datetime(2025, 8, number, hour, tzinfo=SHANGHAI))


@played_once
def decided():
    """Decide a batch under a policy of five working days: 张三 passed, 李四 failed, 王五 was absent."""
    scene = stage.judged(stage.begun(stage.ready(policies=DAYS)))
    scene.bureau = make.account(Role.BUREAU_OFFICER, make.KUNMING)
    stage.policy("oversight.objection_days", 3)
    return scene


@pytest.fixture
def scene():
    with day(9):
        yield decided()


def noticed(scene):
    scene.notice = exams.post_notice(scene.clerk, scene.batch.id)
    return scene


def objection(scene, **values):
    given = {"line_id": None, "name": "赵群众", "contact": "13800001111", "reason": "当天看见他在别处上班"} | values
    return object_to(Visitor(), scene.notice.id, **given)


def page(app, scene):
    return app.test_client().get(f"/notices/{scene.notice.id}")


def waits(account):
    return [str(one.message).partition("：")[0] for one in exams_todo(account) if one.endpoint == "exams.batch"]


def test_results_hang_masked_for_their_days_and_are_gone_by_themselves(app, scene):
    assert rules_of(refused(exams.publish_batch, scene.clerk, scene.batch.id)) == {"exams.not_noticed"}
    assert waits(scene.clerk) == ["公示成绩"]
    noticed(scene)
    assert waits(scene.clerk) == []
    assert (scene.notice.ends_on, scene.notice.days) == (LAST, 5)
    shown = page(app, scene)
    (line,) = scene.notice.lines
    person = next(one for one in scene.learners if one.person.name == "张三").person
    assert (line.name, line.last_four) == ("张*", person.id_number[-4:])
    assert shown.status_code == 200
    assert "张*" in shown.text
    for hidden in ("张三", "李四", person.id_number, person.id_masked):
        assert hidden not in shown.text, hidden
    # an address may hold the figures of his marks by chance, and so may what is shown of his number
    assert "90" not in re.sub(f"<[^>]*>|{line.last_four}", "", shown.text)
    assert "noindex" in shown.headers["X-Robots-Tag"]
    with day(15, 23):
        assert page(app, scene).status_code == 200
        refusal = refused(exams.publish_batch, scene.clerk, scene.batch.id)
        assert (rules_of(refusal), "公示到 2025-08-15 为止" in said(refusal)) == ({"exams.notice_runs"}, True)
    with day(16, 0):
        over = page(app, scene)
        assert (over.status_code, "公示已结束" in over.text, "张*" in over.text) == (410, True, False)
        assert waits(scene.clerk) == ["公布成绩"]
        assert exams.publish_batch(scene.clerk, scene.batch.id).state is BatchState.PUBLISHED


def test_without_a_policy_results_are_published_at_once_with_a_note(app):
    with day(9):
        scene = stage.judged()
        (note,) = rules.noticed(noticing(scene.batch))
        assert (note.rule, note.stops) == ("exams.no_notice", False)
        assert rules_of(refused(exams.post_notice, scene.clerk, scene.batch.id)) == {"exams.no_notice"}
        assert exams.publish_batch(scene.clerk, scene.batch.id).state is BatchState.PUBLISHED


def test_sql_cannot_publish_before_the_notice_is_over(scene):
    early = "UPDATE batches SET state = 'published', published_at = '2025-08-15 15:00:00.000000' WHERE id = :id"
    assert rules_of(refused(stage.sql, early, id=scene.batch.id)) == {"exams.not_noticed"}
    noticed(scene)
    assert rules_of(refused(stage.sql, early, id=scene.batch.id)) == {"exams.not_noticed"}
    assert rules_of(refused(stage.sql, "UPDATE batches SET notice_days = 0 WHERE id = :id", id=scene.batch.id)) == {
        "exams.notice_days_fixed"
    }
    for change in ("ends_at = '2025-08-10 00:00:00.000000'", "starts_on = '2025-08-01'", "days = 1"):
        assert rules_of(refused(stage.sql, f"UPDATE notices SET {change}")) == {"oversight.notice.update"}
    assert rules_of(refused(stage.sql, "UPDATE notice_lines SET name = '别人'")) == {"oversight.notice_line.update"}


def test_an_objection_names_who_makes_it_and_holds_the_one_it_is_against(scene):
    noticed(scene)
    assert rules_of(refused(objection, scene, name=" ", contact="")) == {"oversight.objection_incomplete"}
    assert rules_of(refused(objection, scene, line_id=99)) == {"oversight.line_of_another"}
    made = objection(scene, line_id=scene.notice.lines[0].id)
    assert made.due_on == date(2025, 8, 13)
    assert "答复异议（2025-08-13 前）" in _waits(scene.bureau)
    with day(16):
        assert rules_of(refused(objection, scene)) == {"oversight.notice_over"}
        assert "异议已逾期未答复" in _waits(scene.bureau)
        exams.publish_batch(scene.clerk, scene.batch.id)  # it holds one person, not all
        assert _issue(scene) == {"certificates.objection_open"}
        with pytest.raises(Forbidden):
            answer_objection(scene.clerk, made.id, upheld=False, answer="查无实据")
        assert rules_of(refused(answer_objection, scene.bureau, made.id, upheld=False, answer=" ")) == {
            "oversight.answer_reason"
        }
        answer_objection(scene.bureau, made.id, upheld=False, answer="考场录像显示本人在场")
        assert rules_of(refused(answer_objection, scene.bureau, made.id, upheld=True, answer="又成立")) == {
            "oversight.answered"
        }
        assert _issue(scene) == set()


def test_an_objection_to_the_whole_notice_holds_everybody(scene):
    made = objection(noticed(scene))
    with day(16):
        assert rules_of(refused(exams.publish_batch, scene.clerk, scene.batch.id)) == {"exams.objection_holds"}
        publish = "UPDATE batches SET state = 'published', published_at = '2025-08-16 02:00:00.000000' WHERE id = :id"
        assert rules_of(refused(stage.sql, publish, id=scene.batch.id)) == {"exams.objection_holds"}
        answer_objection(scene.bureau, made.id, upheld=False, answer="不实")
        assert exams.publish_batch(scene.clerk, scene.batch.id).state is BatchState.PUBLISHED


def test_an_upheld_objection_holds_until_the_result_is_amended_and_who_passes_late_hangs_too(scene):
    made = objection(noticed(scene), line_id=scene.notice.lines[0].id)
    answer_objection(scene.bureau, made.id, upheld=True, answer="系替考")
    with day(18):
        exams.publish_batch(scene.clerk, scene.batch.id)
        assert _issue(scene) == {"certificates.objection_upheld"}
        amended = stage.amend(scene, "李四", 70, 61)
        assert amended.granted
        assert _issue(scene) == {"certificates.objection_upheld", "certificates.not_noticed"}
        late = exams.post_notice(scene.clerk, scene.batch.id)
        assert [line.name for line in late.lines] == ["李*"]
        stage.amend(scene, "张三", 80, 90, void=True)
    with day(26):
        assert _issue(scene) == set()
        assert [one.person.name for one in db.session.query(Certificate)] == ["李四"]


def test_a_notice_taken_down_counts_for_nothing_and_is_put_up_anew(app, scene):
    noticed(scene)
    assert rules_of(refused(take_down, scene.bureau, scene.notice.id, " ")) == {"oversight.reason"}
    take_down(scene.bureau, scene.notice.id, "姓名有误")
    assert page(app, scene).status_code == 410
    assert "张*" not in page(app, scene).text
    with day(18):
        assert rules_of(refused(exams.publish_batch, scene.clerk, scene.batch.id)) == {"exams.not_noticed"}
        assert noticed(scene).notice.ends_on == date(2025, 8, 25)


def test_anybody_objects_on_the_page_and_the_bureau_answers_on_its_own(app, scene):
    noticed(scene)
    form = {"line_id": "0", "name": "赵群众", "contact": "13800001111", "reason": ""}
    path = f"/notices/{scene.notice.id}/objections"
    kept = app.test_client().post(path, data=form)
    assert (kept.status_code, "请写明异议内容和理由" in kept.text, "赵群众" in kept.text) == (422, True, True)
    assert app.test_client().post(path, data=form | {"reason": "有人替考"}).status_code == 302
    made = db.session.query(Objection).one()
    assert (made.objector, made.reason) == ("赵群众", "有人替考")
    raw = run("SELECT objector FROM objections")[0][0]
    assert "赵群众".encode() not in bytes(raw)
    assert db.session.query(NoticeLine).count() == 1


def _waits(account):
    return "\n".join(str(each.message) for each in todo(account))


def _issue(scene):
    """Issue what may be issued; give the rules that held certificates up."""
    if not hasattr(scene, "issuer"):
        scene.issuer = make.account(Role.ISSUER, scene.body)
        init_keys(Console())
        enter_prefix(
            make.account(Role.BUREAU_OFFICER, make.KUNMING), scene.body.id, "S000053000123", "批复", date(2025, 1, 1)
        )
    try:
        held = issue_skill_certificates(scene.issuer, scene.batch.id).held
    except Refused as refusal:
        held = refusal.findings
    return {finding.rule for finding in held if finding.stops}
