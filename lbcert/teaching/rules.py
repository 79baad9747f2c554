"""What teaching must keep to: times that do not clash, hours that were held, marks in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lbcert.cohorts.models import CohortState
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import Message, say, some
from lbcert.core.workdays import DayKind, DueDay, guess_finding, plain_kind
from lbcert.teaching.models import AttendanceMark, Mode

#: 课时: 45 minutes in 湖南 and elsewhere.
CLASS_HOUR = timedelta(minutes=45)

HOURS_A_DAY = key("teaching.hours_a_day", say("每天最多课时"), Follows.SITE, int, say("课时"))
ATTENDANCE_SHARE = key("teaching.attendance_share", say("最低出勤率"), Follows.HOME, int, say("%"))
PASS_THEORY = key("teaching.pass_theory", say("结业考核理论合格分"), Follows.HOME, int, say("分"))
PASS_PRACTICE = key("teaching.pass_practice", say("结业考核实操合格分"), Follows.HOME, int, say("分"))


_CALENDAR = "培训地的放假调休日历"

#: Marks that count as having been there.
PRESENT = frozenset({AttendanceMark.PRESENT, AttendanceMark.LATE, AttendanceMark.EARLY})
#: The five marks in the order in which pages offer them, as the attendance book (出勤簿) writes them.
SIGNS = {
    AttendanceMark.PRESENT: "/",
    AttendanceMark.LATE: "△",
    AttendanceMark.EARLY: "△",
    AttendanceMark.LEAVE: "×",
    AttendanceMark.ABSENT: "○",
}


@dataclass(frozen=True)
class Lesson:
    """A session as it is asked for; times carry zones, ``hours`` are class hours of 45 minutes."""

    module_id: int
    starts_at: datetime
    ends_at: datetime
    hours: int
    mode: Mode
    trainer_id: int
    venue_id: int | None = None
    title: str = ""
    material: str = ""
    #: Where an online session is met.
    meeting_link: str = ""
    #: The lost session that it makes up (补课).
    makes_up_id: int | None = None


@dataclass(frozen=True)
class Slot:
    """When a session is held, by whom, where and for whom; what clashes are found among."""

    starts_at: datetime
    ends_at: datetime
    #: How a finding names it: "电工7月班 7月24日 20:00".
    label: str | Message
    trainer_id: int
    trainer: str
    #: None for a venue that is not on file yet: it is known by its name.
    venue_id: int | None
    venue: str
    #: Persons for whom attendance is due, by id, with their names.
    learners: dict[int, str]

    def overlaps(self, other: Slot) -> bool:
        """Tell whether two slots share a moment; one that begins as another ends does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def plannable(name: str, state: CohortState) -> list[Finding]:
    """Find that sessions are planned before the approval, or after the teaching."""
    if state in {CohortState.APPROVED, CohortState.RUNNING}:
        return []
    message = say("培训班“{name}”是“{state}”，批准后、结课前才能排课", name=name, state=state.label)
    return [refuse("teaching.cohort_state", message)]


def markable(name: str, state: CohortState) -> list[Finding]:
    """Find that roll is called in a cohort that was not opened, or is closed."""
    if state in {CohortState.RUNNING, CohortState.TAUGHT}:
        return []
    message = say("培训班“{name}”是“{state}”，开班后、结班前才能记考勤", name=name, state=state.label)
    return [refuse("teaching.cohort_state", message)]


def way_of_teaching(module: str, online_allowed: bool, mode: Mode, has_venue: bool) -> list[Finding]:
    """Find practice that is taught online, and a lesson that an inspector could not find."""
    if mode is Mode.ONLINE and not online_allowed:
        message = say("模块“{module}”不能线上授课，请改为线下", module=module)
        return [refuse("teaching.online_practice", message)]
    if has_venue or mode is Mode.ONLINE:
        return []
    if mode is Mode.FIELD:
        return [Finding("teaching.field_unnamed", Level.WARN, say("田间授课没有写明地点，巡查时找不到"))]
    return [refuse("teaching.no_venue", say("{mode}授课请填写上课地点", mode=mode.label))]


def trainer_filed(who: str, *, names: bool) -> list[Finding]:
    """Find a trainer whom the filing does not name."""
    if names:
        return []
    return [refuse("teaching.trainer_not_filed", say("教师 {who} 不在备案的授课师资里，请先办理变更", who=who))]


def texts(title: str, material: str) -> list[Finding]:
    """Find words that are too long to keep."""
    return [
        refuse("teaching.text_long", say("“{what}”超过 {most} 个字，请改短", what=what, most=most))
        for what, text, most in ((say("上课内容"), title, 120), (say("教材"), material, 200))
        if len(text) > most
    ]


