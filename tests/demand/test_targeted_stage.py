"""Targeted (定向): what it allows, what it refuses, what it counts."""

from datetime import date

import pytest
from sqlalchemy import insert, update

from lbcert.core.access import PUBLIC
from lbcert.core.database import db, load
from lbcert.core.findings import Forbidden, Level
from lbcert.core.operation import operation
from lbcert.core.papers import papers_of
from lbcert.core.waivers import grant_waiver
from lbcert.demand import operations, queries, rules
from lbcert.demand.models import Duty, DutyState, OrderKind, OrderState, Side, TargetedSeat, TargetState
from lbcert.testing.factories import NINGLANG
from tests.demand.demand_scene import PDF, advance, agreement, give_up, line, order, refused, worker

START = date(2025, 7, 24)
WAY = [TargetState.TRAINING, TargetState.GRADUATED, TargetState.ARRIVED, TargetState.STABLE]


@operation("testing.seats_sql", allow=PUBLIC)
def sql(actor, statement):
    db.session.execute(statement)


@pytest.fixture
def target(scene):
    """Give a targeted line for three."""
    return order(scene, line(scene.care, 3, targeted=True, post="护理员")).lines[0]


@pytest.fixture
def seat(scene, target):
    """Give a seat on which a person is named."""
    return operations.name_person(scene.clerk, target.id, worker().id)


@pytest.fixture
def signed(scene, seat):
    """Give a seat whose learner has signed."""
    return operations.sign_intent(scene.officer, seat.id, date(2025, 6, 2), PDF, "意向书.pdf")


def counted(line_id):
    return {state.value: count for state, count in queries.seat_counts([line_id])[line_id].items()}


# What it allows


def test_a_targeted_line_has_one_open_seat_a_head(target):
    assert counted(target.id) == {"open": 3}
    assert {(each.post, each.wage_fen) for each in queries.seats_of_line(target.id)} == {("护理员", 480_000)}


def test_the_employer_names_its_people_with_post_and_wage(scene, target):
    who = worker()
    named = operations.name_person(scene.clerk, target.id, who.id, post="护理组长", wage_fen=600_000)
    assert (named.state, named.person, named.post, named.wage_fen) == (TargetState.LISTED, who, "护理组长", 600_000)
    assert counted(target.id) == {"listed": 1, "open": 2}
    assert queries.seat_of(target.id, who.id) == named


def test_a_seat_goes_its_way_from_naming_to_staying(scene, signed):
    assert [paper.kind for paper in papers_of(f"seat:{signed.id}")] == ["signed_intent"]
    for state in WAY:
        assert advance(scene.officer, signed.id, state, START).state is state


# What it refuses


def test_nobody_takes_more_seats_than_there_are_nor_two_of_them(scene, target):
    people = [worker(name) for name in ("甲", "乙", "丙", "丁")]
    for who in people[:3]:
        operations.name_person(scene.clerk, target.id, who.id)
    assert refused(operations.name_person, scene.clerk, target.id, people[3].id) == {"demand.no_open_seat"}
    assert refused(operations.name_person, scene.clerk, target.id, people[0].id) == {
        "demand.already_targeted", "demand.no_open_seat",
    }  # fmt: skip


def test_a_seats_wage_is_within_what_the_order_says(scene, target):
    rule = {"demand.seat_wage"}
    assert refused(operations.name_person, scene.clerk, target.id, worker().id, wage_fen=479_999) == rule
    assert refused(operations.name_person, scene.clerk, target.id, worker().id, wage_fen=650_001) == rule


def test_who_is_not_on_the_employers_list_gets_no_seat(scene, target, seat):
    stranger = worker("生人")
    assert queries.seat_of(target.id, stranger.id) is None
    (finding,) = rules.listed(stranger.name, "海安康养示例公司", is_listed=False)
    assert (finding.rule, finding.level) == ("demand.not_listed", Level.REFUSE)
    assert str(finding.message) == "生人不在海安康养示例公司的拟招名单上，不能占用定向名额；请先由用人单位点名"


def test_an_untargeted_line_has_no_list(scene):
    plain = order(scene).lines[0]
    assert refused(operations.name_person, scene.clerk, plain.id, worker().id) == {"demand.no_open_seat"}
    values = {
        "line_id": plain.id,
        "post": "护理员",
        "wage_fen": 1,
        "state": "open",
        "withdrawn_reason": "",
        "version": 1,
    }
    assert refused(sql, scene.officer, insert(TargetedSeat).values(**values)) == {"demand.seat_untargeted"}


@pytest.mark.parametrize("to", [TargetState.TRAINING, TargetState.GRADUATED, TargetState.STABLE, TargetState.OPEN])
def test_no_state_is_jumped(scene, seat, to):
    assert "demand.state_jumped" in refused(advance, scene.officer, seat.id, to, START)


