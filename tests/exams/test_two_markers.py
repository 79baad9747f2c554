"""Two examiners score a part alone; where they are too far apart a third decides; what counts is held by the database."""

import json
import re

import pytest
from sqlalchemy.exc import IntegrityError

from lbcert.core.access import Role
from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.exams import operations, scoring
from lbcert.exams.models import Absence, Mark, Part, PartScheme, Result
from lbcert.exams.queries.marks import own_history, own_sheets, sheets_of
from lbcert.exams.queries.todo import todo
from lbcert.exams.scoring import Scheme
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from lbcert.testing.scenes import played_once
from tests.exams import scene as stage
from tests.exams.scene import number_of, refused, rules_of, run, said
from tests.exams.test_sql_attacks import MARK
from tests.exams.test_transcription import checked, number, sheet, upload

pytestmark = pytest.mark.usefixtures("exam_day")
TWO = {**stage.POLICIES, "exams.markers_practice": 2, "exams.marker_tolerance": 5}


@pytest.fixture
@played_once
def scene(app):
    return stage.begun(stage.ready(policies=TWO))


def give(scene, who, name, value, part=Part.PRACTICE, **more):
    absence = value if isinstance(value, Absence) else None
    points = None if absence else value
    return operations.record_mark(who, scene.batch.id, number_of(scene, name), part, points, absence, **more)


def counts(scene, name):
    db.session.expire_all()
    [found] = [one for one in sheets_of(scene.batch.id).values() if one.number == number_of(scene, name)]
    return found.value(Part.PRACTICE)


def test_what_two_marks_come_to_is_frozen_at_the_beginning_and_decided_by_both_or_by_a_third(scene):
    stage.policy("exams.marker_tolerance", 50)
    schemes = {row.part: (row.markers, row.tolerance) for row in db.session.query(PartScheme)}
    assert schemes == {Part.THEORY: (1, None), Part.PRACTICE: (2, 5)}
    for name in ("张三", "李四", "王五"):
        give(scene, scene.leader, name, 70, Part.THEORY)
    give(scene, scene.leader, "张三", 80)
    give(scene, scene.second, "张三", 85)
    assert counts(scene, "张三") == 83, "82.5 is rounded up"
    assert rules_of(refused(give, scene, scene.third, "张三", 99)) == {"exams.mark_not_wanted"}
    give(scene, scene.second, "李四", 70)
    assert counts(scene, "李四") is None
    assert rules_of(refused(operations.decide_batch, scene.decider, scene.batch.id)) == {"exams.marks_missing"}
    first = give(scene, scene.leader, "李四", 76)
    give(scene, scene.leader, "王五", Absence.ABSENT)
    give(scene, scene.second, "王五", 55)
    refusal = refused(operations.decide_batch, scene.decider, scene.batch.id)
    assert rules_of(refusal) == {"exams.third_wanted"}
    assert "2 名考生的操作技能两次评分相差过大" in said(refusal)
    assert next(one.message.values for one in todo(scene.third) if one.endpoint == "exams.marking")[1] == ("count", 2)
    give(scene, scene.third, "李四", 59)
    give(scene, scene.third, "王五", Absence.ABSENT)
    operations.change_mark(scene.leader, scene.batch.id, first.id, 71, None, "多算了 5 分")
    operations.decide_batch(scene.decider, scene.batch.id)
    results = {
        one.candidate.enrolment.person.name: (one.practice, one.outcome.value) for one in db.session.query(Result)
    }
    assert results == {"张三": (83, "passed"), "李四": (59, "failed"), "王五": (None, "absent")}
    assert db.session.query(Mark).filter_by(part=Part.PRACTICE).count() == 9, "all marks are kept"


def test_a_scorer_is_shown_nothing_of_the_other(app, scene):
    both = make.account(Role.ASSESSMENT_CLERK, scene.body, scene.second.person)
    theirs = give(scene, scene.leader, "张三", 47)
    upload(scene, sheet(("李四", number(scene, "李四"), None, 48)))
    auditor = make.account(Role.AUDITOR, who=scene.second.person)
    here = f"/exams/{scene.batch.id}"
    own = [f"{here}/marking", f"{here}/marking/{number_of(scene, '张三')}", "/exams/mine", "/"]
    for account, paths in ((scene.second, own), (both, [*own, here]), (auditor, [*own, "/audit/"])):
        browser = browser_of(app, account)
        for path in paths:
            answer = browser.get(path)
            assert answer.status_code == 200, path
            shown = re.sub(r"<(?!input)[^>]+>", "\n", answer.get_data(as_text=True))
            assert not re.search(r"\n(组长|exams.record_mark)\n", shown), path
            assert path == "/audit/" or not re.search(r'[\s"]4[78][\s"]', shown), path
    stranger = make.account(Role.AUDITOR)
    assert ">exams.record_mark" in browser_of(app, stranger).get("/audit/").get_data(as_text=True)
    assert browser_of(app, both).get("/exams/transcriptions/1").status_code == 403
    assert own_history(theirs.candidate, scene.second.person_id) == []
    refusal = refused(operations.change_mark, scene.second, scene.batch.id, theirs.id, 90, None, "改")
    assert rules_of(refusal) == {"exams.mark_elsewhere"}
    give(scene, scene.second, "张三", 90)
    seen = next(
        one for one in own_sheets(scene.batch, scene.second.person_id) if one.number == number_of(scene, "张三")
    )
    assert (seen.value(Part.PRACTICE), dict(seen.seats)) == (90, {Part.THEORY: 1}), "nor that a third is wanted"
    kept = json.loads(db.session.query(AuditEntry).filter_by(operation="exams.record_mark").first().arguments)
    assert (kept["points"], 47 in kept.values(), "47" in kept.values()) == ("●", False, False)


