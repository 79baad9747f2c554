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

__all__ = [
    "create_bank",
    "create_blueprint",
    "discard_questions",
    "import_questions",
    "read_bank",
    "receive_questions",
    "retire_blueprint",
    "retire_question",
    "stage_questions",
]
