"""禄劝: 149 people at work in 阜康, trained there as electricians and plant protection workers, 24 July to 7 August 2025."""

from __future__ import annotations

import random
from calendar import SATURDAY
from datetime import date, timedelta
from functools import partial

from lbcert.certificates.models import Reason
from lbcert.certificates.national import ANSWER
from lbcert.certificates.operations.grounds import issue_completions, issue_skill_certificates
from lbcert.certificates.operations.reports import make_query_report, receive_answer, take_answer
from lbcert.certificates.operations.status import revoke, suspend
from lbcert.cohorts.models import Enrolment
from lbcert.cohorts.operations.life import close_cohort
from lbcert.core.access import Holder, Role
from lbcert.core.database import load
from lbcert.core.sheets import Table, write_workbook
from lbcert.demand.models import OrderKind
from lbcert.demand.operations import create_order
from lbcert.demand.rules import Line
from lbcert.demo import course, exam
from lbcert.demo.cast import ADMIN, Cast, at, ids, moment
from lbcert.demo.course import Meeting, Plan
from lbcert.demo.people import DOTTED, RARE, Crowd
from lbcert.exams.models import AppealKind, Outcome, Part
from lbcert.exams.operations import answer_appeal, assign_appeal, file_appeal
from lbcert.exams.queries.results import results_by_name
from lbcert.parties.operations import create_account, reveal
from lbcert.placement.operations import Promotion, record_promotion
from lbcert.teaching.models import Mode
from lbcert.teaching.queries import learners_in

FIRST, LAST = date(2025, 7, 24), date(2025, 8, 7)
HOME, SITE = "530128", "652302"
#: The body from home that travels to examine the electricians, and the body of the place that examines the others.
TRAVELS, HOSTS = "yunnan", "xinjiang"
#: Learners, and how many of them pass the assessment and are absent from it.
ELECTRICIANS = (80, 72, 1)
PLANT_PROTECTION = (69, 58, 2)
_PLAN = partial(
    Plan,
    county="luquan", brand="禄劝产业工匠", home=HOME, site_region=SITE, starts_on=FIRST, ends_on=LAST, living_in=SITE,
    address="云南省昆明市禄劝彝族苗族自治县", host="luquan-host", fund="市级就业专项资金", online_theory=True, in_service=True,
)  # fmt: skip
_ELECTRICIAN = _PLAN(
    item="电工", name="禄劝首期阜康电工班", site="阜康博格达实训基地", trainers=("luquan-trainer", "luquan-trainer2"),
    job_before="准东能源企业普工", test_items=("照明线路安装", "配电箱接线", "电动机正反转", "故障排查"),
    patterns=("night", "weekend"),
)  # fmt: skip
_PLANT = _PLAN(
    item="农作物植保员", name="禄劝首期阜康农作物植保班", site="阜康天山农业示范田", trainers=("luquan-trainer3",),
    job_before="农业企业田间普工", practice_mode=Mode.FIELD, test_items=("病虫识别", "药剂配制", "植保机械操作"),
    patterns=("night_and_day",),
)  # fmt: skip


def order(cast: Cast) -> dict[str, int]:
    """Register what 阜康 asks for, as the county's station there says; it promises no jobs. Gives each item's line."""
    with at(date(2025, 6, 20)):
        lines = [
            Line(cast.items["luquan", item], count, 550_000, 850_000, SITE, date(2025, 8, 15), 1)
            for item, count in (("电工", 80), ("农作物植保员", 70))
        ]
        made = create_order(
            cast.account("luquan-centre"), OrderKind.DESTINATION, cast.bodies["luquan-station"], HOME, date(2025, 6, 18), lines
        )  # fmt: skip
    return {line.item.name: line.id for line in made.lines}


def tell(cast: Cast) -> None:
    """Tell the whole story, up to the results."""
    lines = order(cast)
    crowd = Crowd(HOME, seed=1)
    dice = random.Random(149)  # noqa: S311 (fiction, no secret)
    named = [RARE[:3] + DOTTED[:1], RARE[3:] + DOTTED[1:]]
    for plan, (count, passing, absent), names, meetings, body in (
        (_ELECTRICIAN, ELECTRICIANS, named[0], _after_work(), TRAVELS),
        (_PLANT, PLANT_PROTECTION, named[1], _in_the_field(), HOSTS),
    ):
        people = crowd.people(count, named=names)
        cohort_id = course.run(cast, plan, people, meetings, dice, line=lines[plan.item])
        batch_id = exam.prepare(cast, body, cohort_id, officer="luquan-bureau")
        marks = exam.spread([one.id_number for one in people], dice, passing=passing, absent=absent)
        if body == TRAVELS:
            exam.watch(cast, body, batch_id, marks)
        with at(LAST + timedelta(days=4)):
            exam.mark_by_sheet(cast, body, cohort_id, batch_id, marks)
        with at(LAST + timedelta(days=6)):
            exam.decide_and_publish(cast, body, batch_id)
        cast.cohorts[plan.name], cast.batches[plan.name] = cohort_id, batch_id


def _after_work() -> list[Meeting]:
    """Meet for four hours in the evening of each of the 11 working days, and for seven by day on each of the 4 of weekend."""
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    evening, by_day = ((20, 4),), ((10, 4), (14, 3))
    return [
        Meeting(moment(day, hour), hours)
        for day in days
        for hour, hours in (by_day if day.weekday() >= SATURDAY else evening)
    ]


