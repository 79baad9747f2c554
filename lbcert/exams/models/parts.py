"""The parts of an exam, and why a part has no points."""

from __future__ import annotations

from enum import StrEnum

from lbcert.core.words import Message, say


class Part(StrEnum):
    """理论知识考试, 操作技能考核, 综合评审."""

    THEORY = "theory"
    PRACTICE = "practice"
    REVIEW = "review"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _PART_LABELS[self]


_PART_LABELS = {Part.THEORY: say("理论知识"), Part.PRACTICE: say("操作技能"), Part.REVIEW: say("综合评审")}


class Absence(StrEnum):
    """Why there are no points; never a zero."""

    ABSENT = "absent"
    VOID = "void"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return say("缺考") if self is Absence.ABSENT else say("成绩无效")
