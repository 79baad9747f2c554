"""Batches of an assessment body, their staff, candidates, marks and results: separated from training by the database."""

from __future__ import annotations

from lbcert.exams.models import fitness  # its triggers
from lbcert.exams.models.answer_sheets import (
    Answer,
    AnswerSheet,
    Ending,
    PaperDraw,
    PaperQuestion,
    SheetOpening,
    TheoryPaper,
    TheoryScore,
)
from lbcert.exams.models.appeals import Appeal, AppealAssignment, AppealKind, Effect
from lbcert.exams.models.batches import Batch, BatchStaff, BatchState, Candidate, MappingOpening, Post
from lbcert.exams.models.cards import CardGrade, CardScope, ExaminerCard
from lbcert.exams.models.declarations import Declaration, DeclaredKin, Ground
from lbcert.exams.models.eligibility import EntryRoute, Statement, StatementKind
from lbcert.exams.models.extra_time import ExtraTime
from lbcert.exams.models.incidents import IdentityCheck, Incident, IncidentKind, Seen
from lbcert.exams.models.marks import Mark, Transcription
from lbcert.exams.models.parts import Absence, Part
from lbcert.exams.models.questions import (
    BankReading,
    Blueprint,
    BlueprintLine,
    Difficulty,
    Question,
    QuestionBank,
    QuestionKind,
)
from lbcert.exams.models.resits import CarriedPart, PaperForm
from lbcert.exams.models.results import Amendment, Outcome, Result
from lbcert.exams.models.rooms import ExamRoom, RoomDuty, Seat, SeatDraw, Sitting
from lbcert.exams.models.rosters import ChangeKind, ChangeState, RosterChange
from lbcert.exams.models.rubrics import MOST_ITEMS, Rubric, RubricItem
from lbcert.exams.models.schemes import PartScheme
from lbcert.exams.models.separation import SEPARATION

__all__ = [
    "MOST_ITEMS",
    "SEPARATION",
    "Absence",
    "Amendment",
    "Answer",
    "AnswerSheet",
    "Appeal",
    "AppealAssignment",
    "AppealKind",
    "BankReading",
    "Batch",
    "BatchStaff",
    "BatchState",
    "Blueprint",
    "BlueprintLine",
    "Candidate",
    "CardGrade",
    "CardScope",
    "CarriedPart",
    "ChangeKind",
    "ChangeState",
    "Declaration",
    "DeclaredKin",
    "Difficulty",
    "Effect",
    "Ending",
    "EntryRoute",
    "ExamRoom",
    "ExaminerCard",
    "ExtraTime",
    "Ground",
    "IdentityCheck",
    "Incident",
    "IncidentKind",
    "MappingOpening",
    "Mark",
    "Outcome",
    "PaperDraw",
    "PaperForm",
    "PaperQuestion",
    "Part",
    "PartScheme",
    "Post",
    "Question",
    "QuestionBank",
    "QuestionKind",
    "Result",
    "RoomDuty",
    "RosterChange",
    "Rubric",
    "RubricItem",
    "Seat",
    "SeatDraw",
    "Seen",
    "SheetOpening",
    "Sitting",
    "Statement",
    "StatementKind",
    "TheoryPaper",
    "TheoryScore",
    "Transcription",
    "fitness",
]
