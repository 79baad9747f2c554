"""Who may sit the exam: every rule that fails, of every learner at once, with the document that says so."""

from datetime import date
from io import BytesIO

import pytest

from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.reference import SkillLevel
from lbcert.demo.papers import signed_paper
from lbcert.exams import operations
from lbcert.exams.eligibility import Background, may_enter
from lbcert.exams.models import EntryRoute, Statement, StatementKind
from lbcert.exams.queries.candidates import learners_of
from lbcert.parties.models import Qualification, QualificationKind
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from tests.exams import scene as stage
from tests.exams.scene import HELD, refused, rules_of, said
from tests.exams.test_sql_attacks import got_through

NATIONAL = "人社厅发〔2024〕1号"
database = pytest.mark.usefixtures("app", "exam_day")


def ways(scene, *values, area="000000", trade=None, level=SkillLevel.FIVE, source=NATIONAL):
    """Put ways to a level on file, as the administrator of the country."""
    admin = make.account(Role.ADMIN, "000000")
    for one in values:
        operations.set_entry_route(admin, area, level, date(2020, 1, 1), source, trade_id=trade and trade.id, **one)


def planned(scene):
    return operations.plan_batch(scene.clerk, scene.cohort.id, scene.body.id, HELD, "阜康考点")


@database
def test_hours_and_shares_that_fail_are_named_for_every_learner_with_their_document():
    scene = stage.ready()
    batch = planned(scene)
    for key, value in (
        ("exams.hours_taught_share", 100), ("exams.theory_share", 50), ("exams.practice_share", 90),
    ):  # fmt: skip
        stage.policy(key, value, make.FUKANG)
        stage.policy(key, 1, make.KUNMING)  # another province's rule, which asks nobody here
    refusal = refused(operations.add_candidates, scene.clerk, batch.id, [one.id for one in scene.learners])
    assert rules_of(refusal) == {"exams.hours_taught", "exams.theory_share", "exams.practice_share"}
    assert len([one for one in refusal.findings if one.stops]) == 9
    assert "张三 的课程已授 4/72 课时（5%），低于规定的 100%，请先补足课时" in said(refusal)
    assert "李四 的理论课到课 0/20 课时（0%），低于规定的 50%" in said(refusal)
    assert "王五 的实操课到课 4/52 课时（7%），低于规定的 90%" in said(refusal)
    assert {one.source for one in refusal.findings if one.stops} == {"本局设定"}


@database
def test_without_a_rule_on_file_nothing_is_asked_and_a_note_says_so():
    scene = stage.ready()
    batch = planned(scene)
    findings = {finding for one in learners_of(batch) for finding in one.findings}
    assert {one.rule for one in findings} == {
        "policy.exams.hours_taught_share", "policy.exams.theory_share", "policy.exams.practice_share",
        "exams.no_entry_routes",
    }  # fmt: skip
    assert not any(one.stops for one in findings)


FOUR = SkillLevel.FOUR
WAYS = [
    EntryRoute(level=FOUR, years=5, source=NATIONAL),
    EntryRoute(level=FOUR, years=3, held_level=SkillLevel.FIVE, source=NATIONAL),
    EntryRoute(level=FOUR, years=0, proof=StatementKind.STUDY, min_age=18, source=NATIONAL),
]


@pytest.mark.parametrize(
    ("known", "may"),
    [
        pytest.param({"work": [(date(2020, 8, 9), HELD)]}, True, id="five years to the day"),
        pytest.param({"work": [(date(2020, 8, 10), HELD)]}, False, id="a day short"),
        pytest.param(
            {"work": [(date(2020, 8, 9), date(2022, 12, 31)), (date(2023, 1, 1), HELD)]}, True, id="two jobs in a row"
        ),
        pytest.param(
            {"work": [(date(2020, 1, 1), date(2023, 1, 1)), (date(2021, 1, 1), date(2023, 6, 1))]}, False, id="twice at once"
        ),
        pytest.param(
            {"work": [(date(2021, 1, 1), HELD)], "held": {SkillLevel.FIVE: date(2022, 8, 9)}}, True, id="certificate and 3 years"
        ),
        pytest.param(
            {"work": [(date(2021, 1, 1), HELD)], "held": {SkillLevel.FIVE: date(2022, 8, 10)}}, False, id="certificate too late"
        ),
        pytest.param({"held": {SkillLevel.FIVE: date(2015, 1, 1)}}, False, id="certificate and no work"),
        pytest.param({"proofs": frozenset({StatementKind.STUDY})}, True, id="schooling"),
        pytest.param(
            {"proofs": frozenset({StatementKind.STUDY}), "birth_date": date(2007, 8, 10)}, False, id="schooling, 17 years old"
        ),
    ],
)  # fmt: skip
def test_one_way_to_the_fourth_level_is_enough_and_none_is_refused(known, may):
    person = Background(**{"who": "张三", "birth_date": date(1990, 1, 1), **known})
    found = may_enter(person, "电工", FOUR, WAYS, HELD)
    assert [finding.rule for finding in found] == ([] if may else ["exams.entry_conditions"])
    if not may:
        assert "从事本职业满 5 年、取得五级/初级工证书后从事本职业满 3 年、相关专业毕业（年满 18 周岁）" in str(
            found[0].message
        )
        assert found[0].source == NATIONAL


