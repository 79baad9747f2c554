"""Question banks (题库) of assessment bodies, and how papers are put together from them (组卷方案).

A bank belongs to a body and is for a trade at a level, at which every training item points: one bank serves the items of
all counties. A question is never changed: another takes its place. What it asks and its key are stored encrypted.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.seal import Sealed
from lbcert.core.words import Message, say
from lbcert.parties.models import Account, Organisation

#: What may be chosen of a question of right or wrong; what its key is.
RIGHT, WRONG = "T", "F"


class QuestionKind(StrEnum):
    """单选题, 多选题, 判断题, in the order in which papers have them."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    JUDGE = "judge"

    @property
    def label(self) -> Message:
        """Its name on the pages and in the sheet."""
        return _KIND_LABELS[self]


_KIND_LABELS = {
    QuestionKind.SINGLE: say("单选"),
    QuestionKind.MULTIPLE: say("多选"),
    QuestionKind.JUDGE: say("判断"),
}


class Difficulty(StrEnum):
    """How hard whoever wrote a question thinks it is."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"

    @property
    def label(self) -> Message:
        """Its name on the pages and in the sheet."""
        return {"easy": say("易"), "medium": say("中"), "hard": say("难")}[self.value]


class QuestionBank(Base, Stamped):
    """题库: a body's questions for a trade at a level."""

    __tablename__ = "question_banks"
    __table_args__ = (
        UniqueConstraint("body_id", "trade_id", "level"),
        unique_where("uq_question_banks_body_id_trade_id", "body_id", "trade_id", where="level IS NULL"),
    )
    id: Mapped[Id]
    body_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    trade_id: Mapped[int] = mapped_column(ForeignKey("trades.id"), index=True)
    #: None where the items of the trade bear none.
    level: Mapped[SkillLevel | None] = mapped_column(choice(SkillLevel))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    body: Mapped[Organisation] = relationship()
    trade: Mapped[Trade] = relationship()


