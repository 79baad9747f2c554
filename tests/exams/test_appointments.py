"""Examiners change from batch to batch, and each holds a card that is valid on the day."""

from datetime import date, timedelta
from io import BytesIO

import pytest

from lbcert.core import clock
from lbcert.core.reference import SkillLevel
from lbcert.demo.papers import signed_paper
from lbcert.exams import operations
from lbcert.exams.models import CardGrade, Post
from lbcert.exams.queries.todo import todo
from lbcert.testing import factories as make
from tests.exams import scene as stage
from tests.exams.scene import HELD, POLICIES, refused, rules_of, run, said

pytestmark = pytest.mark.usefixtures("app", "exam_day")


def batch_of(scene, day, school=None):
    """Plan the exam of another cohort of the school."""
    cohort = make.cohort(school or scene.provider, item=scene.cohort.item)
    return operations.plan_batch(scene.clerk, cohort.id, scene.body.id, day, "阜康考点")


def test_no_one_examines_more_batches_running_at_a_school_than_the_policy_allows():
    scene = stage.ready(policies={**POLICIES, "exams.rotation_batches": 2})
    first, second, third, fourth = (batch_of(scene, HELD + timedelta(days=n)) for n in range(4))
    elsewhere = batch_of(scene, HELD + timedelta(days=1), make.organisation(name="另一学校"))

    def appoint(batch, post=Post.EXAMINER):
        return operations.appoint(scene.clerk, batch.id, scene.second.person_id, post)

    appoint(first)
    appoint(second)
    refusal = refused(appoint, third)
    assert rules_of(refusal) == {"exams.rotation"}
    assert "考评甲 会在培训机构“示例培训学校”连续考评 3 批，规定最多 2 批，请轮换另一人" in said(refusal)
    assert all(f"{batch.number}（{batch.held_on}）" in said(refusal) for batch in (first, second, third))
    assert refusal.findings[0].subject == f"batch:{first.id} batch:{second.id} batch:{third.id}"
    appoint(elsewhere)  # another school's
    appoint(fourth)  # after one of somebody else's
    assert rules_of(refused(appoint, third)) == {"exams.rotation"}  # which would join both rows
    assert appoint(third, Post.INVIGILATOR)  # who gives no marks


def test_what_ruled_when_a_batch_was_planned_is_kept_on_it_with_its_document(signed_in):
    scene = stage.ready()
    before = batch_of(scene, HELD)
    stage.policy("exams.rotation_batches", 1)
    stage.policy("exams.card_required", value=False)
    ruled = batch_of(scene, HELD + timedelta(days=1))
    stage.policy("exams.rotation_batches", 5, "530000")
    run("DELETE FROM policy_entries WHERE key LIKE 'exams.%' AND area_code = :area", area=make.KUNMING)
    assert (ruled.rotation_batches, ruled.rotation_source) == (1, "本局设定")
    assert (ruled.cards_required, ruled.cards_source) == (False, "本局设定")
    assert (before.rotation_batches, before.cards_required) == (None, None)
    operations.appoint(scene.clerk, before.id, scene.second.person_id, Post.EXAMINER)
    assert (before.rotation_batches, before.cards_required) == (5, None)  # planned before there was one
    refusal = refused(operations.appoint, scene.clerk, ruled.id, scene.second.person_id, Post.EXAMINER)
    assert "规定最多 1 批" in said(refusal)
    page = signed_in(scene.clerk).get(f"/exams/{ruled.id}/staff").text
    assert "轮换：同一培训机构连续考评最多 1 批（本局设定）。" in page
    assert "证卡：" not in page


def test_a_batch_called_off_and_one_planned_in_between_count_as_they_stand():
    scene = stage.ready(policies={**POLICIES, "exams.rotation_batches": 1})
    first, second = (batch_of(scene, HELD + timedelta(days=n)) for n in (0, 2))
    operations.appoint(scene.clerk, first.id, scene.second.person_id, Post.EXAMINER)
    appoint = (operations.appoint, scene.clerk, second.id, scene.second.person_id, Post.EXAMINER)
    assert rules_of(refused(*appoint)) == {"exams.rotation"}
    between = batch_of(scene, HELD + timedelta(days=1))
    operations.appoint(*appoint[1:])
    operations.cancel_batch(scene.clerk, between.id, "停电")
    assert "exams.rotation" in rules_of(refused(operations.begin_marking, scene.clerk, second.id))
    operations.cancel_batch(scene.clerk, first.id, "停电")
    assert "exams.rotation" not in rules_of(refused(operations.begin_marking, scene.clerk, second.id))


def card(scene, account, number="KP001", level=SkillLevel.FIVE, trade=None, **dates):
    """Register a card, from the year's beginning to the day of the exam unless told otherwise."""
    usual = {"valid_from": date(2025, 1, 1), "valid_to": HELD}
    trade = trade or scene.cohort.item.trade
    return operations.register_card(
        scene.clerk, scene.body.id, account.person_id, number, CardGrade.EXAMINER, {trade.id: level}, **{**usual, **dates},
        data=signed_paper("考评员证卡"), file_name="证卡.pdf", media_type="application/pdf",
    )  # fmt: skip


