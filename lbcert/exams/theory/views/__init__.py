"""Pages of theory by computer, in the room of exams."""

from __future__ import annotations

from lbcert.exams.theory.views import banks, blueprints, halls, sheets

__all__ = ["banks", "blueprints", "halls", "sheets"]
