"""Rules of 成绩复核, 申诉 and 投诉: when they may be filed, by when they are answered, and who may not look into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import Message, say
from lbcert.exams.models import SEPARATION, AppealKind, Effect

#: Working days after the publication in which a review or an appeal may be filed.
WINDOW = key("exams.review_days", say("成绩复核、申诉受理期"), Follows.BODY, int, say("个工作日"))
#: Working days in which they, and complaints, are answered.
ANSWER_DAYS = key("exams.review_answer_days", say("复核、申诉、投诉答复期限"), Follows.BODY, int, say("个工作日"))


@dataclass(frozen=True)
class Deed:
    """One thing that somebody did in the training or the exam of a candidate."""

    what: Message
    count: int = 1

    def __str__(self) -> str:
        return str(self.message)

    @property
    def message(self) -> Message:
        """In words, with how often."""
        return self.what if self.count == 1 else say("{what} {count} 次", what=self.what, count=self.count)


def may_file(
    kind: AppealKind, published_on: date | None, window: Ruling, last: date | None, today: date
) -> list[Finding]:
    """Find that a case comes before the publication, or after the ``last`` day of its window. A complaint may come at any time."""
    if kind is AppealKind.COMPLAINT:
        return []
    if published_on is None:
        return [refuse("exams.appeal_unpublished", say("成绩还没有公布，公布后才能申请{kind}", kind=kind.label))]
    if last is None or today <= last:
        return window.note()
    message = say(
        "{kind}应在成绩公布后 {days} 个工作日内（{last} 前）提出，现已过期",
        kind=kind.label,
        days=window.value,
        last=last,
    )
    return [refuse("exams.appeal_late", message, window.source)]


def uninvolved(who: str, deeds: Sequence[Deed]) -> list[Finding]:
    """Find what somebody did in the training or exam that he would look into."""
    if not deeds:
        return []
    message = say(
        "{who} 参与过这次培训或认定，不能办理，请另选一人：{deeds}", who=who, deeds=tuple(one.message for one in deeds)
    )
    return [refuse("exams.appeal_involved", message, SEPARATION)]


def whole_answer(answer: str, effect: Effect, *, upheld: bool) -> list[Finding]:
    """Find an answer without its reasons, or one that changes something though the case was dismissed."""
    findings = [] if answer.strip() else [refuse("exams.appeal_reasons", say("请写明答复的理由，理由会告知申请人"))]
    if not upheld and effect is not Effect.NONE:
        findings.append(refuse("exams.appeal_effect", say("驳回的申请不能更改成绩或准予重考")))
    return findings
