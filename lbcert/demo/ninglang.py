"""宁蒗: an agreement with 海安, six orders, a first cohort at work already, and a 三段式 cohort in the middle of its life."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import partial

from lbcert.brands.queries import current_menu
from lbcert.certificates.operations.grounds import issue_completions, issue_skill_certificates
from lbcert.cohorts.models import Cohort
from lbcert.cohorts.operations.menu import choose, freeze_menu
from lbcert.cohorts.operations.seats import allot_seats, seat_learner, take_targeted_seat
from lbcert.core import clock
from lbcert.core.database import load
from lbcert.core.sheets import Table, write_workbook
from lbcert.demand.models import Duty, Order
from lbcert.demand.operations import create_agreement, import_orders, name_person, sign_intent, submit_orders
from lbcert.demand.operations.agreements import attach_agreement_paper
from lbcert.demand.sheets import COLUMNS
from lbcert.demo import changes, course, exam, means, theory
from lbcert.demo.cast import Cast, at, ids
from lbcert.demo.checkin import keep_attendance
from lbcert.demo.course import Plan
from lbcert.demo.papers import signed_paper
from lbcert.demo.people import Crowd, credit_code_of
from lbcert.parties.models import Organisation
from lbcert.placement.models import Channel
from lbcert.placement.operations import JobDetails, confirm_employment, record_employment
from lbcert.teaching.queries import learners_in

HOME, HAIAN = "530724", "320685"
_PLAN = partial(
    Plan, county="ninglang", brand="宁蒗康养师", home=HOME, site_region=HOME, living_in=HOME,
    address="云南省丽江市宁蒗彝族自治县大兴镇", fund="沪滇协作资金", by_order=True,
    trainers=("ninglang-trainer", "ninglang-trainer2"),
)  # fmt: skip
#: 订单: body, item, people, place, least and most monthly pay in yuan, 定向.
_ORDERS = (
    ("ninglang-employer", "养老护理员", 120, HAIAN, 4800, 6500, "否"),
    ("ninglang-employer", "保健调理师", 22, HAIAN, 5000, 6800, "是"),
    ("ninglang-employer2", "保健调理师", 90, HOME, 4000, 6000, "否"),
    ("ninglang-employer3", "制冷空调系统安装维修工", 40, "310110", 6000, 8000, "是"),
    ("", "光伏保洁", 50, HOME, 4500, 6000, "是"),
    ("ninglang-employer2", "家政服务员", 80, "320583", 5000, 9000, "否"),
)  # fmt: skip


def tell(cast: Cast, today: date) -> None:
    """Tell both stories, so that the second one is under way today."""
    crowd = Crowd(HOME, seed=2)
    dice = random.Random(530724)  # noqa: S311 (fiction, no secret)
    lines = _orders(cast, today)
    _first_cohort(cast, today, lines, crowd, dice)
    _three_stage(cast, today, lines, crowd, dice)


def _orders(cast: Cast, today: date) -> dict[tuple[str, str], int]:
    """Sign the agreement and import the employers' sheet; gives each order's line by (body, item)."""
    desk = "ninglang-centre"
    with at(today - timedelta(days=150)):
        agreement = create_agreement(
            cast.account(desk), HOME, "宁蒗—海安“培训+输出+就业”协作协议（演示）", clock.today(), clock.today(),
            clock.today() + timedelta(days=730),
            [
                (cast.bodies["ninglang-bureau"], Duty.TRAINING),
                (cast.bodies["ninglang-haian"], Duty.TRANSFER),
                (cast.bodies["ninglang-employer"], Duty.JOBS),
            ],
            headcount=1000,
        )  # fmt: skip
        attach_agreement_paper(cast.account(desk), agreement.id, signed_paper("协作协议"), "协作协议.pdf")
    with at(today - timedelta(days=140)):
        sheet = write_workbook(Table("订单", COLUMNS, [_order_row(cast, row, today) for row in _ORDERS]))
        paper = submit_orders(cast.account(desk), HOME, sheet, "用人单位订单.xlsx")
        made = ids(import_orders(cast.account(desk), paper.id, clock.today()))
    lines = [load(Order, order_id).lines[0].id for order_id in made]
    return {(row[0], row[1]): line for row, line in zip(_ORDERS, lines, strict=True)}


def _order_row(cast: Cast, row: tuple[str, str, int, str, int, int, str], today: date) -> dict[str, object]:
    body, item, count, place, least, most, targeted = row
    if body:
        employer = load(Organisation, cast.bodies[body])
        name, code = employer.name, employer.credit_code
    else:
        name, code = "宁蒗光伏运维有限公司（演示）", credit_code_of(HOME, 901, "91")
    return {
        "employer": name,
        "credit_code": code,
        "item": item,
        "level": "" if item == "光伏保洁" else "五级",
        "headcount": count,
        "place": place,
        "wage_min": least,
        "wage_max": most,
        "arrival": today + timedelta(days=20),
        "kind": "企业订单",
        "targeted": targeted,
    }


def _first_cohort(
    cast: Cast, today: date, lines: dict[tuple[str, str], int], crowd: Crowd, dice: random.Random
) -> None:
    """Take the first cohort to certificates and to work; for some of its people an outcome is still to be recorded."""
    starts = today - timedelta(days=120)
    plan = _PLAN(
        item="养老护理员", name="宁蒗康养师养老护理一期", site="大兴镇实训中心", starts_on=starts,
        ends_on=starts + timedelta(days=11), test_items=("协助进食", "体位转换", "心肺复苏"),
    )  # fmt: skip
    line = lines["ninglang-employer", "养老护理员"]
    meetings = course.daily(starts, plan.ends_on, {(9, 0): 4})
    cohort_id = course.run(cast, plan, crowd.people(24), meetings, dice, failing=1, line=line)
    with at(starts):
        blueprint = theory.fill_bank(cast, "yunnan", ("ninglang", plan.item))
    batch_id = exam.prepare(cast, "yunnan", cohort_id, blueprint=blueprint)
    numbers = [learner.person.id_number for learner in learners_in(cohort_id) if learner.state == "completed"]
    marks = exam.spread(numbers, dice, passing=20, absent=1)
    theory.sit(cast, "yunnan", batch_id, exam.right_of_ten(marks))
    with at(plan.ends_on + timedelta(days=4)):
        exam.mark_by_sheet(cast, "yunnan", cohort_id, batch_id, marks)
        exam.decide_and_publish(cast, "yunnan", batch_id)
    with at(plan.ends_on + timedelta(days=9)):
        issue_completions(cast.account("ninglang-issuer"), cohort_id)
    with at(plan.ends_on + timedelta(days=17)):
        issue_skill_certificates(cast.account("yunnan-issuer"), batch_id)
    again = exam.resit(cast, "yunnan", cohort_id, batch_id, today - timedelta(days=4))
    completed = [learner.id for learner in learners_in(cohort_id) if learner.state == "completed"]
    records = []
    with at(plan.ends_on + timedelta(days=12)):
        for learner in completed[:17]:
            job = JobDetails(
                employer_id=cast.bodies["ninglang-employer"], place_region_code=HAIAN, post="养老护理员",
                started_on=plan.ends_on + timedelta(days=10), wage_fen=dice.randrange(48, 66) * 10_000,
                has_contract=True, channel=Channel.ORGANISED, line_id=line,
            )  # fmt: skip
            records.append(record_employment(cast.account("ninglang-centre"), learner, job).id)
    with at(today - timedelta(days=3)):
        for record_id in records[:12]:
            confirm_employment(cast.account("ninglang-employer"), record_id, clock.today())
    cast.cohorts[plan.name], cast.batches[plan.name] = cohort_id, batch_id
    cast.batches[f"{plan.name}补考"] = again


def _three_stage(cast: Cast, today: date, lines: dict[tuple[str, str], int], crowd: Crowd, dice: random.Random) -> None:
    """Bring the 三段式 cohort to today: seats of two orders, twenty of them targeted, modules chosen, teaching under way."""
    starts = today - timedelta(days=6)
    plan = _PLAN(
        item="保健调理师", name="宁蒗康养师三段式示范班", site="大兴镇康养实训基地", starts_on=starts,
        ends_on=starts + timedelta(days=15), by_menu=True, three_stage=True, test_items=("穴位定位", "推拿手法", "器具消毒"),
    )  # fmt: skip
    targeted, local = lines["ninglang-employer", "保健调理师"], lines["ninglang-employer2", "保健调理师"]
    with at(starts - timedelta(days=24)):
        cohort_id = course.draft(cast, plan)
        course.enrol(cast, plan, cohort_id, crowd.people(32, named=("阿西·拉姆", "胡㴴")))
        course.photograph(cast, plan, cohort_id)
    learners = [(row.id, row.person_id) for row in load(Cohort, cohort_id).enrolments]
    with at(starts - timedelta(days=21)):
        allot_seats(cast.account("ninglang-centre"), targeted, cohort_id, 20)
        allot_seats(cast.account("ninglang-centre"), local, cohort_id, 12)
        for enrolment_id, person_id in learners[:20]:
            wage = dice.randrange(50, 69) * 10_000
            seat_id = name_person(
                cast.account("ninglang-employer"), targeted, person_id, post="保健调理师", wage_fen=wage
            ).id
            sign_intent(
                cast.account("ninglang-centre"), seat_id, clock.today(), signed_paper("就业意向书"), "就业意向书.pdf"
            )
            take_targeted_seat(cast.account("ninglang-school"), enrolment_id, seat_id)
        for enrolment_id, _ in learners[20:]:
            seat_learner(cast.account("ninglang-school"), enrolment_id, local)
    with at(starts - timedelta(days=18)):
        required, skills, talks = _menu(cast)
        for enrolment_id, _ in learners:
            chosen = [*required, dice.choice(skills), dice.choice(talks)]
            choose(cast.account("ninglang-school"), enrolment_id, chosen)
        freeze_menu(cast.account("ninglang-school"), cohort_id)
    with at(starts - timedelta(days=15)):
        course.file(cast, plan, cohort_id)
    with at(starts - timedelta(days=12)):
        course.approve(cast, plan, cohort_id)
        course.timetable(cast, plan, cohort_id, course.daily(starts, plan.ends_on, {(9, 0): 3, (14, 0): 3}))
        means.put_on_file(cast, HOME, HAIAN, today)
        at_work = means.hold_at_work(cast, cohort_id, HOME, crowd)
        course.publish(cast, plan, cohort_id)
    with at(starts - timedelta(days=3)):
        course.put_off(
            cast, plan, cohort_id, timedelta(minutes=30), "最后一次实训的场地当天上午另有使用，顺延半小时（演示）"
        )
    with at(starts, 8):
        course.begin(cast, plan, cohort_id)
    keep_attendance(cast, plan, cohort_id, dice)
    course.teach(cast, plan, cohort_id, dice)
    means.sign(cast, at_work, today)
    changes.make_up(cast, plan, cohort_id)
    changes.ask_for_cover(cast, plan, cohort_id)
    means.fall_ill(cast, cohort_id, today)
    cast.cohorts[plan.name] = cohort_id


def _menu(cast: Cast) -> tuple[list[int], list[int], list[int]]:
    """Give the modules that everybody takes, and those of the two elective groups."""
    menu = current_menu(cast.items["ninglang", "保健调理师"])
    assert menu is not None  # noqa: S101 (published before)
    groups: dict[str, list[int]] = {}
    for module in menu.modules:
        groups.setdefault(module.elective_group, []).append(module.id)
    return groups[""], groups["专长手法"], groups["沟通"]
