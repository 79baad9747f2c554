"""Order (订单): what it allows, what it refuses, what it counts."""

from datetime import date

import pytest
from sqlalchemy import insert, update

from lbcert import hookspecs
from lbcert.core.access import PUBLIC, Role
from lbcert.core.database import db, load
from lbcert.core.findings import Level, Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.pages import Paging
from lbcert.core.papers import papers_of
from lbcert.core.words import say
from lbcert.demand import operations, queries, rules
from lbcert.demand.models import Duty, DutyState, Order, OrderKind, OrderLine, OrderState, TargetState
from lbcert.parties.models import OrganisationKind
from lbcert.testing.factories import LUQUAN, NINGLANG, account, credit_code, item, organisation
from tests.demand.demand_scene import HAIAN, PDF, agreement, line, order, refused


@operation("testing.demand_sql", allow=PUBLIC)
def sql(actor, statement):
    db.session.execute(statement)


def test_an_order_promises_so_many_people_of_an_item_by_a_day(scene):
    made = order(scene, line(scene.care, 120), line(scene.guard, 60, travel_days=0))
    assert made.number == "DD-530724-2025-0001"
    assert order(scene).number == "DD-530724-2025-0002"
    facts = queries.order_facts(made.id)
    assert [(each["item"]["name"], each["headcount"], each["seats"]) for each in facts["lines"]] == [
        ("养老护理员", 120, {}), ("保安员", 60, {}),
    ]  # fmt: skip


def test_an_employer_orders_for_itself(scene):
    assert order(scene, actor=scene.clerk).party_id == scene.firm.id


def test_everything_wrong_with_an_order_is_said_at_once(scene):
    bad = line(scene.care, 0, wage_min_fen=700_000, arrival_on=date(2025, 6, 1), travel_days=-1)
    assert refused(order, scene, bad, party=scene.bureau) == {
        "demand.party_kind", "demand.headcount", "demand.wage", "demand.arrival", "demand.travel_days",
    }  # fmt: skip
    assert refused(operations.create_order, scene.officer, OrderKind.EMPLOYER, scene.firm.id, NINGLANG, date(2025, 6, 3), []) == {
        "demand.no_lines", "demand.signed_later",
    }  # fmt: skip


def test_a_slip_of_the_finger_makes_no_million_seats(scene):
    assert refused(order, scene, line(scene.care, 1_000_000, targeted=True)) == {"demand.headcount"}


def test_an_order_is_for_items_of_its_own_catalogue(scene):
    elsewhere = item("焊工", trade=scene.care.trade, region_code=LUQUAN)
    assert refused(order, scene, line(elsewhere)) == {"demand.item_elsewhere"}


def test_a_destination_speaks_through_a_bureau_and_promises_no_jobs(scene):
    demand = order(scene, line(scene.care, 2000), party=scene.city, kind=OrderKind.DESTINATION)
    assert not rules.promises_jobs(demand.kind)
    assert refused(order, scene, line(scene.care), kind=OrderKind.DESTINATION) == {"demand.party_kind"}


def test_an_agreements_order_names_an_agreement_in_force_and_its_own_party(scene):
    signed = agreement(scene)
    kind = OrderKind.AGREEMENT
    assert order(scene, kind=kind, agreement_id=signed.id).agreement is signed
    assert refused(order, scene, kind=kind) == {"demand.agreement_missing"}
    assert refused(order, scene, kind=kind, party=scene.other, agreement_id=signed.id) == {"demand.no_party"}
    assert refused(order, scene, agreement_id=signed.id) == {"demand.agreement_unasked"}
    over = agreement(scene, valid_to=date(2025, 5, 31))
    assert refused(order, scene, kind=kind, agreement_id=over.id) == {"demand.agreement_not_in_force"}


def test_an_agreement_has_parties_with_one_duty_each(scene):
    twice = (scene.firm, Duty.JOBS), (scene.firm, Duty.TRAINING)
    assert refused(agreement, scene, *twice) == {"demand.party_twice", "demand.lone_party"}
    assert refused(agreement, scene, valid_to=date(2024, 1, 1)) == {"demand.agreement_dates"}
    signed = agreement(scene)
    assert [(party.organisation.name, party.duty, party.state) for party in signed.parties] == [
        ("宁蒗县人社局", Duty.TRAINING, DutyState.PLEDGED),
        ("海安市人社局", Duty.TRANSFER, DutyState.PLEDGED),
        ("海安康养示例公司", Duty.JOBS, DutyState.PLEDGED),
    ]
    duty = queries.guarantors(signed)[0]
    assert refused(operations.report_duty, scene.officer, duty.id, DutyState.KEPT, " ") == {"demand.duty_note"}
    operations.report_duty(scene.officer, duty.id, DutyState.KEPT, "接收 120 人")
    assert load(type(duty), duty.id).state is DutyState.KEPT