def test_no_state_goes_back(scene, signed):
    advance(scene.officer, signed.id, TargetState.TRAINING, START)
    assert refused(advance, scene.officer, signed.id, TargetState.SIGNED, START) == {"demand.state_jumped"}


@pytest.mark.parametrize("state", ["training", "graduated", "arrived", "stable", "open"])
def test_the_database_itself_lets_no_state_be_jumped(scene, seat, state):
    values = {"state": state, "intent_signed_on": date(2025, 6, 2)}
    if state == "open":
        values["person_id"] = None
    assert refused(sql, scene.officer, update(TargetedSeat).where(TargetedSeat.id == seat.id).values(**values)) == {
        "demand.state_jumped"
    }


def test_the_database_itself_lets_no_seat_begin_in_the_middle(scene, target):
    values = {
        "line_id": target.id, "person_id": worker().id, "post": "护理员", "wage_fen": 1, "state": "listed",
        "withdrawn_reason": "", "version": 1,
    }  # fmt: skip
    assert refused(sql, scene.officer, insert(TargetedSeat).values(**values)) == {"demand.state_jumped.begin"}


def test_the_intent_is_signed_before_the_start_by_somebody_named(scene, target, seat):
    assert refused(operations.sign_intent, scene.officer, seat.id, date(2025, 6, 3), PDF, "意向书.pdf") == {
        "demand.intent_to_come"
    }
    assert refused(operations.sign_intent, scene.officer, seat.id, date(2025, 6, 2), b"text", "意向书.txt") == {
        "core.paper_type"
    }
    empty = next(each for each in queries.seats_of_line(target.id) if each.person is None)
    assert refused(operations.sign_intent, scene.officer, empty.id, date(2025, 6, 2), PDF, "意向书.pdf") == {
        "demand.state_jumped"
    }
    operations.sign_intent(scene.officer, seat.id, date(2025, 6, 2), PDF, "意向书.pdf")
    assert refused(advance, scene.officer, seat.id, TargetState.TRAINING, date(2025, 6, 2)) == {"demand.intent_late"}
    assert advance(scene.officer, seat.id, TargetState.TRAINING, date(2025, 6, 3)).state is TargetState.TRAINING


def test_without_a_signed_intent_nobody_starts():
    assert [finding.rule for finding in rules.intent_in_time("沙玛拉则", None, START)] == ["demand.intent_missing"]


def test_seats_are_advanced_by_what_happens_to_the_learner_and_by_nobody_directly(scene, signed):
    with pytest.raises(Forbidden):
        operations.advance_seat(scene.officer, signed.id, TargetState.TRAINING, START)


def test_one_person_signs_with_one_employer_at_a_time(scene, signed):
    elsewhere = order(scene, line(scene.guard, targeted=True), party=scene.other).lines[0]
    second = operations.name_person(scene.officer, elsewhere.id, signed.person_id)
    sign = (scene.officer, second.id, date(2025, 6, 2), PDF, "意向书.pdf")
    assert refused(operations.sign_intent, *sign) == {"demand.intent_elsewhere"}
    operations.learner_steps_back(scene.officer, signed.id, "离家太远")
    assert operations.sign_intent(*sign).state is TargetState.SIGNED


def test_only_an_order_that_promises_jobs_backs_a_targeted_seat(scene):
    wanted = line(scene.care, targeted=True)
    assert refused(order, scene, wanted, party=scene.city, kind=OrderKind.DESTINATION) == {"demand.no_promise"}
    signed = agreement(scene)
    by_agreement = {"kind": OrderKind.AGREEMENT, "agreement_id": signed.id}
    assert refused(order, scene, wanted, party=scene.city, **by_agreement) == {"demand.no_guarantee"}
    assert order(scene, wanted, **by_agreement).lines[0].targeted
    operations.report_duty(scene.officer, queries.guarantors(signed)[0].id, DutyState.BROKEN, "接收 0 人")
    assert refused(order, scene, wanted, **by_agreement) == {"demand.broken_guarantee"}


def test_a_firm_that_guarantees_no_job_backs_no_targeted_seat(scene):
    signed = agreement(scene, (scene.bureau, Duty.TRAINING), (scene.firm, Duty.TRANSFER))
    made = order(scene, kind=OrderKind.AGREEMENT, agreement_id=signed.id)
    assert refused(operations.add_line, scene.officer, made.id, line(scene.care, targeted=True)) == {
        "demand.no_guarantee"
    }


# Stepping back


def test_a_learner_steps_back_with_a_reason_and_the_seat_is_open_again(scene, target, signed):
    assert refused(operations.learner_steps_back, scene.officer, signed.id, " ") == {"demand.withdrawal_reason"}
    gone = operations.learner_steps_back(scene.officer, signed.id, "家中老人需照料")
    assert (gone.state, gone.withdrawn_by) == (TargetState.WITHDRAWN, Side.LEARNER)
    assert counted(target.id) == {"withdrawn": 1, "open": 3}
    assert queries.seat_of(target.id, signed.person_id) is None