def _in_the_field() -> list[Meeting]:
    """Hear theory in the evenings and practise in the field by day (田间训), each module in its turn."""
    turns = ((range(3), 20), (range(3, 7), 10), (range(7, 9), 20), (range(10, 15), 10))
    return [Meeting(moment(FIRST + timedelta(days=n), hour), 4) for days, hour in turns for n in days]


def certify(cast: Cast) -> None:
    """Issue both kinds of certificate; one is suspended and one revoked later, each for its reason."""
    for name, body in ((_ELECTRICIAN.name, TRAVELS), (_PLANT.name, HOSTS)):
        with at(date(2025, 8, 12), 10):
            issue_completions(cast.account("luquan-issuer"), cast.cohorts[name])
        with at(date(2025, 8, 22), 15):
            issued = issue_skill_certificates(cast.account(f"{body}-issuer"), cast.batches[name])
            cast.certificates[name] = ids(issued.certificates)
        with at(date(2025, 8, 28), 10):
            _report(cast, body, cast.batches[name])
    _ask_for_a_review(cast)
    with at(date(2025, 8, 29), 15):
        exam.close_file(cast, "yunnan", cast.batches[_ELECTRICIAN.name])
    with at(date(2025, 10, 13), 11):
        reason = "群众举报考试当日另有工作记录，暂停使用以待核查（演示）"
        suspend(cast.account(f"{HOSTS}-bureau"), cast.certificates[_PLANT.name][7], Reason.UNDER_REVIEW, reason)
    with at(date(2025, 10, 22), 16):
        reason = "核查发现报名照片与参考人员不符，系替考（演示）"
        revoke(cast.account(f"{TRAVELS}-bureau"), cast.certificates[_ELECTRICIAN.name][11], Reason.FRAUD, reason)


def _report(cast: Cast, body: str, batch_id: int) -> None:
    """Send the certificates for the national query, and take over the answer that accepts them."""
    report = make_query_report(cast.account(f"{body}-exam"), batch_id)
    rows = [{"number": line.certificate.number, "state": "接收", "reason": ""} for line in report.lines]
    answer = write_workbook(Table("回执", ANSWER, rows))
    staged = receive_answer(cast.account(f"{body}-exam"), report.id, answer, "回执.xlsx")
    take_answer(cast.account(f"{body}-exam"), staged.id)


def _ask_for_a_review(cast: Cast) -> None:
    """Have an electrician who failed by one part ask for a review on her own page, and somebody without a part answer it."""
    failed = [one for one in results_by_name(cast.batches[_ELECTRICIAN.name]) if one.outcome is Outcome.FAILED]
    first = failed[0]
    candidate_id, person_id = first.candidate_id, first.candidate.enrolment.person_id
    with at(date(2025, 8, 25), 9):
        reason = "我觉得故障排查一项少算了分，请复核（演示）"
        asked = file_appeal(Holder(person_id), candidate_id, AppealKind.REVIEW, reason, Part.PRACTICE).id
    with at(date(2025, 8, 26), 10):
        assign_appeal(cast.account("yunnan-exam"), asked, cast.persons["yunnan-bureau"])
    with at(date(2025, 8, 29), 15):
        answer = "调阅评分表和录像逐项核对，分数无误，维持原结果（演示）"
        answer_appeal(cast.account("yunnan-bureau"), asked, upheld=False, answer=answer)


def report_outcomes(cast: Cast) -> None:
    """Record half a year later what became of the 149: better posts in the same firms, no new placements."""
    dice = random.Random(7)  # noqa: S311 (fiction, no secret)
    jobs = {
        _ELECTRICIAN.name: ("luquan-employer", "普工", "电工"),
        _PLANT.name: ("luquan-employer2", "田间普工", "植保员"),
    }
    with at(date(2025, 11, 20), 10):
        for name, (employer, before, after) in jobs.items():
            for enrolment_id in ids(learners_in(cast.cohorts[name])):
                enrolment = load(Enrolment, enrolment_id)
                wage = dice.randrange(45, 60) * 10_000
                promotion = Promotion(
                    employer_id=cast.bodies[employer], post_before=before, post_after=after, wage_before_fen=wage,
                    wage_after_fen=wage + dice.randrange(3, 13) * 10_000, as_of=date(2025, 11, 15),
                    grade_after="五级/初级工",
                )  # fmt: skip
                record_promotion(cast.account("luquan-station"), enrolment.id, promotion)
    for name in jobs:
        with at(date(2025, 11, 21)):
            close_cohort(cast.account("luquan-school"), cast.cohorts[name])


def look_after(cast: Cast, today: date) -> None:
    """Tell what the last days saw: a new colleague's account, and a number opened to ring a learner up."""
    with at(today - timedelta(days=2)):
        create_account(cast.account(ADMIN), "luquan-bureau2", "张天明", Role.BUREAU_OFFICER, region_code=HOME)
    with at(today - timedelta(days=1), 10):
        learner = learners_in(cast.cohorts[_ELECTRICIAN.name])[0]
        reveal(cast.account("luquan-bureau"), learner.person_id, "phone", "电话回访在岗情况（演示）")