@database
def test_a_trades_own_ways_stand_before_the_general_ones_and_near_areas_before_far_ones():
    scene = stage.ready()
    batch = planned(scene)
    ways(scene, {"years": 1})
    refusal = refused(operations.add_candidates, scene.clerk, batch.id, [scene.learners[0].id])
    assert rules_of(refusal) == {"exams.entry_conditions"}
    assert "从事本职业满 1 年" in said(refusal)
    ways(scene, {"years": 2}, trade=scene.cohort.item.trade)
    assert "从事本职业满 2 年" in said(
        refused(operations.add_candidates, scene.clerk, batch.id, [scene.learners[0].id])
    )
    ways(scene, {"years": 3}, trade=scene.cohort.item.trade, area="650000")  # the site's; the body is of 云南
    ways(scene, {"min_age": 16}, trade=scene.cohort.item.trade, area="530000", source="本省设定")
    assert len(operations.add_candidates(scene.clerk, batch.id, [scene.learners[0].id]).candidates) == 1


@database
def test_work_is_shown_by_a_paper_and_a_withdrawn_one_counts_no_longer():
    scene = stage.ready()
    batch = planned(scene)
    ways(scene, {"years": 5}, {"held_level": None, "proof": StatementKind.TITLE})
    first, second, third = (one.id for one in scene.learners)
    ask = operations.state_experience
    work = {"kind": StatementKind.WORK, "file_name": "证明.pdf", "employer": "阜康能源"}
    assert rules_of(refused(ask, scene.clerk, batch.id, first, data=b"", **work)) == {
        "exams.no_statement_paper", "exams.work_since",
    }  # fmt: skip
    paper = signed_paper("工作证明")
    kept = ask(scene.clerk, batch.id, first, data=paper, since=date(2020, 1, 1), **work)
    ask(scene.clerk, batch.id, second, data=paper, since=date(2020, 1, 1), until=date(2024, 12, 30), **work)
    refusal = refused(operations.add_candidates, scene.clerk, batch.id, [first, second, third])
    assert [str(one.message)[:2] for one in refusal.findings if one.stops] == ["李四", "王五"]
    assert "李四 不符合五级/初级工的申报条件" in said(refusal)
    assert "从事本职业 4 年" in said(refusal)
    assert rules_of(refused(operations.withdraw_statement, scene.clerk, kept.id, " ")) == {"exams.reason"}
    operations.withdraw_statement(scene.clerk, kept.id, "单位说明不实")
    refusal = refused(operations.add_candidates, scene.clerk, batch.id, [first])
    assert rules_of(refusal) == {"exams.entry_conditions"}
    assert not got_through([
        ("exams.statement", "UPDATE work_statements SET withdrawn_reason = ''"),
        ("exams.statement", "UPDATE work_statements SET since = '2001-01-01' WHERE employer <> ''"),
        ("exams.statement", "DELETE FROM work_statements"),
        ("exams.entry_route", "UPDATE entry_routes SET years = 0 WHERE years = 5"),
        ("exams.entry_route", "DELETE FROM entry_routes"),
    ])  # fmt: skip


@database
def test_a_certificate_of_the_level_below_counts_while_it_stands():
    scene = stage.ready()
    stage.run("UPDATE training_items SET level = '4'")
    db.session.expire_all()
    make.filing(scene.body, scene.cohort.item.trade, "assess", level="4")
    batch = planned(scene)
    ways(scene, {"held_level": SkillLevel.FIVE}, level=FOUR)
    for one, stands in zip(scene.learners, (True, False), strict=False):
        make.store(
            Qualification(
                person_id=one.person_id, kind=QualificationKind.SKILL_LEVEL, trade_id=scene.cohort.item.trade_id,
                level=SkillLevel.FIVE, number=f"S{one.id}", issuer="x", issued_on=date(2020, 1, 1), stands=stands,
            )
        )  # fmt: skip
    refusal = refused(operations.add_candidates, scene.clerk, batch.id, [one.id for one in scene.learners])
    assert [str(one.message)[:2] for one in refusal.findings if one.stops] == ["李四", "王五"]


@database
def test_the_pages_take_ways_and_papers(app):
    scene = stage.ready()
    batch = planned(scene)
    officer, clerk = browser_of(app, scene.officer), browser_of(app, scene.clerk)
    way = {"area_code": make.LUQUAN, "trade_id": "0", "level": "5", "years": "5", "valid_from": "2020-01-01", "source": NATIONAL}  # fmt: skip
    admin = browser_of(app, make.account(Role.ADMIN, "000000"))
    assert admin.post("/exams/entry-routes", data={**way, "area_code": "999999"}).status_code == 422
    assert officer.post("/exams/entry-routes", data={**way, "area_code": "000000"}).status_code == 403
    assert officer.post("/exams/entry-routes", data=way).status_code == 302
    page = clerk.get("/exams/entry-routes").text
    assert "从事本职业满 5 年" in page
    assert NATIONAL in page
    ways(scene, {"years": 5})
    url = f"/exams/{batch.id}/learners/{scene.learners[0].id}"
    assert "张三 不符合五级/初级工的申报条件" in clerk.get(url).text
    assert clerk.post(url, data={"kind": "work"}).status_code == 422
    sent = {"kind": "work", "since": "2019-01-01", "employer": "阜康能源", "paper": (BytesIO(signed_paper("工作证明")), "工作证明.pdf")}  # fmt: skip
    assert clerk.post(url, data=sent, content_type="multipart/form-data").status_code == 302
    page = clerk.get(url).text
    assert "不符合" not in page
    statement = db.session.query(Statement).one()
    assert clerk.get(f"/exams/statements/{statement.id}/paper").mimetype == "application/pdf"
    assert clerk.post(f"/exams/statements/{statement.id}/withdraw", data={"reason": "错"}).status_code == 302
    assert "已撤回：" in clerk.get(url).text
    route = db.session.query(EntryRoute).filter_by(area_code=make.LUQUAN).one()
    assert officer.post(f"/exams/entry-routes/{route.id}/end").status_code == 302
    assert officer.post(f"/exams/entry-routes/{route.id}/end").status_code == 422
