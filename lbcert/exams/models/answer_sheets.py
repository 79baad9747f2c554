"""Papers drawn from a bank for a batch (机考试卷), and the sheets on which candidates answer them (答卷).

Nothing here is changed or deleted: a new draw leaves the old one where it is, each choice is a row, and the last one counts.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows
from lbcert.core.words import Message, say
from lbcert.exams.models.batches import BATCH_LOCK, Batch, Candidate
from lbcert.exams.models.marks import Mark
from lbcert.exams.models.parts import Absence, Part
from lbcert.exams.models.questions import Blueprint, Question
from lbcert.exams.models.rooms import Sitting


class PaperDraw(Base, Stamped):
    """组卷: what was drawn from and by which seed, so that it can be drawn again. The last one counts; without forms, theory is on paper."""

    __tablename__ = "paper_draws"
    __table_args__ = (
        UniqueConstraint("id", "batch_id"),
        CheckConstraint("forms IN ('', 'A', 'AB')", name="known_forms"),
        CheckConstraint(
            "(forms = '') = (blueprint_id IS NULL) AND (forms = '') = (minutes IS NULL)", name="forms_by_blueprint"
        ),
        Index("ix_paper_draws_batch", "batch_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    blueprint_id: Mapped[int | None] = mapped_column(ForeignKey("blueprints.id"), index=True)
    forms: Mapped[str] = mapped_column(String(2))
    minutes: Mapped[int | None]
    #: 64 hex digits from the system's source of randomness.
    seed: Mapped[str] = mapped_column(String(64), default="")
    #: JSON: numbers of the questions that could be drawn.
    pool: Mapped[str] = mapped_column(Text, default="[]")
    #: Why an earlier draw no longer stands.
    reason: Mapped[str] = mapped_column(String(300), default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    batch: Mapped[Batch] = relationship()
    blueprint: Mapped[Blueprint | None] = relationship()
    papers: Mapped[list[TheoryPaper]] = relationship(back_populates="draw", order_by="TheoryPaper.form")

    @property
    def commitment(self) -> str:
        """What is told of the seed before the exam: whoever knows seed and bank knows the papers."""
        return sha256(self.seed.encode()).hexdigest()


class TheoryPaper(Base, Stamped):
    """One form (卷) of a draw."""

    __tablename__ = "theory_papers"
    __table_args__ = (
        UniqueConstraint("draw_id", "form"),
        UniqueConstraint("id", "batch_id"),
        ForeignKeyConstraint(["draw_id", "batch_id"], ["paper_draws.id", "paper_draws.batch_id"], name="fk_theory_papers_draw"),
    )  # fmt: skip
    id: Mapped[Id]
    draw_id: Mapped[int] = mapped_column()
    batch_id: Mapped[int] = mapped_column()
    form: Mapped[str] = mapped_column(String(1))
    draw: Mapped[PaperDraw] = relationship(back_populates="papers")
    questions: Mapped[list[PaperQuestion]] = relationship(back_populates="paper", order_by="PaperQuestion.position")


class PaperQuestion(Base):
    """A question on a paper, counted from 1, and its tenths of a point."""

    __tablename__ = "paper_questions"
    __table_args__ = (UniqueConstraint("paper_id", "position"), UniqueConstraint("paper_id", "question_id"))
    id: Mapped[Id]
    paper_id: Mapped[int] = mapped_column(ForeignKey("theory_papers.id"))
    position: Mapped[int]
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    tenths: Mapped[int]
    paper: Mapped[TheoryPaper] = relationship(back_populates="questions")
    question: Mapped[Question] = relationship()


class Ending(StrEnum):
    """How a sheet was ended: handed in (交卷), or by the time."""

    HANDED_IN = "handed_in"
    TIME = "time"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return say("已交卷") if self is Ending.HANDED_IN else say("到时自动交卷")


class AnswerSheet(Base, Stamped):
    """答卷: a candidate's, opened once he was looked at, within his sitting; on whatever machine he goes on."""

    __tablename__ = "answer_sheets"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        ForeignKeyConstraint(["sitting_id", "batch_id", "part"], ["sittings.id", "sittings.batch_id", "sittings.part"], name="fk_answer_sheets_sitting"),
        ForeignKeyConstraint(["paper_id", "batch_id"], ["theory_papers.id", "theory_papers.batch_id"], name="fk_answer_sheets_paper"),
        UniqueConstraint("candidate_id"),
        UniqueConstraint("id", "candidate_id"),
        CheckConstraint("part = 'theory'", name="theory_alone"),
        CheckConstraint("due_at > opened_at", name="some_time"),
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended_somehow"),
        Index("ix_answer_sheets_batch", "batch_id"),
        Index("ix_answer_sheets_due", "due_at"),
    )  # fmt: skip
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column()
    candidate_id: Mapped[int] = mapped_column()
    sitting_id: Mapped[int] = mapped_column()
    part: Mapped[Part] = mapped_column(choice(Part), default=Part.THEORY)
    paper_id: Mapped[int] = mapped_column()
    opened_at: Mapped[datetime]
    #: When it ends by itself: the paper's time is over, or the sitting; moved by extra time alone.
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ending: Mapped[Ending | None] = mapped_column(choice(Ending))
    candidate: Mapped[Candidate] = relationship(foreign_keys=[candidate_id, batch_id], viewonly=True)
    sitting: Mapped[Sitting] = relationship(
        foreign_keys=[sitting_id], primaryjoin="AnswerSheet.sitting_id == Sitting.id", viewonly=True
    )
    paper: Mapped[TheoryPaper] = relationship(
        foreign_keys=[paper_id], primaryjoin="AnswerSheet.paper_id == TheoryPaper.id", viewonly=True
    )
    openings: Mapped[list[SheetOpening]] = relationship(back_populates="sheet", order_by="SheetOpening.id")


