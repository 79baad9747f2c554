"""Who may read a bank, when papers are ready, when a sheet may be opened and what it comes to. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lbcert.core import clock
from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import say, some
from lbcert.exams.models import SEPARATION, QuestionKind
from lbcert.exams.rules import Lesson

#: By how much extra time may outlast a sitting.
EXTRA_MINUTES = key("exams.extra_minutes", say("理论机考延时的上限（场次结束以后）"), Follows.BODY, int, say("分钟"))
_MOST_NAMED = 10


def keeps_from_questions(trade: str, lessons: Sequence[Lesson], months: Ruling) -> list[Finding]:
    """Find that somebody taught a trade (考培分离), with the sessions, so that its questions are kept from him.

    ``lessons`` are of the ``months`` that the policy names for examiners; where none are on file, of all times.
    """
    if not lessons:
        return []
    message = say(
        "考培分离：您教过“{trade}”，不能查阅、上传或更改它的题库，请由没有授过这门课的考务办理：{sessions}",
        trade=trade, sessions=some(lessons, _MOST_NAMED),
    )  # fmt: skip
    subject = " ".join(f"session:{one.session_id}" for one in lessons[:_MOST_NAMED])
    return [refuse("exams.bank_taught", message, months.source or SEPARATION, subject)]


# The papers of a batch


@dataclass(frozen=True)
class Readiness:
    """What a batch whose theory is by computer has, shortly before it begins."""

    minutes: int
    #: Candidates who sit theory and have no seat in it.
    unseated: Sequence[str]
    #: Sittings that are shorter than the paper takes: room and minutes.
    short: Sequence[tuple[str, int]]
    #: Who sits again and answered a question of these papers before.
    seen: Sequence[str]
    #: Trainers of the cohort who read the bank.
    trainers: Sequence[str]


def ready(found: Readiness) -> list[Finding]:
    """Find what keeps theory from being sat by computer: seats, time, questions that somebody knows."""
    findings = []
    if found.unseated:
        message = say("理论机考须先抽签编排座位，还没有座位的考生：{names}", names=some(found.unseated, _MOST_NAMED))
        findings.append(refuse("exams.unseated", message))
    for room, minutes in found.short:
        message = say("{room} 的理论场次只有 {minutes} 分钟，组卷方案要 {wanted} 分钟", room=room, minutes=minutes, wanted=found.minutes)  # fmt: skip
        findings.append(refuse("exams.sitting_short", message))
    if found.seen:
        message = say("{names} 补考，以前答过卷上的题，请重新组卷", names=some(found.seen, _MOST_NAMED))
        findings.append(refuse("exams.questions_seen", message))
    if found.trainers:
        message = say("考培分离：{names} 为本班授课，又查阅过这个题库，请换用其他机构的题库或改用纸笔考试", names=some(found.trainers, _MOST_NAMED))  # fmt: skip
        findings.append(refuse("exams.trainer_read_bank", message, SEPARATION))
    return findings


#: For whoever asks for something of theory by computer where it is on paper.
NO_PAPERS = refuse("exams.no_papers", say("本批次的理论知识不是机考"))


# Sitting


@dataclass(frozen=True)
class Entry:
    """A candidate who names his number, the last four of his ID and the code of his sitting, all of them right."""

    starts_at: datetime
    ends_at: datetime
    is_begun: bool
    by_computer: bool
    is_seen: bool
    is_ended: bool


def may_open(entry: Entry, now: datetime) -> list[Finding]:
    """Find why a candidate may not open his sheet now; times are told as the wall shows them."""
    if entry.is_ended:
        return [refuse("exams.sheet_ended", say("您的答卷已经交卷，不能再打开"))]
    findings = []
    if not entry.is_begun or not entry.by_computer:
        findings.append(refuse("exams.sitting_not_begun", say("考务还没有开考，请稍候，或举手询问监考员")))
    if now < entry.starts_at:
        message = say("还没有到考试时间：{starts} 开始", starts=f"{clock.local(entry.starts_at):%H:%M}")
        findings.append(refuse("exams.sitting_early", message))
    if now >= entry.ends_at:
        message = say("考试已于 {ends} 结束", ends=f"{clock.local(entry.ends_at):%H:%M}")
        findings.append(refuse("exams.sitting_over", message))
    if not entry.is_seen:
        message = say("监考员核验身份（本人）以后才能打开答卷，请举手")
        findings.append(refuse("exams.sheet_unseen", message))
    return findings


def due_at(opened_at: datetime, minutes: int, ends_at: datetime) -> datetime:
    """Give when a sheet ends by itself: its time is over, or the sitting."""
    return min(opened_at + timedelta(minutes=minutes), ends_at)


def extended(end: datetime, minutes: int, now: datetime) -> datetime:
    """Give what extra minutes make of an end: they count from now where it has passed already."""
    return max(end, now) + timedelta(minutes=minutes)


def may_extend(starts_at: datetime, ends_at: datetime, until: datetime, now: datetime, limit: Ruling) -> list[Finding]:
    """Find that a sitting is not today or not begun, or that somebody would answer ``until`` later than the policy lets him."""
    findings = []
    if now < starts_at or clock.local(now).date() != clock.local(starts_at).date():
        message = say(
            "只有场次开始（{starts}）以后、当日之内可以延时", starts=f"{clock.local(starts_at):%Y-%m-%d %H:%M}"
        )
        findings.append(refuse("exams.extra_day", message))
    if limit.is_on_file and until > ends_at + timedelta(minutes=limit.value):
        message = say(
            "延时后要到 {until} 才结束；场次 {ends} 结束，按规定最多再延 {limit} 分钟，请改小延时的分钟数",
            until=f"{clock.local(until):%H:%M}", ends=f"{clock.local(ends_at):%H:%M}", limit=limit.value,
        )  # fmt: skip
        findings.append(refuse("exams.extra_limit", message, limit.source))
    return findings


def tidy_choice(kind: QuestionKind, choices: Collection[str], sent: Iterable[str]) -> str | None:
    """Give what was chosen, each letter once in their order; None for what the question does not offer."""
    chosen = "".join(sorted(set(sent)))
    if any(letter not in choices for letter in chosen) or (kind is not QuestionKind.MULTIPLE and len(chosen) > 1):
        return None
    return chosen


# Scoring


def tenths_scored(questions: Iterable[tuple[str, int]], chosen: Iterable[str]) -> int:
    """Add up a sheet in tenths of a point: of each question its key and tenths, and what was chosen of it in the same order.

    A multiple choice scores when every right option and no other is chosen (多选、少选、错选均不得分).
    """
    return sum(tenths for (key, tenths), given in zip(questions, chosen, strict=True) if given == key)


def points_of(tenths: int) -> int:
    """Round tenths to whole points, half a point up (四舍五入), as marks are."""
    return (tenths + 5) // 10
