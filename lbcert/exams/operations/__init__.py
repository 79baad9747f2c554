"""The use cases of exams, and the only code that writes their tables."""

from __future__ import annotations

from lbcert.exams.operations.amendments import answer_amendment, request_amendment
from lbcert.exams.operations.appeals import answer_appeal, assign_appeal, file_appeal, file_appeal_on_paper
from lbcert.exams.operations.batches import begin_marking, cancel_batch, plan_batch
from lbcert.exams.operations.candidates import add_candidates, open_mapping, remove_candidate
from lbcert.exams.operations.cards import register_card, withdraw_card
from lbcert.exams.operations.declarations import NO_TIES, declare
from lbcert.exams.operations.eligibility import (
    end_entry_route,
    set_entry_route,
    state_experience,
    withdraw_statement,
)
from lbcert.exams.operations.incidents import check_identity, record_incident
from lbcert.exams.operations.marks import change_mark, record_mark
from lbcert.exams.operations.notices import post_notice
from lbcert.exams.operations.own_sheet import discard_own_sheet, stage_own_sheet, take_over_own_sheet
from lbcert.exams.operations.papers import print_named_paper
from lbcert.exams.operations.resits import set_paper_forms
from lbcert.exams.operations.results import decide_batch, publish_batch
from lbcert.exams.operations.rooms import (
    add_sitting,
    assign_invigilator,
    draw_seats,
    release_invigilator,
    remove_sitting,
)
from lbcert.exams.operations.rosters import answer_roster_change, request_roster_change
from lbcert.exams.operations.rubrics import withdraw_rubric, write_rubric
from lbcert.exams.operations.sent_marks import Sent, take_marks
from lbcert.exams.operations.staff import appoint, dismiss
from lbcert.exams.operations.tickets import print_tickets, take_tickets
from lbcert.exams.operations.transcription import (
    discard_transcription,
    stage_transcription,
    take_over_transcription,
)

__all__ = [
    "NO_TIES",
    "Sent",
    "add_candidates",
    "add_sitting",
    "answer_amendment",
    "answer_appeal",
    "answer_roster_change",
    "appoint",
    "assign_appeal",
    "assign_invigilator",
    "begin_marking",
    "cancel_batch",
    "change_mark",
    "check_identity",
    "decide_batch",
    "declare",
    "discard_own_sheet",
    "discard_transcription",
    "dismiss",
    "draw_seats",
    "end_entry_route",
    "file_appeal",
    "file_appeal_on_paper",
    "open_mapping",
    "plan_batch",
    "post_notice",
    "print_named_paper",
    "print_tickets",
    "publish_batch",
    "record_incident",
    "record_mark",
    "register_card",
    "release_invigilator",
    "remove_candidate",
    "remove_sitting",
    "request_amendment",
    "request_roster_change",
    "set_entry_route",
    "set_paper_forms",
    "stage_own_sheet",
    "stage_transcription",
    "state_experience",
    "take_marks",
    "take_over_own_sheet",
    "take_over_transcription",
    "take_tickets",
    "withdraw_card",
    "withdraw_rubric",
    "withdraw_statement",
    "write_rubric",
]
