"""What an exam must keep to: who may examine whom, what a mark is, and when a candidate has passed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from lbcert.core import clock
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.reference import SkillLevel, lies_within
from lbcert.core.words import Message, say, some
from lbcert.exams.models import SEPARATION, Absence, Outcome, Part

#: 考评员 of a batch, one of them 考评组长 (domain.md 1.4: 3).
MIN_EXAMINERS = key("exams.min_examiners", say("每批次考评员最少人数"), Follows.BODY, int, say("人"))
#: Whether a batch has a 质量督导员 when it begins.
SUPERVISOR_REQUIRED = key("exams.supervisor_required", say("每批次须有质量督导员"), Follows.BODY, bool)
#: From so many days before the exam on, the list of candidates changes only as somebody else grants.
FREEZE_DAYS = key("exams.freeze_days", say("考前冻结考生名单天数"), Follows.BODY, int, say("天"))
#: How long an examiner stands aside for people he taught.
SEPARATION_MONTHS = key("exams.separation_months", say("考评员授课回避期"), Follows.BODY, int, say("个月"))
PASS_MARKS = {
    Part.THEORY: key("exams.pass_theory", say("理论知识合格分"), Follows.BODY, int, say("分")),
    Part.PRACTICE: key("exams.pass_practice", say("操作技能合格分"), Follows.BODY, int, say("分")),
    Part.REVIEW: key("exams.pass_review", say("综合评审合格分"), Follows.BODY, int, say("分")),
}
#: Working days for which the results hang before they are published (domain.md 1.4: 5, P13).
NOTICE_DAYS = key("exams.notice_days", say("认定成绩公示期"), Follows.BODY, int, say("个工作日"))
NO_CANDIDATE = refuse("exams.no_candidate", say("本批次还没有考生，请先列入考生名单"))
_FULL_MARKS = 100
_MOST_NAMED = 10


def parts_of(*, with_review: bool) -> tuple[Part, ...]:
    """Give the parts of an exam, in their order."""
    return (Part.THEORY, Part.PRACTICE, Part.REVIEW) if with_review else (Part.THEORY, Part.PRACTICE)


# The body


class Filed(Protocol):
    """One row of a body's filing, of the kind that is asked for."""

    trade_id: int
    level: SkillLevel | None
    site_region_code: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Subject:
    """What is examined, where and when."""

    trade_id: int
    trade: str
    level: SkillLevel | None
    site_region_code: str
    site: str
    day: date


def may_assess(body: str, filings: Iterable[Filed], subject: Subject) -> list[Finding]:
    """Find that no filing (备案) of a body covers trade, level and site on the day of the exam."""
    if any(_covers(filing, subject) for filing in filings):
        return []
    message = say(
        "{body} 没有覆盖“{trade}”{level}、{site}、{day} 的评价备案，请另选评价机构，或先登记其备案",
        body=body, trade=subject.trade, level=subject.level.label if subject.level else "", site=subject.site, day=subject.day,
    )  # fmt: skip
    return [refuse("exams.not_filed", message)]


def _covers(filing: Filed, subject: Subject) -> bool:
    return (
        filing.trade_id == subject.trade_id
        and (filing.level is None or filing.level == subject.level)
        and lies_within(subject.site_region_code, filing.site_region_code)
        and filing.valid_from <= subject.day <= (filing.valid_to or date.max)
    )


# The staff


@dataclass(frozen=True)
class Lesson:
    """A session that somebody held, as a refusal lists it."""

    day: date
    cohort: str
    title: str
    session_id: int

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.cohort}《{self.title}》"