class Question(Base, Stamped):
    """试题: it counts until it is retired (停用), by hand or because another takes its place."""

    __tablename__ = "questions"
    __table_args__ = (
        UniqueConstraint("id", "bank_id"),
        ForeignKeyConstraint(["replaces_id", "bank_id"], ["questions.id", "questions.bank_id"], name="fk_questions_replaces"),
        UniqueConstraint("replaces_id"),
        unique_where("uq_questions_bank_id_fingerprint", "bank_id", "fingerprint", where="retired_at IS NULL"),
        CheckConstraint("(retired_at IS NULL) = (retired_reason = '')", name="retired_with_reason"),
        CheckConstraint("point <> ''", name="has_point"),
    )  # fmt: skip
    id: Mapped[Id]
    bank_id: Mapped[int] = mapped_column(ForeignKey("question_banks.id"))
    kind: Mapped[QuestionKind] = mapped_column(choice(QuestionKind))
    #: 鉴定点.
    point: Mapped[str] = mapped_column(String(80))
    difficulty: Mapped[Difficulty] = mapped_column(choice(Difficulty))
    stem: Mapped[str] = mapped_column(Sealed)
    #: JSON: what A, B, … say; none where it is right or wrong.
    options_json: Mapped[str] = mapped_column(Sealed)
    #: "C", "ABD", "T" or "F".
    key: Mapped[str] = mapped_column(Sealed)
    #: Keyed hash of stem and options, so that the same is not asked twice.
    fingerprint: Mapped[str] = mapped_column(String(64))
    replaces_id: Mapped[int | None] = mapped_column()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    retired_at: Mapped[datetime | None]
    retired_reason: Mapped[str] = mapped_column(String(300), default="")
    bank: Mapped[QuestionBank] = relationship(foreign_keys=[bank_id])

    @property
    def options(self) -> dict[str, str]:
        """What A, B, … say."""
        return dict(zip("ABCDEFGH", json.loads(self.options_json), strict=False))

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be chosen."""
        return (RIGHT, WRONG) if self.kind is QuestionKind.JUDGE else tuple(self.options)


class BankReading(Base, Stamped):
    """Somebody read a whole bank, and why."""

    __tablename__ = "bank_readings"
    __table_args__ = (CheckConstraint("reason <> ''", name="has_reason"), Index("ix_bank_readings_bank", "bank_id"))
    id: Mapped[Id]
    bank_id: Mapped[int] = mapped_column(ForeignKey("question_banks.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(String(300))
    account: Mapped[Account] = relationship()


class Blueprint(Base, Stamped):
    """组卷方案: how many questions of what, for how many points, and how long it takes. It is never changed, only retired."""

    __tablename__ = "blueprints"
    __table_args__ = (
        UniqueConstraint("bank_id", "name"),
        CheckConstraint("name <> ''", name="has_name"),
        CheckConstraint("minutes BETWEEN 10 AND 300", name="some_minutes"),
    )
    id: Mapped[Id]
    bank_id: Mapped[int] = mapped_column(ForeignKey("question_banks.id"))
    name: Mapped[str] = mapped_column(String(60))
    minutes: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    retired_at: Mapped[datetime | None]
    bank: Mapped[QuestionBank] = relationship()
    lines: Mapped[list[BlueprintLine]] = relationship(back_populates="blueprint", order_by="BlueprintLine.id")


class BlueprintLine(Base):
    """So many questions of a kind, of one knowledge point or of any; each for so many tenths of a point."""

    __tablename__ = "blueprint_lines"
    __table_args__ = (
        UniqueConstraint("blueprint_id", "kind", "point"),
        CheckConstraint("count > 0", name="some_questions"),
        CheckConstraint("tenths BETWEEN 1 AND 1000", name="some_points"),
    )
    id: Mapped[Id]
    blueprint_id: Mapped[int] = mapped_column(ForeignKey("blueprints.id"))
    kind: Mapped[QuestionKind] = mapped_column(choice(QuestionKind))
    #: Empty for any.
    point: Mapped[str] = mapped_column(String(80), default="")
    count: Mapped[int]
    tenths: Mapped[int]
    blueprint: Mapped[Blueprint] = relationship(back_populates="lines")


for _columns in ("body_id, trade_id, level", "body_id, trade_id"):
    explain("question_banks", _columns, "exams.bank_twice", say("本机构已有这一职业（工种）和等级的题库"))
explain("questions", "bank_id, fingerprint", "exams.question_twice", say("题库里已有同样的题，请刷新后核对"))
explain("questions", "replaces_id", "exams.question_replaced", say("这道题刚刚已被另一道题替换，请刷新后核对"))
explain("blueprints", "bank_id, name", "exams.blueprint_twice", say("这个题库已有同名的组卷方案，请换一个名称"))
append_only(QuestionBank, "exams.bank", say("题库不能修改或删除"))
append_only(
    Question,
    "exams.question",
    say("试题不能修改或删除；有改动的请用新题替换，不再用的请停用"),
    update_when=(
        "OLD.retired_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.bank_id <> OLD.bank_id OR NEW.kind <> OLD.kind OR NEW.point <> OLD.point "
        "OR NEW.difficulty <> OLD.difficulty OR NEW.stem <> OLD.stem OR NEW.options_json <> OLD.options_json OR NEW.key <> OLD.key "
        "OR NEW.fingerprint <> OLD.fingerprint OR NEW.replaces_id IS DISTINCT FROM OLD.replaces_id OR NEW.account_id <> OLD.account_id"
    ),
)
append_only(BankReading, "exams.bank_reading", say("查阅题库的记录不能修改或删除"))
append_only(
    Blueprint,
    "exams.blueprint",
    say("组卷方案不能修改或删除；有改动的请停用后另建"),
    update_when=(
        "OLD.retired_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.bank_id <> OLD.bank_id OR NEW.name <> OLD.name "
        "OR NEW.minutes <> OLD.minutes OR NEW.account_id <> OLD.account_id"
    ),
)
append_only(BlueprintLine, "exams.blueprint_line", say("组卷方案不能修改或删除；有改动的请停用后另建"))
refuse_rows(
    Question,
    "exams.replaces_live_question",
    on=("INSERT",),
    when=(
        "NEW.replaces_id IS NOT NULL AND EXISTS (SELECT 1 FROM questions o WHERE o.id = NEW.replaces_id AND o.retired_at IS NULL)"
    ),
    message=say("被替换的题须先停用"),
)
