"""Rules of incidents and of the look at candidates' papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from lbcert.core import clock
from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import say, some
from lbcert.exams.models import Seen

#: Whether who has marks must have been looked at before (domain.md 2.5: photo and ID check at the seat).
IDENTITY_CHECK = key("exams.identity_check", say("考前逐人核验身份"), Follows.BODY, bool)
_MOST_NAMED = 10


def written(what: str, done: str) -> list[Finding]:
    """Find an incident without what happened or what was done about it."""
    if what.strip() and done.strip():
        return []
    return [refuse("exams.incident_words", say("请写明发生了什么、怎样处理的"))]


def on_the_day(happened_at: datetime, held_on: date, now: datetime) -> list[Finding]:
    """Find an incident of before the day of the exam, or of the time to come."""
    if clock.local(happened_at).date() >= held_on and happened_at <= now:
        return []
    message = say("发生时间应在认定当日（{day}）以后、现在以前", day=held_on)
    return [refuse("exams.incident_time", message)]


def explained(seen: Seen, note: str) -> list[Finding]:
    """Find a doubt that nobody wrote a word about."""
    if seen is Seen.MATCH or note.strip():
        return []
    return [refuse("exams.identity_note", say("有疑问或不是本人的，请写明情况"))]


def looked_at(unseen: Sequence[str], doubtful: Sequence[str], asked: Ruling) -> list[Finding]:
    """Find candidates with marks whom nobody looked at, or who were not themselves, where the policy asks for it."""
    if not asked.is_on_file or not asked.value:
        return []
    findings = []
    if unseen:
        message = say(
            "{count} 名有成绩的考生没有身份核验记录：{names}", count=len(unseen), names=some(unseen, _MOST_NAMED)
        )
        findings.append(refuse("exams.identity_missing", message, asked.source))
    if doubtful:
        message = say("身份核验不是本人或有疑问，成绩应记为“成绩无效”：{names}", names=some(doubtful, _MOST_NAMED))
        findings.append(refuse("exams.identity_doubtful", message, asked.source))
    return findings
