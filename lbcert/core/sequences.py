"""Numbers in a row, taken in the transaction that uses them: none twice, none lost."""

from __future__ import annotations

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core.database import Base, db


class Sequence(Base):
    """The last number taken of a series, such as "cohort:530128:2025"."""

    __tablename__ = "sequences"
    series: Mapped[str] = mapped_column(String(120), primary_key=True)
    last: Mapped[int]


def take(series: str, count: int = 1) -> range:
    """Take the next ``count`` numbers of a series, which begins at 1; holds the series until the operation ends."""
    sequence = db.session.scalar(select(Sequence).where(Sequence.series == series).with_for_update())
    if sequence is None:
        with db.session.begin_nested():
            sequence = Sequence(series=series, last=0)
            db.session.add(sequence)
    first = sequence.last + 1
    sequence.last += count
    return range(first, first + count)