class SheetOpening(Base, Stamped):
    """A sheet was opened in a browser, which is known by the hash of a secret that it got."""

    __tablename__ = "sheet_openings"
    __table_args__ = (Index("ix_sheet_openings_sheet", "sheet_id"),)
    id: Mapped[Id]
    sheet_id: Mapped[int] = mapped_column(ForeignKey("answer_sheets.id"))
    device: Mapped[str] = mapped_column(String(64))
    sheet: Mapped[AnswerSheet] = relationship(back_populates="openings")


class Answer(Base):
    """What was chosen of a question, by the server's clock: "C", "ABD", "T", "F"; empty where a choice was taken back."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_sheet_question", "sheet_id", "question_id"),)
    id: Mapped[Id]
    sheet_id: Mapped[int] = mapped_column(ForeignKey("answer_sheets.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    chosen: Mapped[str] = mapped_column(String(8))
    saved_at: Mapped[datetime]


class TheoryScore(Base, Stamped):
    """What a sheet came to by the key, or why it came to nothing: written with the mark that says the same."""

    __tablename__ = "theory_scores"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        ForeignKeyConstraint(["sheet_id", "candidate_id"], ["answer_sheets.id", "answer_sheets.candidate_id"], name="fk_theory_scores_sheet"),
        UniqueConstraint("candidate_id"),
        CheckConstraint("points BETWEEN 0 AND 100", name="points_of_100"),
        CheckConstraint("(points IS NULL) <> (absence IS NULL) AND (points IS NULL OR tenths IS NOT NULL)", name="points_or_absence"),
        CheckConstraint("tenths IS NULL OR sheet_id IS NOT NULL", name="tenths_of_sheet"),
        Index("ix_theory_scores_batch", "batch_id"),
    )  # fmt: skip
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column()
    candidate_id: Mapped[int] = mapped_column()
    #: None where he never sat.
    sheet_id: Mapped[int | None] = mapped_column()
    tenths: Mapped[int | None]
    points: Mapped[int | None]
    absence: Mapped[Absence | None] = mapped_column(choice(Absence))


explain("answer_sheets", "candidate_id", "exams.sheet_twice", say("这份答卷刚刚已在另一台机器上打开，请重新进入"))
explain("theory_scores", "candidate_id", "exams.theory_scored", say("这名考生的机考成绩已经写入"))
for _model, _rule, _words in (
    (PaperDraw, "exams.paper_draw", say("组卷记录不能修改或删除；可以写明理由重新组卷")),
    (TheoryPaper, "exams.theory_paper", say("试卷不能修改或删除；可以写明理由重新组卷")),
    (PaperQuestion, "exams.paper_question", say("试卷不能修改或删除；可以写明理由重新组卷")),
    (SheetOpening, "exams.sheet_opening", say("打开答卷的记录不能修改或删除")),
    (Answer, "exams.answer", say("作答记录不能修改或删除")),
    (TheoryScore, "exams.theory_score", say("机考评分记录不能修改或删除；更改成绩请写明理由")),
):
    append_only(_model, _rule, _words)
append_only(
    AnswerSheet,
    "exams.answer_sheet",
    say("答卷不能修改或删除"),
    update_when=(
        "NEW.id <> OLD.id OR NEW.batch_id <> OLD.batch_id OR NEW.candidate_id <> OLD.candidate_id "
        "OR NEW.sitting_id <> OLD.sitting_id OR NEW.part <> OLD.part OR NEW.paper_id <> OLD.paper_id OR NEW.opened_at <> OLD.opened_at "
        "OR NEW.ended_at > NEW.due_at "
        "OR (NEW.due_at <> OLD.due_at AND NOT EXISTS (SELECT 1 FROM extra_times x WHERE x.candidate_id = OLD.candidate_id "
        "AND x.was = OLD.due_at AND x.until = NEW.due_at)) "
        # what the time ended is open again with extra time, and in no other way
        "OR (OLD.ended_at IS NOT NULL AND (OLD.ending <> 'time' OR NEW.ended_at IS NOT NULL OR NEW.due_at = OLD.due_at))"
    ),
)
_STATE = "(SELECT b.state FROM batches b WHERE b.id = NEW.batch_id)"
_DRAWN_LATE = say("试卷只能在开考以前组")
refuse_rows(
    PaperDraw,
    "exams.paper_drawn_late",
    on=("INSERT",),
    when=f"{_STATE} <> 'planned'",
    message=_DRAWN_LATE,
    locking=BATCH_LOCK,
)
refuse_rows(
    TheoryPaper,
    "exams.theory_paper_late",
    on=("INSERT",),
    when=f"{_STATE} <> 'planned'",
    message=_DRAWN_LATE,
    locking=BATCH_LOCK,
)
refuse_rows(
    PaperQuestion,
    "exams.paper_question_late",
    on=("INSERT",),
    when=(
        "(SELECT b.state FROM batches b JOIN theory_papers p ON p.batch_id = b.id WHERE p.id = NEW.paper_id) <> 'planned' "
        "OR NOT EXISTS (SELECT 1 FROM theory_papers p JOIN paper_draws d ON d.id = p.draw_id JOIN blueprints t ON t.id = d.blueprint_id "
        "JOIN questions q ON q.bank_id = t.bank_id WHERE p.id = NEW.paper_id AND q.id = NEW.question_id)"
    ),
    message=_DRAWN_LATE,
)
refuse_rows(
    AnswerSheet,
    "exams.sheet_not_open",
    on=("INSERT",),
    when=(
        f"{_STATE} <> 'marking' OR NEW.ended_at IS NOT NULL "
        "OR NOT EXISTS (SELECT 1 FROM part_schemes s WHERE s.batch_id = NEW.batch_id AND s.part = 'theory' AND s.by_computer) "
        "OR NOT EXISTS (SELECT 1 FROM theory_papers p WHERE p.id = NEW.paper_id "
        "AND p.draw_id = (SELECT MAX(d.id) FROM paper_draws d WHERE d.batch_id = NEW.batch_id)) "
        "OR NOT EXISTS (SELECT 1 FROM exam_seats e JOIN sittings s ON s.id = e.sitting_id WHERE e.sitting_id = NEW.sitting_id "
        "AND e.candidate_id = NEW.candidate_id AND NEW.opened_at >= s.starts_at AND (NEW.due_at <= s.ends_at "
        "OR EXISTS (SELECT 1 FROM extra_times x WHERE x.candidate_id = NEW.candidate_id AND x.until >= NEW.due_at))) "
        "OR EXISTS (SELECT 1 FROM theory_scores t WHERE t.candidate_id = NEW.candidate_id)"
    ),
    message=say("只有开考以后、在本人的场次内可以打开答卷"),
    locking=BATCH_LOCK,
)
refuse_rows(
    AnswerSheet,
    "exams.sheet_unseen",
    on=("INSERT",),
    when=(
        "COALESCE((SELECT i.seen FROM identity_checks i WHERE i.candidate_id = NEW.candidate_id ORDER BY i.id DESC LIMIT 1), '') <> 'match'"
    ),
    message=say("监考员核验身份（本人）以后才能打开答卷，请举手"),
)
refuse_rows(
    Answer,
    "exams.answer_late",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM answer_sheets a WHERE a.id = NEW.sheet_id AND (a.ended_at IS NOT NULL OR NEW.saved_at > a.due_at "
        "OR NEW.saved_at < a.opened_at))"
    ),
    message=say("答卷已经交卷或到时，不能再作答"),
    locking="SELECT 1 FROM answer_sheets a WHERE a.id = NEW.sheet_id FOR SHARE",
)
refuse_rows(
    Answer,
    "exams.answer_elsewhere",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM answer_sheets a JOIN paper_questions q ON q.paper_id = a.paper_id "
        "WHERE a.id = NEW.sheet_id AND q.question_id = NEW.question_id)"
    ),
    message=say("这道题不在您的试卷上"),
)
refuse_rows(
    TheoryScore,
    "exams.theory_score_early",
    on=("INSERT",),
    when=(
        f"{_STATE} <> 'marking' OR EXISTS (SELECT 1 FROM answer_sheets a WHERE a.candidate_id = NEW.candidate_id "
        "AND (a.ended_at IS NULL OR NEW.sheet_id IS NULL)) OR (NEW.sheet_id IS NULL AND EXISTS (SELECT 1 FROM exam_seats e "
        "JOIN sittings s ON s.id = e.sitting_id WHERE e.candidate_id = NEW.candidate_id AND e.part = 'theory' AND s.ends_at > NEW.created_at)) "
        "OR (NEW.sheet_id IS NULL AND EXISTS (SELECT 1 FROM extra_times x WHERE x.candidate_id = NEW.candidate_id AND x.until > NEW.created_at))"
    ),
    message=say("答卷交卷以后才能评分；没有到考的，场次结束以后才记缺考"),
    locking=BATCH_LOCK,
)
refuse_rows(
    Mark,
    "exams.theory_by_computer",
    on=("INSERT",),
    when=(
        "NEW.part = 'theory' AND NEW.replaces_id IS NULL "
        "AND EXISTS (SELECT 1 FROM part_schemes s WHERE s.batch_id = NEW.batch_id AND s.part = 'theory' AND s.by_computer) "
        "AND NOT EXISTS (SELECT 1 FROM theory_scores t WHERE t.candidate_id = NEW.candidate_id "
        "AND t.points IS NOT DISTINCT FROM NEW.points AND t.absence IS NOT DISTINCT FROM NEW.absence)"
    ),
    message=say("本批次的理论知识由计算机按标准答案评分，不能另行录入；请在“理论机考”页写入成绩"),
)