# What it counts, and what it refuses of cohorts


def test_seats_beyond_the_open_headcount_need_an_exception():
    judge = rules.within_open_headcount
    assert judge(40, 120, 80, "海安订单", subject="allotment:1:2") == []
    (finding,) = judge(41, 120, 80, "海安订单", subject="allotment:1:2")
    assert (finding.rule, finding.level, finding.subject) == ("demand.open_headcount", Level.EXCEPTION, "allotment:1:2")
    assert "还可安排 40 个，现要 41 个" in str(finding.message)
    assert rules.open_headcount(120, 130) == 0


@pytest.mark.parametrize(("ends", "wrong"), [(29, []), (30, ["demand.ends_too_late"]), (31, ["demand.ends_too_late"])])
def test_a_cohort_ends_before_the_arrival_less_the_travel(ends, wrong):
    found = rules.ends_in_time(date(2025, 8, ends), date(2025, 9, 1), 2, "海安订单")
    assert [finding.rule for finding in found] == wrong


def test_lines_that_a_cohort_can_serve_are_open_to_come_and_of_its_region(scene):
    early = order(scene, line(scene.care, arrival_on=date(2025, 7, 1)))
    late = order(scene, line(scene.care), line(scene.guard))
    closed = order(scene)
    operations.cancel_order(scene.officer, closed.id, "企业停产")
    found = queries.open_lines(NINGLANG, scene.care.id)
    assert [each.order_id for each in found] == [early.id, late.id]
    assert len(queries.open_lines(NINGLANG)) == 3
    assert queries.open_lines(LUQUAN) == []


# Change and cancellation


def test_a_line_may_only_become_better_for_those_who_count_on_it(scene):
    made = order(scene, line(scene.care, 3, targeted=True)).lines[0]
    change = operations.change_line
    assert refused(change, scene.officer, made.id, 2, 400_000, 600_000, date(2025, 8, 1), travel_days=3) == {
        "demand.headcount_cut", "demand.wage_cut", "demand.arrival_earlier",
    }  # fmt: skip
    change(scene.officer, made.id, 5, 500_000, 650_000, date(2025, 9, 8), travel_days=2)
    assert queries.seat_counts([made.id]) == {made.id: {TargetState.OPEN: 5}}


def test_a_cancelled_order_needs_a_reason_and_is_over_for_good(scene):
    made = order(scene)
    assert refused(operations.cancel_order, scene.officer, made.id, "  ") == {"demand.cancel_reason"}
    operations.cancel_order(scene.clerk, made.id, "企业停产")
    assert load(Order, made.id).state is OrderState.CANCELLED
    for call in (
        lambda: operations.cancel_order(scene.officer, made.id, "再撤一次"),
        lambda: operations.add_line(scene.officer, made.id, line(scene.guard)),
        lambda: operations.fulfil_order(scene.officer, made.id),
    ):
        assert refused(call) == {"demand.order_not_open"}
    reopened = update(Order).where(Order.id == made.id).values(state="open", cancelled_reason="")
    assert refused(sql, scene.officer, reopened) == {"demand.cancelled_for_good"}


def test_what_a_cancellation_frees_is_listed_by_the_rooms_that_reserved_it(scene, app):
    class Reserving:
        @hookspecs.hookimpl
        def lbcert_order_cancelled(self, line_ids):
            return [refuse("cohorts.freed", say("培训班 P1 腾出 {count} 个名额", count=40 * len(line_ids)))]

    app.extensions["lbcert.plugins"].manager.register(Reserving())
    made = order(scene)
    cancelled = operations.cancel_order(scene.officer, made.id, "企业停产")
    assert [str(note.message) for note in cancelled.notes] == ["培训班 P1 腾出 40 个名额"]


def test_a_failing_consequence_keeps_the_order_open(scene, app):
    class Failing:
        @hookspecs.hookimpl
        def lbcert_order_cancelled(self):
            raise Refused([refuse("cohorts.no", say("不能腾出"))])

    app.extensions["lbcert.plugins"].manager.register(Failing())
    made = order(scene)
    assert refused(operations.cancel_order, scene.officer, made.id, "企业停产") == {"cohorts.no"}
    assert load(Order, made.id).state is OrderState.OPEN


