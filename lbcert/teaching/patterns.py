"""Session patterns (班型): when a class is taught; those that ship, a cohort's own windows, and what departs from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from lbcert.brands.models import ModuleKind
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.policy import Follows, Form, Ruling, key
from lbcert.core.registrations import SessionPattern, Window
from lbcert.core.words import Message, say
from lbcert.core.workdays import DayKind
from lbcert.teaching.models import Mode

#: How a stretch of the day is written in a setting.
SPAN = Form("20:00-23:00", lambda text: read_span(text) is not None)
#: Such as 20:00-23:00 in 新疆, where work ends some two hours later, and 18:00-21:00 elsewhere.
EVENING = key("teaching.evening_window", say("晚间上课时段"), Follows.SITE, str, form=SPAN)
DAYTIME = key("teaching.day_window", say("白天上课时段"), Follows.SITE, str, form=SPAN)
PRACTICE_SHARE = key("teaching.practice_share", say("实操课时最低占比"), Follows.HOME, int, say("%"))
#: Settings that a window may name.
SETTINGS = {EVENING.name: EVENING, DAYTIME.name: DAYTIME}

_WORKED = frozenset({DayKind.WORKDAY, DayKind.WORKED_WEEKEND})
_OFF = frozenset({DayKind.WEEKEND})
WEEKEND_CLASS = SessionPattern("weekend", say("周末班"), (Window(_OFF, setting=DAYTIME.name),))
NIGHT_CLASS = SessionPattern("night", say("夜间班"), (Window(_WORKED | _OFF, setting=EVENING.name),))
FULL_TIME_CLASS = SessionPattern("full_time", say("脱产班"), (Window(_WORKED, setting=DAYTIME.name),))
#: Theory after work, practice by day in the field, in the workshop or at work (田间训、以工代训).
NIGHT_AND_DAY_CLASS = SessionPattern(
    "night_and_day",
    say("夜学日训班"),
    (
        Window(_WORKED | _OFF, setting=EVENING.name, lessons=frozenset({ModuleKind.THEORY})),
        Window(_WORKED | _OFF, setting=DAYTIME.name, lessons=frozenset({ModuleKind.PRACTICE})),
    ),
)

#: What the bureau may let a cohort depart from, as it is asked.
DEPARTURES = {
    "teaching.pattern_day": say("在班型以外的日子上课"),
    "teaching.pattern_time": say("在班型以外的时段上课"),
    "teaching.pattern_hours": say("一天超过班型的课时"),
    "teaching.module_order": say("不按模块的先后顺序上课"),
}

_DAYS: Mapping[str, frozenset[DayKind]] = {
    "工作日": _WORKED, "周末": _OFF, "节假日": frozenset({DayKind.HOLIDAY}), "每天": frozenset(DayKind),
    "workdays": _WORKED, "weekends": _OFF, "holidays": frozenset({DayKind.HOLIDAY}), "daily": frozenset(DayKind),
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for names in ("周一 周二 周三 周四 周五 周六 周日", "mon tue wed thu fri sat sun")
    for number, name in enumerate(names.split())
}
_LESSONS: Mapping[str, ModuleKind | Mode] = {
    "理论": ModuleKind.THEORY, "实操": ModuleKind.PRACTICE, "线下": Mode.ON_SITE, "线上": Mode.ONLINE, "田间": Mode.FIELD,
    "岗位": Mode.WORKPLACE,
    "theory": ModuleKind.THEORY, "practice": ModuleKind.PRACTICE, "classroom": Mode.ON_SITE, "online": Mode.ONLINE,
    "field": Mode.FIELD, "workplace": Mode.WORKPLACE,
}  # fmt: skip
_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})")
_LINE = re.compile(rf"(.+?)\s+({_SPAN.pattern})")


@dataclass(frozen=True)
class Held:
    """How a lesson is held: what its module teaches, and in which way."""

    kind: ModuleKind
    mode: Mode

    @property
    def label(self) -> Message:
        """How a finding names it."""
        return say("{kind}（{mode}）", kind=self.kind.label, mode=self.mode.label)


@dataclass(frozen=True)
class Opening:
    """A window with its times as they hold for a cohort, and who says so; no times: the whole day."""

    window: Window
    span: tuple[time, time] | None
    source: str

    def is_on(self, day: date, kind: DayKind) -> bool:
        """Tell whether the window is open on a day."""
        return kind in self.window.days and (not self.window.weekdays or day.weekday() in self.window.weekdays)

    def is_for(self, held: Held) -> bool:
        """Tell whether a lesson that is held so may be in the window."""
        return not self.window.lessons or bool(self.window.lessons & {held.kind, held.mode})

    def holds(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Tell whether a stretch of local time lies within it."""
        if starts_at.date() != ends_at.date():
            return False
        return self.span is None or (self.span[0] <= starts_at.time() and ends_at.time() <= self.span[1])

    def __str__(self) -> str:
        return "{:%H:%M}–{:%H:%M}".format(*self.span) if self.span else "00:00–24:00"