def test_a_learner_who_stepped_back_may_be_named_again(scene, target, seat):
    operations.learner_steps_back(scene.officer, seat.id, "家中老人需照料")
    assert operations.name_person(scene.clerk, target.id, seat.person_id).state is TargetState.LISTED


def test_an_employer_does_not_step_back_in_the_learners_name(scene, signed):
    with pytest.raises(Forbidden):
        operations.learner_steps_back(scene.clerk, signed.id, "他自己不来")


def test_a_learner_who_leaves_his_cohort_leaves_his_seat(scene, target, signed):
    advance(scene.officer, signed.id, TargetState.TRAINING, START)
    with pytest.raises(Forbidden):
        operations.give_up_seat(scene.officer, signed.id, "退班")
    assert give_up(scene.officer, signed.id, "退班：外出").withdrawn_by is Side.LEARNER
    assert counted(target.id) == {"withdrawn": 1, "open": 3}


def test_an_employer_names_people_as_it_knows_them(scene, target):
    who = worker("阿普·拉则")
    name = (scene.clerk, target.id)
    assert refused(operations.name_by_number, *name, "阿普·拉则", who.id_number[:-1] + "?")
    for wrong in (("别人", who.id_number), ("阿普·拉则", worker().id_number)):
        assert refused(operations.name_by_number, *name, *wrong) == {"demand.person_unknown"}
    assert operations.name_by_number(*name, " 阿普•拉则", who.id_number.lower()).person_id == who.id


def test_an_employer_that_steps_back_from_somebody_who_signed_names_another(scene, signed):
    step = (scene.clerk, signed.id, "岗位取消")
    assert refused(operations.employer_steps_back, *step) == {"demand.fallback"}
    own = order(scene, line(scene.care)).lines[0]
    assert refused(operations.employer_steps_back, *step, fallback_line_id=own.id) == {"demand.fallback_line"}
    figure = order(scene, party=scene.city, kind=OrderKind.DESTINATION).lines[0]
    assert refused(operations.employer_steps_back, *step, fallback_line_id=figure.id) == {"demand.fallback_line"}
    takes = order(scene, line(scene.care), party=scene.other).lines[0]
    assert queries.fallback_lines(signed) == [takes]
    gone = operations.employer_steps_back(*step, fallback_line_id=takes.id)
    assert (gone.withdrawn_by, gone.fallback_line) == (Side.EMPLOYER, takes)


def test_without_a_fallback_an_exception_lets_the_employer_go(scene, signed):
    grant_waiver(scene.officer, "demand.fallback", f"seat:{signed.id}", NINGLANG, "企业破产，由县就业服务中心另行推荐")
    assert operations.employer_steps_back(scene.clerk, signed.id, "破产").state is TargetState.WITHDRAWN


def test_from_a_mere_list_an_employer_steps_back_freely(scene, target, seat):
    operations.employer_steps_back(scene.clerk, seat.id, "改招他人")
    assert counted(target.id) == {"withdrawn": 1, "open": 3}


def test_who_stays_or_never_was_cannot_step_back(scene, target, signed):
    for state in WAY:
        advance(scene.officer, signed.id, state, START)
    assert refused(operations.learner_steps_back, scene.officer, signed.id, "不干了") == {"demand.no_step_back"}
    empty = next(each for each in queries.seats_of_line(target.id) if each.person is None)
    assert refused(operations.employer_steps_back, scene.clerk, empty.id, "不要了") == {
        "demand.no_step_back", "demand.fallback",
    }  # fmt: skip


def test_a_cancelled_order_ends_the_seats_under_way_and_says_whose(scene, target, signed):
    arrived = operations.name_person(scene.clerk, target.id, worker("已到岗").id)
    operations.sign_intent(scene.officer, arrived.id, date(2025, 6, 2), PDF, "意向书.pdf")
    for state in WAY[:3]:
        advance(scene.officer, arrived.id, state, START)
    cancelled = operations.cancel_order(scene.officer, target.order_id, "企业停产")
    assert cancelled.order.state is OrderState.CANCELLED
    assert [str(note.message) for note in cancelled.notes] == [
        "沙玛拉则的定向名额（已签意向）随订单撤销，请为其另行联系单位"
    ]
    assert counted(target.id) == {"withdrawn": 1, "arrived": 1, "open": 1}
    assert load(TargetedSeat, signed.id).withdrawn_reason == "订单撤销：企业停产"
    assert refused(operations.name_person, scene.clerk, target.id, worker("后来").id) == {"demand.order_not_open"}


def test_a_seat_that_is_withdrawn_says_by_whom_and_why_or_the_database_refuses(scene, seat):
    bare = update(TargetedSeat).where(TargetedSeat.id == seat.id).values(state="withdrawn")
    with pytest.raises(Exception, match="withdrawn_has_reason"):
        sql(scene.officer, bare)