def test_a_mark_that_is_sent_again_is_stored_once(scene):
    entry = "6f1d6c9e-7b0a-4b57-9d0e-0d2a7a3f1c11"
    mark = give(scene, scene.leader, "张三", 80, entry=entry)
    assert give(scene, scene.leader, "张三", 80, entry=entry).id == mark.id
    for odd in (
        lambda: give(scene, scene.leader, "张三", 81, entry=entry),
        lambda: give(scene, scene.second, "张三", 80, entry=entry),
    ):
        assert rules_of(refused(odd)) == {"exams.entry_reused"}
    assert rules_of(refused(give, scene, scene.leader, "李四", 80, entry="1")) == {"exams.entry_odd"}
    later = "7f1d6c9e-7b0a-4b57-9d0e-0d2a7a3f1c11"
    changed = operations.change_mark(scene.leader, scene.batch.id, mark.id, 78, None, "漏判", entry=later)
    again = operations.change_mark(scene.leader, scene.batch.id, mark.id, 78, None, "漏判", entry=later)
    assert (again.id, db.session.query(Mark).count()) == (changed.id, 2)


def test_the_phones_calls_answer_each_entry_for_itself_and_take_no_other_shape(app, scene):
    browser, address = browser_of(app, scene.leader), f"/exams/phone/{scene.batch.id}"
    give(scene, scene.second, "张三", 47)
    sheets = browser.get(f"{address}/sheets")
    nothing = {"marks": {}, "wanted": {"theory": False, "practice": False}}
    assert [{name: one[name] for name in nothing} for one in sheets.json["candidates"]] == [nothing] * 3
    assert sheets.headers["Cache-Control"] == "no-store"
    usual = {
        "number": number_of(scene, "张三"),
        "part": "theory",
        "points": 80,
        "absence": None,
        "after": None,
        "reason": "",
    }
    ids = [f"{place}f1d6c9e-7b0a-4b57-9d0e-0d2a7a3f1c11" for place in range(5)]

    def post(*entries, account=scene.leader.id):
        sent = [{**usual, "entry": name, **entry} for name, entry in zip(ids, entries, strict=False)]
        return browser.post(f"{address}/marks", json={"account": account, "entries": sent})

    said = post(
        {}, {"points": 81}, {"number": "1"}, {"part": "review"}, {"part": "practice", "points": None, "absence": "void"}
    )
    assert [one["state"] for one in said.json["answers"]] == ["stored", "conflict", "refused", "refused", "stored"]
    assert (said.json["answers"][1]["mark"]["points"], said.json["answers"][3]["why"]) == (80, ["本批次没有综合评审"])
    assert [one["state"] for one in post({}).json["answers"]] == ["stored"]
    told = db.session.query(AuditEntry).filter_by(operation="exams.record_mark", account_id=scene.leader.id)
    assert [json.loads(one.changes).get("made", {}).keys() for one in told] == [{"marks"}, {"marks"}, set()], (
        "each its own row"
    )
    assert db.session.query(Mark).filter_by(scorer_id=scene.leader.person_id).count() == 2
    assert post({}, account=scene.second.id).status_code == 409
    for odd in ({"points": True}, {"part": "x"}, {"entry": 1}, {"absence": []}, {"after": 2**31}, {"reason": None}):
        assert post(odd).status_code == 400, odd
    for odd in ([], {"account": scene.leader.id}, {"account": scene.leader.id, "entries": [1]}):
        assert browser.post(f"{address}/marks", json=odd).status_code == 400