def months_before(day: date, months: int) -> date:
    """Go back so many months; from the last day of a month to one in a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError  # every month has 28 days


def separation(who: str, own: Sequence[Lesson], others: Sequence[Lesson], months: Ruling) -> list[Finding]:
    """Find the sessions for which somebody stands aside (考培分离).

    ``own`` are of the very cohort that is examined, at any time; ``others`` those in which he taught one of its candidates elsewhere,
    within ``months`` before the exam.
    """
    if own:
        message = say(
            "考培分离：{who} 为本班授过课，须回避，请另选一人：{sessions}", who=who, sessions=some(own, _MOST_NAMED)
        )
        return [refuse("exams.taught_cohort", message, SEPARATION, _sessions(own))]
    if not others:
        return months.note()
    message = say(
        "考培分离：{who} 在考前 {months} 个月内教过本批次的考生，须回避，请另选一人：{sessions}",
        who=who, months=months.value, sessions=some(others, _MOST_NAMED),
    )  # fmt: skip
    return [refuse("exams.taught_candidate", message, months.source, _sessions(others))]


def _sessions(lessons: Sequence[Lesson]) -> str:
    return " ".join(f"session:{lesson.session_id}" for lesson in lessons[:_MOST_NAMED])


def enough_examiners(examiners: int, *, has_leader: bool, least: Ruling) -> list[Finding]:
    """Find fewer examiners than the policy asks for, or none that leads them."""
    if not least.is_on_file:
        return [] if examiners else [refuse("exams.no_examiner", say("本批次还没有考评员，请先任命"))]
    findings = []
    if examiners < least.value:
        message = say(
            "本批次有 {count} 名考评员，应不少于 {least} 名（含组长），请补充任命", count=examiners, least=least.value
        )
        findings.append(refuse("exams.min_examiners", message, least.source))
    if not has_leader:
        findings.append(refuse("exams.no_leader", say("本批次没有考评组长，请任命一名"), least.source))
    return findings


def supervised(required: Ruling, *, has_supervisor: bool) -> list[Finding]:
    """Find a batch without a quality supervisor, where a policy asks for one."""
    if has_supervisor or not required.value:
        return []
    return [refuse("exams.no_supervisor", say("本批次没有质量督导员，请任命一名"), required.source)]


def declared(undeclared: Sequence[str]) -> list[Finding]:
    """Find staff who have not signed this batch's declaration of no kin, employer or money tie."""
    return [
        refuse("exams.undeclared", say("{who} 还没有签署本批次的回避声明，请本人登录后签署", who=who), SEPARATION)
        for who in undeclared
    ]


# Marks

_POINTS = re.compile(r"\d{1,3}(\.0+)?")
_ABSENCES = {
    "缺考": Absence.ABSENT, "缺席": Absence.ABSENT, "未考": Absence.ABSENT,
    "成绩无效": Absence.VOID, "无效": Absence.VOID, "作弊": Absence.VOID, "违纪": Absence.VOID,
}  # fmt: skip


def one_of_both(points: int | None, absence: Absence | None) -> list[Finding]:
    """Find a mark that is neither points of 0 to 100 nor an absence, or both."""
    if (points is None) == (absence is None):
        return [refuse("exams.points_or_absence", say("请填写 0 至 100 的分数，或者选择“缺考”“成绩无效”"))]
    if points is not None and not 0 <= points <= _FULL_MARKS:
        return [refuse("exams.points_range", say("分数 {points} 不在 0 至 100 之间", points=points))]
    return []


def read_mark(text: str) -> int | Absence | None:
    """Read a cell: points of 0 to 100, an absence in the words that counties use, or None for anything else."""
    plain = text.strip()
    if plain in _ABSENCES:
        return _ABSENCES[plain]
    if _POINTS.fullmatch(plain) and float(plain) <= _FULL_MARKS:
        return int(float(plain))
    return None


def reasoned(reason: str) -> list[Finding]:
    """Find a change without its reason."""
    return [] if reason.strip() else [refuse("exams.reason", say("请写明理由，理由会随记录保存"))]


# The decision


def pass_marks_on_file(rulings: Mapping[Part, Ruling]) -> list[Finding]:
    """Find pass marks that nobody set, without which nothing can be decided."""
    return [
        refuse(
            "exams.pass_mark_missing",
            say(
                "评价机构所在地没有登记“{key}”，不能审定；请人社局在政策参数中登记数值和依据文件",
                key=ruling.key.label,
            ),
        )
        for ruling in rulings.values()
        if not ruling.is_on_file
    ]


def all_marked(missing: Mapping[Part, Collection[str]]) -> list[Finding]:
    """Find the candidates, by number, whose mark for a part nobody gave."""
    return [
        refuse(
            "exams.marks_missing",
            say(
                "{count} 名考生的{part}还没有成绩，未到考的请录“缺考”：{numbers}",
                count=len(numbers), part=part.label, numbers=some(sorted(numbers), _MOST_NAMED),
            ),
        )
        for part, numbers in missing.items()
        if numbers
    ]  # fmt: skip


def outcome(marks: Mapping[Part, int | Absence], pass_marks: Mapping[Part, int]) -> Outcome:
    """Decide: void or absent in any part stands above all points; passed is who reached each part's pass mark."""
    if Absence.VOID in marks.values():
        return Outcome.VOID
    if Absence.ABSENT in marks.values():
        return Outcome.ABSENT
    reached = all(points >= pass_marks[part] for part, points in marks.items() if not isinstance(points, Absence))
    return Outcome.PASSED if reached else Outcome.FAILED


