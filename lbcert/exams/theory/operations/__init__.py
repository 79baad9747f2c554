"""The use cases of theory by computer, and the only code that writes its tables."""

from __future__ import annotations

from lbcert.exams.theory.operations.banks import (
    create_bank,
    create_blueprint,
    discard_questions,
    import_questions,
    read_bank,
    receive_questions,
    retire_blueprint,
    retire_question,
    stage_questions,
)
from lbcert.exams.theory.operations.extra_time import give_extra_time
from lbcert.exams.theory.operations.papers import draw_papers, withdraw_papers
from lbcert.exams.theory.operations.scores import score_theory
from lbcert.exams.theory.operations.sheets import end_sheets, hand_in_sheet, open_sheet, save_answer

__all__ = [
    "create_bank",
    "create_blueprint",
    "discard_questions",
    "draw_papers",
    "end_sheets",
    "give_extra_time",
    "hand_in_sheet",
    "import_questions",
    "open_sheet",
    "read_bank",
    "receive_questions",
    "retire_blueprint",
    "retire_question",
    "save_answer",
    "score_theory",
    "stage_questions",
    "withdraw_papers",
]