def test_a_signed_sheet_is_one_examiners(scene):
    give(scene, scene.leader, "张三", 80)
    give(scene, scene.third, "张三", 82)
    give(scene, scene.leader, "李四", 60)
    staged = upload(
        scene,
        sheet(("李四", number(scene, "李四"), None, 90), ("王五", number(scene, "王五"), 70, 50)),
        examiner=scene.second,
    )
    operations.take_over_transcription(scene.clerk, staged.id)
    seats = {
        (one.candidate.enrolment.person.name, one.seat)
        for one in db.session.query(Mark).filter_by(transcription_id=staged.id)
    }
    assert seats == {("李四", 2), ("王五", 1)}
    third = sheet(("张三", number(scene, "张三"), None, 81), ("李四", number(scene, "李四"), None, 75))
    found = checked(scene.batch, scene.second.person_id, third)
    assert {one.rule for one in found.all_findings if one.stops} == {"exams.mark_not_wanted", "exams.sheet_differs"}
    found = checked(scene.batch, scene.third.person_id, sheet(("李四", number(scene, "李四"), None, 75)))
    assert found.rows[0].seats[Part.PRACTICE] == scoring.THIRD


@pytest.mark.parametrize(
    ("policies", "rule"),
    [
        ({"exams.markers_practice": 3, "exams.marker_tolerance": 5}, "exams.markers_value"),
        ({"exams.markers_theory": 2}, "exams.tolerance_missing"),
    ],
)
def test_a_marking_that_the_policy_leaves_unclear_does_not_begin(app, policies, rule):
    scene = stage.staffed(stage.ready(policies={**stage.POLICIES, **policies}))
    assert rules_of(refused(operations.begin_marking, scene.clerk, scene.batch.id)) == {rule}


@pytest.mark.parametrize(
    ("values", "counts", "third"),
    [
        ({}, None, False), ({1: 60}, None, False), ({1: 60, 2: 65}, 63, False), ({1: 60, 2: 66}, None, True),
        ({1: 0, 2: Absence.ABSENT}, None, True), ({1: Absence.VOID, 2: Absence.VOID}, Absence.VOID, False),
        ({1: Absence.VOID, 2: Absence.ABSENT}, None, True), ({1: 60, 2: 66, 3: 0}, 0, False), ({2: 60}, None, False),
    ],
)  # fmt: skip
def test_two_marks_come_to_their_mean_or_to_a_third(values, counts, third):
    scheme = Scheme(2, 5)
    assert (scoring.settled(values, scheme), scoring.wants_third(values, scheme)) == (counts, third)


def test_the_database_holds_who_may_mark_and_what_counts(scene):
    for name in ("张三", "李四", "王五"):
        give(scene, scene.leader, name, 60, Part.THEORY)
        give(scene, scene.leader, name, 60)
    first = db.session.query(Mark).filter_by(part=Part.PRACTICE).order_by(Mark.id).first()
    usual = {
        "batch": scene.batch.id, "candidate": first.candidate_id, "part": "practice", "points": 60, "absence": "NULL",
        "scorer": scene.second.person_id, "account": scene.second.id, "replaces": "NULL", "reason": "",
    }  # fmt: skip

    def insert(seat, **values):
        statement = MARK.replace("part,", "part, seat,", 1).replace("'{part}',", "'{part}', {seat},", 1)
        run(statement.format(**{**usual, "seat": seat, **values}))

    for seat, values, rule in (
        (3, {}, "mark_seat"),  # nobody wants a third
        (1, {}, "candidate_id"),  # the first seat is taken
        (2, {"scorer": scene.leader.person_id}, "candidate_id"),  # one person is no second marker
        (2, {"part": "theory"}, "mark_seat"),  # one marker scores the theory
        (1, {"replaces": first.id, "reason": "x"}, "mark_seat"),  # another's mark
        (2, {"replaces": first.id, "reason": "x", "scorer": scene.leader.person_id}, "mark_seat"),  # another seat
    ):
        with pytest.raises(IntegrityError, match=rule):
            insert(seat, **values)
    with pytest.raises(IntegrityError, match=r"exams.scheme_late"):
        run(
            "INSERT INTO part_schemes (batch_id, part, markers, basis, created_at) SELECT batch_id, 'review', 1, '', created_at FROM part_schemes"
        )
    with pytest.raises(IntegrityError, match=r"exams.scheme.update"):
        run("UPDATE part_schemes SET tolerance = 100 WHERE tolerance = 5")
    decide = {"batch": scene.batch.id, "decider": scene.decider.person_id}
    with pytest.raises(IntegrityError, match=r"exams.marks_missing"):
        run(stage.DECIDE, **decide)
    for name in ("张三", "李四", "王五"):
        give(scene, scene.second, name, 65 if name != "王五" else 66)
    with pytest.raises(IntegrityError, match=r"exams.marks_missing"):
        run(stage.DECIDE, **decide)
    give(scene, scene.third, "王五", 70)
    run(stage.DECIDE, **decide)
    result = {
        "batch": scene.batch.id,
        "decider": scene.decider.person_id,
        "candidate": first.candidate_id,
        "theory": 60,
    }
    for wrong in (60, 62, 65):
        with pytest.raises(IntegrityError, match=r"exams.result_differs"):
            run(stage.RESULT, **result, practice=wrong, outcome="passed")
    right = 70 if first.candidate.enrolment.person.name == "王五" else 63
    run(stage.RESULT, **result, practice=right, outcome="passed")