def shown(value: int | Absence | None) -> Message | int | None:
    """Give a mark as a page writes it: points, or the absence in words."""
    return value.label if isinstance(value, Absence) else value


# Candidates


def freezes_at(held_on: date, days: Ruling) -> datetime | None:
    """Give the moment from which the list stands: the beginning of the day so many days before the exam, in China."""
    if not days.is_on_file:
        return None
    return datetime.combine(held_on - timedelta(days=days.value), time(), clock.SHANGHAI)


def unfrozen(freezes: datetime | None, now: datetime) -> list[Finding]:
    """Find that the list of candidates is frozen."""
    if freezes is None or now < freezes:
        return []
    message = say(
        "考生名单已于 {day} 冻结：增减考生须写明理由提出申请，由人社局或评价机构成绩审定人批准",
        day=clock.local(freezes).date(),
    )
    return [refuse("exams.roster_frozen", message)]


def frozen(freezes: datetime | None, now: datetime) -> list[Finding]:
    """Find that the list of candidates is open still, so that nobody has to be asked."""
    if unfrozen(freezes, now):
        return []
    return [refuse("exams.roster_open", say("考生名单还没有冻结，请直接增减考生"))]


@dataclass(frozen=True)
class Standing:
    """What decides whether a learner may sit the exam, beside the attendance: the school's test and other batches."""

    who: str
    #: None where the school has recorded no test.
    passed_test: bool | None
    #: Number of a batch that he is in, or has passed.
    elsewhere: str = ""
    in_service: bool = False


def may_sit(learner: Standing, *, own_staff_only: bool) -> list[Finding]:
    """Find why a learner may not be put forward; each finding names the rule that failed."""
    findings = []
    if learner.passed_test is None:
        message = say("{who} 没有结业考核记录，请培训机构先登记结业考核成绩", who=learner.who)
        findings.append(refuse("exams.no_school_test", message))
    elif not learner.passed_test:
        message = say("{who} 结业考核不合格，不能参加认定；补考合格后可列入", who=learner.who)
        findings.append(refuse("exams.school_test_failed", message))
    if learner.elsewhere:
        message = say("{who} 已在批次 {batch} 应考或已认定合格", who=learner.who, batch=learner.elsewhere)
        findings.append(refuse("exams.candidate_elsewhere", message))
    if own_staff_only and not learner.in_service:
        message = say("自主评价只面向本单位职工，{who} 没有登记为在职", who=learner.who)
        findings.append(refuse("exams.not_own_staff", message, SEPARATION))
    return findings


def unrecorded(row: int, who: str, parts: Sequence[Part]) -> list[Finding]:
    """Note the empty cells of a sheet: 未录, which is no zero and no absence."""
    return [
        Finding(
            "exams.sheet_unrecorded",
            Level.WARN,
            say("第 {row} 行 {who} 的{part}为空，按“未录”处理，不是 0 分", row=row, who=who, part=part.label),
            subject=f"row:{row}",
        )
        for part in parts
    ]


# The public notice


@dataclass(frozen=True)
class Noticing:
    """How far the public notice (公示) of a batch's results has come."""

    #: Working days as decided; None or 0 where none is asked for.
    days: int | None
    #: Who passed and has not hung to the end of a notice, by name, and the last day where one runs.
    waiting: tuple[str, ...] = ()
    ends_on: date | None = None
    #: Whether an open objection holds up the whole batch.
    held: bool = False


def noticed(now: Noticing) -> list[Finding]:
    """Find why results may not be published yet: somebody who passed did not hang to the end, or an objection is open."""
    if not now.days:
        message = say("所在地没有登记成绩公示期，不经公示直接公布")
        return [Finding("exams.no_notice", Level.NOTE, message)]
    findings = []
    if now.waiting and now.ends_on is not None:
        message = say("公示到 {day} 为止，期满后才能公布成绩", day=now.ends_on)
        findings.append(refuse("exams.notice_runs", message))
    elif now.waiting:
        message = say("合格人员须先公示 {days} 个工作日：{names}", days=now.days, names=some(now.waiting, _MOST_NAMED))
        findings.append(refuse("exams.not_noticed", message))
    if now.held:
        findings.append(refuse("exams.objection_holds", say("对公示的异议还没有答复，不能公布成绩；请人社局先答复")))
    return findings
