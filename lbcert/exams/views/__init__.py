"""Pages of the room."""

from __future__ import annotations

from lbcert.exams.theory import views as theory
from lbcert.exams.views import (
    appeals,
    batches,
    candidates,
    cards,
    duty,
    eligibility,
    marking,
    notices,
    own_sheet,
    papers,
    phone,
    resits,
    results,
    rooms,
    rosters,
    rubrics,
    signs,
    staff,
    transcription,
)
from lbcert.exams.views.room import room

__all__ = [
    "appeals",
    "batches",
    "candidates",
    "cards",
    "duty",
    "eligibility",
    "marking",
    "notices",
    "own_sheet",
    "papers",
    "phone",
    "resits",
    "results",
    "room",
    "rooms",
    "rosters",
    "rubrics",
    "signs",
    "staff",
    "theory",
    "transcription",
]