def length(starts_at: datetime, ends_at: datetime, hours: int) -> list[Finding]:
    """Find a session too short for its class hours, or that ends before it starts."""
    if hours < 1:
        return [refuse("teaching.no_hours", say("课时至少为 1"))]
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
    message = say(
        "{day} 不在培训起止日期 {first} 至 {last} 之内",
        day=day.isoformat(),
        first=starts_on.isoformat(),
        last=ends_on.isoformat(),
    )
    return [refuse("teaching.outside_cohort", message)]


def day_on_calendar(day: date, kind: DayKind, known: bool) -> list[Finding]:
    """Warn of a session on a holiday, and of one in a year whose holidays nobody knows yet."""
    if not known:
        guessed = guess_finding(DueDay(day, frozenset({day.year})))
        return [guessed] if guessed else []
    if kind is not DayKind.HOLIDAY:
        return []
    return [
        Finding(
            "teaching.holiday", Level.WARN, say("{day} 是节假日，请核对是否照常上课", day=day.isoformat()), _CALENDAR
        )
    ]


def turned_out(day: date, kind: DayKind, planned_as: DayKind | None) -> list[Finding]:
    """Find that a day is not what it was when the session was planned; None was planned without a calendar."""
    was = planned_as or plain_kind(day)
    if was is kind:
        return []
    message = say("{day} 排课时是{was}，现在日历上是{now}", day=day.isoformat(), was=was.label, now=kind.label)
    return [Finding("teaching.day_turned", Level.WARN, message, _CALENDAR)]


def planned_hours(module: str, planned: int | None, held: int, more: int) -> list[Finding]:
    """Find a module that the filed plan has not (None), or that would be taught longer than it says."""
    if planned is None:
        return [refuse("teaching.not_in_plan", say("模块“{module}”不在备案的教学计划里", module=module))]
    if held + more <= planned:
        return []
    message = say(
        "模块“{module}”备案 {planned} 课时，已排 {held} 课时，再排 {more} 课时就超出了",
        module=module, planned=planned, held=held, more=more,
    )  # fmt: skip
    return [refuse("teaching.beyond_plan", message)]


def hours_held(modules: Iterable[tuple[str, int, int]], subject: str) -> list[Finding]:
    """Find modules (name, hours filed, hours held) of which less was taught than filed; only the bureau may let it pass."""
    short = [
        say("{module}（备案 {planned} 课时，已上 {held} 课时）", module=module, planned=planned, held=held)
        for module, planned, held in modules
        if held < planned
    ]
    if not short:
        return []
    message = say("这些模块没有上满备案的课时，请补课，或由人社局批准特殊情况：{modules}", modules=some(short))
    return [Finding("teaching.hours_not_held", Level.EXCEPTION, message, "备案的教学计划", subject)]


def all_marked(unmarked: Iterable[tuple[str, int]]) -> list[Finding]:
    """Find learners, by name, with class hours (the second of each pair) of sessions held that bear no mark."""
    open_ones = [(name, hours) for name, hours in unmarked if hours]
    if not open_ones:
        return []
    names = some(say("{who}（{hours} 课时）", who=name, hours=hours) for name, hours in open_ones)
    message = say("{count} 名学员还有课没有考勤记录，请先补记：{names}", count=len(open_ones), names=names)
    return [refuse("teaching.unmarked", message)]


def hours_a_day(day: date, hours: int, limit: Ruling) -> list[Finding]:
    """Find more class hours on a day than the site's policy allows."""
    if not limit.is_on_file or hours <= limit.value:
        return []
    message = say(
        "{day} 共排 {hours} 课时，规定每天最多 {limit} 课时", day=day.isoformat(), hours=hours, limit=limit.value
    )
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
        if new.venue and (new.venue_id, new.venue) == (other.venue_id, other.venue):
            message = say("场地“{venue}”当时用于“{other}”", venue=new.venue, other=other.label)
            found.append(refuse("teaching.venue_clash", message))
        both = sorted(set(new.learners) & set(other.learners))
        if both:
            names = some(new.learners[learner] for learner in both)
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
    #: Hours among those attended that were missed and made up (补课).
    made_up: int = 0

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


def times_seen(who: str, in_at: datetime | None, out_at: datetime | None, starts_at: datetime) -> list[Finding]:
    """Find times of coming and going that cannot be: leaving before coming, or before the lesson began."""
    if out_at is not None and out_at <= max(in_at or starts_at, starts_at):
        return [refuse("teaching.times_seen", say("{who} 的签退时间须晚于上课时间和签到时间", who=who))]
    return []


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
        refuse("teaching.pass_mark_missing", say("“{key}”没有登记，请人社局先在政策参数中设定", key=ruling.key.label))
        for ruling in (theory, practice)
        if not ruling.is_on_file
    ]


def has_passed(theory: int | None, practice: int | None, pass_theory: int, pass_practice: int, unticked: int) -> bool:
    """Tell whether the school's test is passed: both parts taken and reached, and every practical item ticked."""
    if theory is None or practice is None:
        return False
    return theory >= pass_theory and practice >= pass_practice and unticked == 0
