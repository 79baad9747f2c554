"""评分细则: of what a part's 100 points consist, as an assessment body writes it; and that marks agree with it.

A version is whole when its weights come to 100, and never changes. The batch's scheme names the one by which it is marked.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.words import say
from lbcert.exams.models.parts import Part
from lbcert.parties.models import Organisation

#: Items of one rubric, at most: what a phone's screen and a printed sheet can bear.
MOST_ITEMS = 20
_DIGITS = 3


class ItemPoints(TypeDecorator[tuple[int, ...]]):
    """Points of a rubric's items in their order, kept as text of three digits each, which both databases can read."""

    impl = String(_DIGITS * MOST_ITEMS)
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Write them one behind the other."""
        return None if value is None else "".join(f"{points:0{_DIGITS}d}" for points in value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[int, ...] | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Read them back."""
        if value is None:
            return None
        return tuple(int(value[at : at + _DIGITS]) for at in range(0, len(value), _DIGITS))


class Rubric(Base, Stamped):
    """One version of how a body marks a part of a trade's level; withdrawn with a reason, never changed."""

    __tablename__ = "rubrics"
    __table_args__ = (
        CheckConstraint("edition > 0", name="edition_counts"),
        CheckConstraint("source <> ''", name="has_source"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason = '')", name="withdrawn_with_reason"),
        UniqueConstraint("body_id", "trade_id", "level", "part", "edition"),
        unique_where(
            "uq_rubrics_body_id_trade_id_part_edition", "body_id", "trade_id", "part", "edition", where="level IS NULL"
        ),
    )
    id: Mapped[Id]
    body_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    trade_id: Mapped[int] = mapped_column(ForeignKey("trades.id"))
    #: None for a trade that bears no level.
    level: Mapped[SkillLevel | None] = mapped_column(choice(SkillLevel))
    part: Mapped[Part] = mapped_column(choice(Part))
    #: 第几版: 1, 2, …
    edition: Mapped[int]
    #: From the exams of that day on.
    valid_from: Mapped[date]
    #: The document by which it is written: the occupation's standard, or the body's own.
    source: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_on: Mapped[date | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[Organisation] = relationship()
    trade: Mapped[Trade] = relationship()
    items: Mapped[list[RubricItem]] = relationship(back_populates="rubric", order_by="RubricItem.place")


class RubricItem(Base):
    """One item: what is looked at, for how many of the part's 100 points (``weight``), marked from 0 to ``most``."""

    __tablename__ = "rubric_items"
    __table_args__ = (
        UniqueConstraint("rubric_id", "place"),
        UniqueConstraint("rubric_id", "name"),
        CheckConstraint(f"place BETWEEN 1 AND {MOST_ITEMS}", name="place_counts"),
        CheckConstraint("name <> ''", name="has_name"),
        CheckConstraint("weight BETWEEN 1 AND 100", name="weight_of_100"),
        CheckConstraint("most BETWEEN 1 AND 100", name="most_of_100"),
        CheckConstraint("weight * 100 / most * most = weight * 100", name="point_in_hundredths"),
    )
    id: Mapped[Id]
    rubric_id: Mapped[int] = mapped_column(ForeignKey("rubrics.id"))
    place: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    weight: Mapped[int]
    #: The most points that a marker may give; each is worth ``weight / most`` of the part's points, in whole hundredths.
    most: Mapped[int]
    #: 评分要点: what the points are given or taken off for.
    guide: Mapped[str] = mapped_column(String(300), default="")
    rubric: Mapped[Rubric] = relationship(back_populates="items")


for _columns in ("body_id, trade_id, level, part, edition", "body_id, trade_id, part, edition"):
    _meanwhile = say("刚才已有另一人登记了新的一版，请刷新后再试")
    explain("rubrics", _columns, "exams.rubric_meanwhile", _meanwhile)
append_only(
    Rubric,
    "exams.rubric",
    say("评分细则不能修改或删除；需要改动的请另写一版，有误的请停用"),
    update_when=(
        "OLD.withdrawn_on IS NOT NULL OR NEW.id <> OLD.id OR NEW.body_id <> OLD.body_id OR NEW.trade_id <> OLD.trade_id "
        "OR NEW.level IS DISTINCT FROM OLD.level OR NEW.part <> OLD.part OR NEW.edition <> OLD.edition "
        "OR NEW.valid_from <> OLD.valid_from OR NEW.source <> OLD.source OR NEW.account_id <> OLD.account_id"
    ),
)
append_only(RubricItem, "exams.rubric_item", say("评分细则的项目不能修改或删除；需要改动的请另写一版"))
refuse_rows(
    RubricItem,
    "exams.rubric_whole",
    on=("INSERT",),
    when=(
        "NEW.place <> (SELECT COUNT(*) + 1 FROM rubric_items i WHERE i.rubric_id = NEW.rubric_id) "
        "OR NEW.weight + (SELECT COALESCE(SUM(i.weight), 0) FROM rubric_items i WHERE i.rubric_id = NEW.rubric_id) > 100"
    ),
    message=say("评分细则的项目按序号登记，权重合计为 100，写满后不能再加"),
    locking="SELECT 1 FROM rubrics r WHERE r.id = NEW.rubric_id FOR NO KEY UPDATE",
)
