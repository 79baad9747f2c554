"""通辽, 岑巩 and 镇雄: cohorts that each wait for somebody's next step."""

from __future__ import annotations

import random
from datetime import date, timedelta

from lbcert.certificates.operations.grounds import issue_completions
from lbcert.core.database import load
from lbcert.demo import course, exam
from lbcert.demo.cast import Cast, at
from lbcert.demo.course import Plan
from lbcert.demo.people import Crowd
from lbcert.exams.models import Absence, Batch, Part
from lbcert.exams.operations import record_mark
from lbcert.teaching.queries import learners_in


def tell_tongliao(cast: Cast, today: date) -> None:
    """Leave one exam for its decider to decide, and one approved cohort to be opened today."""
    crowd = Crowd("150500", seed=3)
    dice = random.Random(150500)  # noqa: S311 (fiction, no secret)
    starts = today - timedelta(days=34)
    smelters = Plan(
        county="tongliao", brand="霍林绿电铝电解工", item="铝电解工", name="霍林绿电铝电解工订单班", home="150581",
        site_region="150581", site="霍林郭勒铝业实训车间", starts_on=starts, ends_on=starts + timedelta(days=20),
        trainers=("tongliao-trainer", "tongliao-trainer2"), living_in="150581", address="内蒙古自治区通辽市霍林郭勒市",
        test_items=("换极操作", "出铝操作", "电气检修"),
        own_windows="每天 09:00-12:00",
    )  # fmt: skip
    cohort_id = course.run(
        cast, smelters, crowd.people(28), course.daily(starts, smelters.ends_on, {(9, 0): 4}), dice, failing=2
    )
    batch_id = exam.prepare(cast, "neimeng", cohort_id)
    with at(smelters.ends_on + timedelta(days=5)):
        marks = exam.spread(_put_forward(cohort_id), dice, passing=22, absent=1)
        exam.mark_by_sheet(cast, "neimeng", cohort_id, batch_id, marks)
    nannies = Plan(
        county="tongliao", brand="科尔沁月嫂", item="科尔沁月嫂", name="科尔沁月嫂第 12 期", home="150502",
        site_region="150502", site="科尔沁家政实训楼", starts_on=today, ends_on=today + timedelta(days=15),
        trainers=("tongliao-trainer",), living_in="150502", address="内蒙古自治区通辽市科尔沁区",
        test_items=("新生儿沐浴", "月子餐制作"),
        own_windows="每天 09:00-12:00",
    )  # fmt: skip
    cast.cohorts[smelters.name], cast.batches[smelters.name] = cohort_id, batch_id
    cast.cohorts[nannies.name] = course.prepare(
        cast, nannies, crowd.people(36), course.daily(today, nannies.ends_on, {(9, 0): 4})
    )


def tell_cengong(cast: Cast, today: date) -> None:
    """Leave published results waiting for their certificates, and a filing of 96 people waiting for its answer."""
    crowd = Crowd("522626", seed=4)
    dice = random.Random(522626)  # noqa: S311 (fiction, no secret)
    starts = today - timedelta(days=45)
    helpers = Plan(
        county="cengong", brand="南粤家政·岑巩班", item="家政服务员", name="南粤家政岑巩班第 3 期", home="522626",
        site_region="522626", site="思州实训中心", starts_on=starts, ends_on=starts + timedelta(days=11),
        trainers=("cengong-trainer", "cengong-trainer2"), living_in="522626", address="贵州省黔东南州岑巩县",
        fund="粤黔协作资金", test_items=("居室保洁", "衣物收纳", "粤菜三道"),
        own_windows="每天 09:00-12:00",
    )  # fmt: skip
    cohort_id = course.run(
        cast, helpers, crowd.people(40), course.daily(starts, helpers.ends_on, {(9, 0): 4}), dice, failing=1
    )
    batch_id = exam.prepare(cast, "guizhou", cohort_id)
    with at(helpers.ends_on + timedelta(days=5)):
        exam.mark_by_sheet(
            cast, "guizhou", cohort_id, batch_id, exam.spread(_put_forward(cohort_id), dice, passing=33, absent=2)
        )
        issue_completions(cast.account("cengong-issuer"), cohort_id)
    with at(helpers.ends_on + timedelta(days=8)):
        exam.decide_and_publish(cast, "guizhou", batch_id)
    cast.cohorts[helpers.name], cast.batches[helpers.name] = cohort_id, batch_id
    managers = Plan(
        county="cengong", brand="岑巩乡村经营人才", item="农村职业经理人", name="岑巩农村职业经理人第 2 期", home="522626",
        site_region="522626", site="岑巩乡村振兴讲习所", starts_on=today + timedelta(days=14),
        ends_on=today + timedelta(days=25), trainers=("cengong-trainer2",), living_in="522626",
        address="贵州省黔东南州岑巩县", fund="粤黔协作资金",
    )  # fmt: skip
    with at(today - timedelta(days=3)):
        waiting = course.draft(cast, managers)
        course.enrol(cast, managers, waiting, crowd.people(96))
    with at(today - timedelta(days=1), 15):
        course.file(cast, managers, waiting)
    cast.cohorts[managers.name] = waiting


def tell_zhenxiong(cast: Cast, today: date) -> None:
    """Leave an exam of people at work half marked, on their building site in 永康."""
    crowd = Crowd("530627", seed=5)
    dice = random.Random(530627)  # noqa: S311 (fiction, no secret)
    starts = today - timedelta(days=24)
    welders = Plan(
        county="zhenxiong", brand="镇雄技工", item="焊工", name="镇雄技工永康工地夜校第 24 期", home="530627",
        site_region="330784", site="永康五金厂区夜校", starts_on=starts, ends_on=starts + timedelta(days=18),
        trainers=("zhenxiong-trainer", "zhenxiong-trainer2"), living_in="330784", address="云南省昭通市镇雄县",
        in_service=True, job_before="五金厂搬运工", test_items=("平焊", "立焊", "安全防护"),
        patterns=("night",), own_windows="节假日 18:00-21:00",
    )  # fmt: skip
    cohort_id = course.run(
        cast, welders, crowd.people(33), course.daily(starts, welders.ends_on, {(18, 30): 3}), dice, failing=1
    )
    batch_id = exam.prepare(cast, "yunnan", cohort_id)
    numbers = [candidate.number for candidate in load(Batch, batch_id).candidates]
    with at(welders.ends_on + timedelta(days=3), 18):
        for place, number in enumerate(numbers[:18]):
            absent = Absence.ABSENT if place == 3 else None  # noqa: PLR2004 (one who never came)
            points = None if absent else dice.randrange(52, 96)
            record_mark(cast.account("yunnan-examiner"), batch_id, number, Part.THEORY, points, absent)
    cast.cohorts[welders.name], cast.batches[welders.name] = cohort_id, batch_id


def _put_forward(cohort_id: int) -> list[str]:
    return [learner.person.id_number for learner in learners_in(cohort_id) if learner.state == "completed"]
