"""What teaching must keep to: times that do not clash, hours that were held, marks in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import Message, say

#: 课时 (domain.md 2.2: 湖南 and others).
CLASS_HOUR = timedelta(minutes=45)

HOURS_A_DAY = key("teaching.hours_a_day", say("每天最多课时"), Follows.SITE, int, "课时")
ATTENDANCE_SHARE = key("teaching.attendance_share", say("最低出勤率"), Follows.HOME, int, "%")
PASS_THEORY = key("teaching.pass_theory", say("结业考核理论合格分"), Follows.HOME, int, "分")
PASS_PRACTICE = key("teaching.pass_practice", say("结业考核实操合格分"), Follows.HOME, int, "分")


@dataclass(frozen=True)
class Slot:
    """When a session is held, by whom, where and for whom; what clashes are found among."""

    starts_at: datetime
    ends_at: datetime
    #: How a finding names it: "电工7月班 7月24日 20:00".
    label: str
    trainer_id: int
    trainer: str
    venue_id: int | None
    venue: str
    #: Persons for whom attendance is due, by id, with their names.
    learners: dict[int, str]

    def overlaps(self, other: Slot) -> bool:
        """Tell whether two slots share a moment; one that begins as another ends does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def length(starts_at: datetime, ends_at: datetime, hours: int) -> list[Finding]:
    """Find a session too short for its class hours, or that ends before it starts."""
    if ends_at <= starts_at:
        return [refuse("teaching.times", say("下课时间须晚于上课时间"))]
    if ends_at - starts_at < CLASS_HOUR * hours:
        needed = int(CLASS_HOUR.total_seconds() // 60) * hours
        given = int((ends_at - starts_at).total_seconds() // 60)
        message = say(
            "{hours} 课时需要 {needed} 分钟，所填时间只有 {given} 分钟", hours=hours, needed=needed, given=given
        )
        return [refuse("teaching.too_short", message, "每课时 45 分钟")]
    return []


def within(day: date, starts_on: date, ends_on: date) -> list[Finding]:
    """Find a session outside its cohort's time."""
    if starts_on <= day <= ends_on:
        return []
    message = say("{day} 不在培训起止日期 {first} 至 {last} 之内", day=day, first=starts_on, last=ends_on)
    return [refuse("teaching.outside_cohort", message)]


def planned_hours(module: str, planned: int, held: int, more: int) -> list[Finding]:
    """Find that a module would be taught longer than the filed plan says."""
    if held + more <= planned:
        return []
    message = say(
        "模块“{module}”备案 {planned} 课时，已排 {held} 课时，再排 {more} 课时就超出了",
        module=module, planned=planned, held=held, more=more,
    )  # fmt: skip
    return [refuse("teaching.beyond_plan", message)]


def hours_a_day(day: date, hours: int, limit: Ruling) -> list[Finding]:
    """Find more class hours on a day than the site's policy allows."""
    if not limit.is_on_file or hours <= limit.value:
        return limit.note()
    message = say("{day} 共排 {hours} 课时，规定每天最多 {limit} 课时", day=day, hours=hours, limit=limit.value)
    return [refuse("teaching.hours_a_day", message, limit.source)]


def clashes(new: Slot, others: Iterable[Slot]) -> list[Finding]:
    """Find the trainer, the venue and the learners who would be in two places at once, by name."""
    found: list[Finding] = []
    for other in others:
        if not new.overlaps(other):
            continue
        if new.trainer_id == other.trainer_id:
            message = say("教师 {who} 当时在上“{other}”", who=new.trainer, other=other.label)
            found.append(refuse("teaching.trainer_clash", message))
        if new.venue_id is not None and new.venue_id == other.venue_id:
            message = say("场地“{venue}”当时用于“{other}”", venue=new.venue, other=other.label)
            found.append(refuse("teaching.venue_clash", message))
        both = sorted(set(new.learners) & set(other.learners))
        if both:
            names = "、".join(new.learners[learner] for learner in both[:10]) + ("等" if len(both) > 10 else "")  # noqa: PLR2004
            message = say("{count} 名学员当时要上“{other}”：{names}", count=len(both), other=other.label, names=names)
            found.append(refuse("teaching.learner_clash", message))
    return found


def room_for(venue: str, capacity: int | None, learners: int) -> list[Finding]:
    """Warn of a venue with fewer places than learners."""
    if capacity is None or learners <= capacity:
        return []
    message = say(
        "场地“{venue}”可容纳 {capacity} 人，应到 {learners} 人", venue=venue, capacity=capacity, learners=learners
    )
    return [Finding("teaching.venue_full", Level.WARN, message)]


@dataclass(frozen=True)
class Share:
    """How much of what was due a learner attended, in class hours; late and early count as there, leave does not."""

    due: int
    attended: int
    #: Hours of sessions held whose mark nobody made yet.
    unmarked: int

    @property
    def percent(self) -> int:
        """The share, rounded down, so that 79.9 never passes for 80."""
        return self.attended * 100 // self.due if self.due else 0


def enough_attendance(who: str, share: Share, limit: Ruling) -> list[Finding]:
    """Find a learner who attended less than the policy asks for, or whose marks are not all made."""
    if share.unmarked:
        message = say("{who} 还有 {hours} 课时没有考勤记录，请先补记", who=who, hours=share.unmarked)
        return [refuse("teaching.unmarked", message)]
    if not limit.is_on_file:
        return limit.note()
    if share.percent >= limit.value:
        return []
    message = say(
        "{who} 出勤 {attended}/{due} 课时（{percent}%），低于规定的 {limit}%",
        who=who, attended=share.attended, due=share.due, percent=share.percent, limit=limit.value,
    )  # fmt: skip
    return [refuse("teaching.attendance_share", message, limit.source)]


def marks_of_100(who: str, marks: Sequence[tuple[Message, int | None]]) -> list[Finding]:
    """Find marks that are not 0 to 100; None is 缺考 and no number."""
    return [
        refuse(
            "teaching.mark_range", say("{who} 的{part}成绩 {mark} 不在 0 到 100 之间", who=who, part=part, mark=mark)
        )
        for part, mark in marks
        if mark is not None and not 0 <= mark <= 100  # noqa: PLR2004 (百分制)
    ]


def pass_marks_on_file(theory: Ruling, practice: Ruling) -> list[Finding]:
    """Find that nobody set the marks with which the school's test is passed, without which nothing can be decided."""
    return [
        refuse(
            "teaching.pass_mark_missing", say("“{key}”没有登记，请人社局先在政策参数中设定", key=str(ruling.key.label))
        )
        for ruling in (theory, practice)
        if not ruling.is_on_file
    ]


def has_passed(theory: int | None, practice: int | None, pass_theory: int, pass_practice: int, unticked: int) -> bool:
    """Tell whether the school's test is passed: both parts taken and reached, and every practical item ticked."""
    if theory is None or practice is None:
        return False
    return theory >= pass_theory and practice >= pass_practice and unticked == 0