@dataclass(frozen=True)
class Timing:
    """When a cohort is to be taught: what its patterns are called, and what they come to at its site."""

    labels: tuple[Message, ...]
    openings: Sequence[Opening]
    hours_a_day: int | None
    #: Module ids in the order of the plan, where the order binds.
    order: Sequence[int] = ()
    #: That a setting is not on file.
    notes: Sequence[Finding] = ()

    def of(self, held: Held | None) -> Timing:
        """Give when lessons that are held so are to be taught; None: any lesson."""
        if held is None:
            return self
        return replace(self, openings=[opening for opening in self.openings if opening.is_for(held)])


def read_span(text: str) -> tuple[time, time] | None:
    """Read ``20:00-23:00``; None for what is no stretch of a day."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return None
    try:
        span = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        return None
    return span if span[0] < span[1] else None


def read_windows(text: str, *, by_lesson: bool = False) -> tuple[list[Window], list[Finding]]:
    """Read windows, a line each: ``周三、周五 14:00-17:00``, ``工作日 18:00-21:00``.

    ``by_lesson``: a line may say for which lessons it is alone, as in ``理论：工作日 19:00-22:00`` or ``田间、岗位：每天 08:00-12:00``.
    """
    readable = {*_DAYS, *_WEEKDAYS, *(_LESSONS if by_lesson else ())}
    windows: list[Window] = []
    findings: list[Finding] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        span = read_span(found[2]) if found else None
        words = re.split(r"[、,，:：\s]+", found[1].lower()) if found else []
        if span is None or not readable.issuperset(words) or _LESSONS.keys() >= set(words):
            findings.append(refuse("teaching.window_unreadable", _example(number, by_lesson=by_lesson)))
            continue
        lessons = frozenset(_LESSONS[word] for word in words if word in _LESSONS)
        windows += [Window(_DAYS[word], *span, lessons=lessons) for word in words if word in _DAYS]
        if named := frozenset(_WEEKDAYS[word] for word in words if word in _WEEKDAYS):
            windows.append(Window(_WORKED | _OFF, *span, weekdays=named, lessons=lessons))
    return windows, findings


def _example(row: int, *, by_lesson: bool) -> Message:
    if by_lesson:
        return say("第 {row} 行读不懂，请写成“周三、周五 14:00-17:00”或“理论：工作日 18:00-21:00”", row=row)
    return say("第 {row} 行读不懂，请写成“周三、周五 14:00-17:00”或“工作日 18:00-21:00”", row=row)


def without_window(timing: Timing, held: Held, module: str) -> list[Finding]:
    """Find a module for whose lessons, held so, the cohort's patterns have no window with times at all."""
    if any(opening.span for opening in timing.of(held).openings):
        return []
    message = say("模块“{module}”没有{held}的上课时段：请改班型、本班时段或授课方式", module=module, held=held.label)
    return [refuse("teaching.no_window_for", message, "本班的班型")]


