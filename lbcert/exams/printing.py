"""Which papers an exam office prints, and which of them tie candidate numbers to names."""

from __future__ import annotations

from enum import StrEnum

from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, key
from lbcert.core.words import Message, say
from lbcert.exams.rules import NO_CANDIDATE

#: What the rules on an admission ticket say, where a document sets them.
LATE = key("exams.late_minutes", say("开考后禁止入场的分钟数"), Follows.BODY, int, say("分钟"))
LEAVE = key("exams.leave_minutes", say("开考后可以离场的分钟数"), Follows.BODY, int, say("分钟"))


class Printed(StrEnum):
    """准考证, 签到表, 考场情况记录, 评分表, 成绩汇总表, 成绩公示."""

    TICKETS = "tickets"
    SIGN_IN = "sign-in"
    RECORD = "record"
    SCORING = "scoring"
    SUMMARY = "summary"
    NOTICE = "notice"

    @property
    def label(self) -> Message:
        """Its name on the pages and in the log."""
        return _LABELS[self]

    @property
    def ties_numbers_to_names(self) -> bool:
        """Tell whether printing it opens the mapping of numbers to names, which is logged and closed to scorers."""
        return self in {Printed.TICKETS, Printed.SIGN_IN, Printed.SUMMARY}

    @property
    def is_of_results(self) -> bool:
        """Tell whether it needs a decision."""
        return self in {Printed.SUMMARY, Printed.NOTICE}


_LABELS = {
    Printed.TICKETS: say("准考证"),
    Printed.SIGN_IN: say("考场签到表"),
    Printed.RECORD: say("考场情况记录"),
    Printed.SCORING: say("评分表"),
    Printed.SUMMARY: say("成绩汇总表"),
    Printed.NOTICE: say("成绩公示"),
}


def ready_to_print(paper: Printed, *, candidates: int, unseated: int, sittings: int, decided: bool) -> list[Finding]:
    """Find why a paper would be empty or wrong: no candidates, no seats yet, no decision."""
    if not candidates:
        return [NO_CANDIDATE]
    if paper.is_of_results and not decided:
        return [refuse("exams.undecided", say("成绩尚未审定，审定后才能打印{paper}", paper=paper.label))]
    if paper in {Printed.TICKETS, Printed.SIGN_IN, Printed.RECORD} and (unseated or not sittings):
        return [refuse("exams.unseated", say("考场和座位还没有编排好，请先安排考场并抽签"))]
    return []