def test_a_fulfilled_order_takes_no_more_lines(scene):
    made = order(scene)
    operations.fulfil_order(scene.officer, made.id)
    assert refused(operations.add_line, scene.officer, made.id, line(scene.guard)) == {"demand.order_not_open"}


def test_two_people_saving_the_same_line_do_not_overwrite_each_other(scene):
    made = order(scene).lines[0]
    seen = made.version
    operations.change_line(scene.officer, made.id, 4, 480_000, 650_000, date(2025, 9, 1), travel_days=2, version=seen)
    late = (scene.clerk, made.id, 9, 480_000, 650_000, date(2025, 9, 1))
    assert refused(operations.change_line, *late, travel_days=2, version=seen) == {"core.stale"}
    assert load(OrderLine, made.id).headcount == 4


def test_the_signed_paper_is_kept_with_the_order_and_must_be_one(scene):
    made = order(scene)
    operations.attach_order_paper(scene.clerk, made.id, PDF, "订单.pdf")
    assert [(paper.kind, paper.file.media_type) for paper in papers_of(f"order:{made.id}")] == [
        ("signed_order", "application/pdf")
    ]
    assert refused(operations.attach_order_paper, scene.clerk, made.id, b"MZ\x90", "订单.pdf") == {"core.paper_type"}
    assert queries.order_facts(made.id)["papers"][0]["name"] == "订单.pdf"


def test_targeted_lines_of_a_destination_are_refused_by_the_database_too(scene):
    made = order(scene, line(scene.care), party=scene.city, kind=OrderKind.DESTINATION)
    values = {
        "order_id": made.id, "item_id": scene.care.id, "headcount": 1, "wage_min_fen": 1, "wage_max_fen": 1,
        "place_region_code": HAIAN, "arrival_on": date(2025, 9, 1), "travel_days": 0, "targeted": True, "post": "",
        "version": 1,
    }  # fmt: skip
    assert refused(sql, scene.officer, insert(OrderLine).values(**values)) == {"demand.no_promise"}


# Lists


def test_everyone_sees_the_orders_of_his_own_region_or_firm(scene):
    order(scene)
    order(scene, line(scene.guard), party=scene.other)

    def seen(actor, **asked):
        paging = Paging.of(asked, queries.ORDER_SORTS, "number", ("kind", "state", "region", "targeted"))
        return [row.number[-1] for row in queries.orders_page(actor, paging).rows]

    assert seen(scene.officer) == ["1", "2"]
    assert seen(scene.clerk) == ["1"]
    assert seen(account(Role.SERVICE_CENTRE, "530000")) == ["1", "2"]
    assert seen(account(Role.BUREAU_OFFICER, LUQUAN)) == []
    assert seen(account(Role.TRAINER, NINGLANG)) == []
    assert seen(scene.officer, q="保安") == ["2"]
    assert seen(scene.officer, q=scene.firm.credit_code.lower()) == ["1"]
    assert seen(scene.officer, q="DD-530724-2025-0002") == ["2"]
    assert seen(scene.officer, targeted="1") == []
    assert seen(scene.officer, region="440000") == []
    assert seen(scene.officer, kind="employer", state="open", sort="-number") == ["2", "1"]


def test_agreements_are_seen_by_their_region_and_their_parties(scene):
    agreement(scene)
    seen = lambda actor, **asked: len(queries.agreements_page(actor, Paging.of(asked)).rows)  # noqa: E731
    assert [seen(actor) for actor in (scene.officer, scene.clerk, account(Role.EMPLOYER, scene.other))] == [1, 1, 0]
    assert seen(scene.officer, q="海安市") == 1
    assert seen(scene.officer, q="昆山") == 0
    assert seen(account(Role.BUREAU_OFFICER, LUQUAN)) == 0


def test_stations_and_providers_of_the_home_region_see_its_orders(scene):
    made = order(scene)
    for kind, role in (
        (OrganisationKind.STATION_TOWNSHIP, Role.STATION),
        (OrganisationKind.PROVIDER, Role.PROVIDER_CLERK),
    ):
        places = ("530724100", LUQUAN)
        near, far = (account(role, organisation(kind, place, credit_code=credit_code())) for place in places)
        assert [row.id for row in queries.orders_page(near, Paging()).rows] == [made.id]
        assert queries.orders_page(far, Paging()).rows == []
        assert queries.READS_ORDER.admits(near, {"order_id": made.id})
        assert not queries.READS_ORDER.admits(far, {"order_id": made.id})