def departs(
    timing: Timing, starts_at: datetime, ends_at: datetime, kind: DayKind, subject: str, held: Held | None = None
) -> list[Finding]:
    """Find a session, in local time, on a day or at a time that the cohort's patterns do not have for lessons held so."""
    if not timing.openings:
        return []
    day = starts_at.date()
    open_then = [opening for opening in timing.of(held).openings if opening.is_on(day, kind)]
    pattern = _named(timing, held)
    if not open_then:
        message = say("{day} 是{kind}，{pattern}这一天不上课", day=day.isoformat(), kind=kind.label, pattern=pattern)
        return [Finding("teaching.pattern_day", Level.EXCEPTION, message, timing.openings[0].source, subject)]
    if any(opening.holds(starts_at, ends_at) for opening in open_then):
        return []
    message = say(
        "{day} {starts}–{ends} 不在{pattern}的上课时段 {windows} 之内",
        day=day.isoformat(),
        starts=f"{starts_at:%H:%M}",
        ends=f"{ends_at:%H:%M}",
        pattern=pattern,
        windows=tuple(dict.fromkeys(map(str, open_then))),
    )
    return [Finding("teaching.pattern_time", Level.EXCEPTION, message, open_then[0].source, subject)]


def _named(timing: Timing, held: Held | None) -> Message | tuple[Message, ...]:
    """Name the patterns, and the lessons in question where some windows are for some lessons alone."""
    if held is None or not any(opening.window.lessons for opening in timing.openings):
        return timing.labels
    return say("{pattern}的{lesson}", pattern=timing.labels, lesson=held.label)


def too_many_hours(timing: Timing, day: date, hours: int, subject: str) -> list[Finding]:
    """Find more class hours on a day than the cohort's own pattern allows."""
    if timing.hours_a_day is None or hours <= timing.hours_a_day:
        return []
    message = say(
        "{day} 共排 {hours} 课时，{pattern}每天最多 {limit} 课时",
        day=day.isoformat(), hours=hours, pattern=timing.labels, limit=timing.hours_a_day,
    )  # fmt: skip
    return [Finding("teaching.pattern_hours", Level.EXCEPTION, message, "本班的班型", subject)]


@dataclass(frozen=True)
class Taught:
    """A module at a time, for the order of modules."""

    module_id: int
    module: str
    starts_at: datetime
    ends_at: datetime
    #: Persons for whom it is due; electives that share nobody have no order among them.
    learners: frozenset[int] = frozenset()
    #: None: windows for some lessons alone are for it too.
    held: Held | None = None

    def concerns(self, other: Taught) -> bool:
        """Tell whether somebody has both modules, as far as it is known who has which."""
        return not (self.learners and other.learners) or bool(self.learners & other.learners)


def out_of_order(timing: Timing, new: Taught, others: Iterable[Taught], subject: str) -> list[Finding]:
    """Find a module that is taught before an earlier one of the plan is over, or after a later one began."""
    place = {module_id: number for number, module_id in enumerate(timing.order)}
    if new.module_id not in place:
        return []
    standing = [other for other in others if other.module_id in place and new.concerns(other)]
    early = {
        other.module
        for other in standing
        if place[other.module_id] < place[new.module_id] and other.ends_at > new.starts_at
    }
    late = {
        other.module
        for other in standing
        if place[other.module_id] > place[new.module_id] and other.starts_at < new.ends_at
    }
    said = [
        say("“{module}”应在{others}上完之后上", module=new.module, others=tuple(sorted(early))) if early else None,
        say("“{module}”应在{others}开始之前上", module=new.module, others=tuple(sorted(late))) if late else None,
    ]
    return [
        Finding("teaching.module_order", Level.EXCEPTION, message, "备案的教学计划", subject)
        for message in said
        if message
    ]


def enough_practice(theory: int, practice: int, limit: Ruling, subject: str) -> list[Finding]:
    """Find a plan whose share of practice in its class hours is below the policy."""
    if not limit.is_on_file or not theory + practice:
        return []
    share = practice * 100 // (theory + practice)
    if share >= limit.value:
        return []
    message = say(
        "教学计划理论 {theory} 课时、实操 {practice} 课时，实操占 {share}%，规定不低于 {limit}%",
        theory=theory, practice=practice, share=share, limit=limit.value,
    )  # fmt: skip
    return [Finding("teaching.practice_share", Level.EXCEPTION, message, limit.source, subject)]