def test_where_the_policy_asks_for_a_card_it_is_valid_on_the_day_and_covers_trade_and_level():
    scene = stage.ready(policies={**POLICIES, "exams.card_required": True})
    batch = operations.plan_batch(scene.clerk, scene.cohort.id, scene.body.id, HELD, "阜康考点")
    appoint = (operations.appoint, scene.clerk, batch.id, scene.second.person_id, Post.EXAMINER)
    refusal = refused(*appoint)
    assert rules_of(refusal) == {"exams.no_card"}
    assert "考评甲 没有登记考评员证卡，请先登记覆盖“电工”五级/初级工、2025-08-09的证卡" in said(refusal)
    ended = card(scene, scene.second, "KP 1", valid_to=HELD - timedelta(days=1))
    later = card(scene, scene.second, "kp2", valid_from=HELD + timedelta(days=1), valid_to=date(2026, 1, 1))
    other = card(scene, scene.second, "KP3", trade=make.trade("焊工", "6-18-02-04"))
    refusal = refused(*appoint)
    assert rules_of(refusal) == {"exams.card_not_valid"}
    assert "KP1（2025-01-01 至 2025-08-08）" in said(refusal)
    assert "KP2（2025-08-10 至 2026-01-01）" in said(refusal)
    (about,) = [finding.subject for finding in refusal.findings if finding.stops]
    assert set(about.split()) == {f"card:{each.id}" for each in (ended, later, other)}
    good = card(scene, scene.second, "KP4")
    assert operations.appoint(*appoint[1:])
    assert operations.appoint(scene.clerk, batch.id, scene.third.person_id, Post.SUPERVISOR)  # who gives no marks
    operations.withdraw_card(scene.clerk, good.id, "证卡被收回")
    assert "exams.card_not_valid" in rules_of(refused(operations.begin_marking, scene.clerk, batch.id))


def test_a_card_reaches_its_level_and_those_below():
    scene = stage.ready()
    trade = scene.cohort.item.trade_id
    third = card(scene, scene.second, level=SkillLevel.THREE)
    assert [level for level in SkillLevel if third.covers(trade, level, HELD)] == ["5", "4", "3"]
    every = card(scene, scene.third, "KP2", level=None)
    assert all(every.covers(trade, level, HELD) for level in SkillLevel)


def test_a_card_is_refused_with_all_that_it_lacks_and_is_registered_once():
    scene = stage.ready()
    usual = (scene.clerk, scene.body.id, scene.second.person_id)
    refusal = refused(
        operations.register_card, *usual, " ", CardGrade.EXAMINER, {}, HELD, date(2020, 1, 1), b"", "", ""
    )
    assert rules_of(refusal) == {"exams.card_number", "exams.card_dates", "exams.card_trades", "exams.card_paper"}
    card(scene, scene.second)
    assert rules_of(refused(card, scene, scene.third, "kp001")) == {"exams.card_twice"}
    kept = card(scene, scene.third, "KP2")
    assert rules_of(refused(operations.withdraw_card, scene.clerk, kept.id, " ")) == {"exams.reason"}
    operations.withdraw_card(scene.clerk, kept.id, "登记有误")
    assert rules_of(refused(operations.withdraw_card, scene.clerk, kept.id, "再注销")) == {"exams.card_withdrawn"}


def test_a_card_that_ends_waits_for_the_clerk_until_a_new_one_is_there():
    scene = stage.ready()
    card(scene, scene.second, valid_to=HELD + timedelta(days=30))

    def waiting():
        return [str(each.message) for each in todo(scene.clerk) if each.endpoint == "exams.cards"]

    assert waiting() == ["考评员证卡将到期：考评甲，2025-09-08"]
    with clock.at(stage.DAY + timedelta(days=31)):
        assert waiting() == ["考评员证卡已过期：考评甲，2025-09-08"]
    card(scene, scene.second, "KP2", valid_to=date(2028, 1, 1))
    assert waiting() == []


def test_the_clerk_registers_a_card_on_the_page(signed_in):
    scene = stage.ready()
    browser, trade = signed_in(scene.clerk), scene.cohort.item.trade
    address = f"/exams/bodies/{scene.body.id}/cards"
    sent = {
        "person_id": str(scene.second.person_id), "number": "KP9", "grade": "senior", "valid_from": "2025-01-01",
        "valid_to": "2027-12-31", f"trade-{trade.id}": "3",
    }  # fmt: skip
    refusal = browser.post(address, data=sent)
    assert (refusal.status_code, "请附上证卡" in refusal.text, 'value="KP9"' in refusal.text) == (422, True, True)
    paper = (BytesIO(signed_paper("考评员证卡")), "证卡.pdf")
    assert browser.post(address, data={**sent, "paper": paper}).location == "/exams/cards"
    listed = browser.get("/exams/cards").text
    assert all(words in listed for words in ("考评甲", "高级考评员", "KP9", "电工 三级/高级工及以下"))
