"""Sheets that were sent and checked and count for nothing yet: kept sealed with the findings of each row.

A dry run shows them; then the good rows are imported in one short transaction, or nothing is. The file itself is not
kept: it holds ID numbers, and the marked copy for the sender is written from the cells.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core import clock
from lbcert.core.database import Base, Id, Stamped, Versioned, db, load
from lbcert.core.findings import Finding, Level, Missing, from_kept, kept, refuse
from lbcert.core.pages import Page, Paging, in_words, paginate
from lbcert.core.seal import Sealed
from lbcert.core.sheets import Cell, Kind, Row, Sheet, marked_copy
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say


class StagedSheet(Base, Stamped, Versioned):
    """A sheet of a ``kind`` ("teaching.course_table") for a ``subject`` ("cohort:7"), checked and not yet imported."""

    __tablename__ = "staged_sheets"
    __table_args__ = (Index("ix_staged_sheets_subject_kind", "subject", "kind"),)
    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(String(200))
    #: Of the file as it was sent.
    sha256: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int | None]
    #: JSON: the sheet's name, the rows above the data, and where each column stands.
    form: Mapped[str] = mapped_column(Sealed)
    #: JSON: findings about the sheet as a whole.
    findings: Mapped[str] = mapped_column(Text)
    total: Mapped[int]
    good: Mapped[int]
    imported_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]
    rows: Mapped[list[SheetRow]] = relationship(back_populates="sheet", order_by="SheetRow.row_number")

    @property
    def subject_id(self) -> int:
        """The id in ``subject``."""
        return int(self.subject.partition(":")[2])

    @property
    def marked_name(self) -> str:
        """The file name, without its ending, of the copy that is sent back with the findings beside each row."""
        return f"{self.file_name.rpartition('.')[0] or self.file_name}-检查结果"

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be imported or discarded."""
        return self.imported_at is None and self.discarded_at is None


class SheetRow(Base):
    """One row: its cells as they were sent (sealed JSON), its findings (JSON), and whether it may be imported."""

    __tablename__ = "staged_sheet_rows"
    __table_args__ = (UniqueConstraint("sheet_id", "row_number"),)
    id: Mapped[Id]
    sheet_id: Mapped[int] = mapped_column(ForeignKey("staged_sheets.id"))
    #: As Excel numbers it.
    row_number: Mapped[int]
    cells: Mapped[str] = mapped_column(Sealed)
    findings: Mapped[str] = mapped_column(Text)
    good: Mapped[bool]
    #: Whether anything but notes was found.
    remarked: Mapped[bool]
    sheet: Mapped[StagedSheet] = relationship(back_populates="rows")

    @property
    def said(self) -> list[Finding]:
        """What was found about it."""
        return [from_kept(plain) for plain in json.loads(self.findings)]


class Judged(Protocol):
    """What a room makes of one row."""

    @property
    def findings(self) -> list[Finding]:
        """Everything that was found."""

    @property
    def is_good(self) -> bool:
        """Whether it may be imported."""


class Checked:
    """A sheet as it was read and judged; no dataclass, so that the audit log names it and does not copy it."""

    def __init__(
        self,
        subject: str,
        file_name: str,
        data: bytes,
        sheet: Sheet,
        entries: Sequence[Judged],
        findings: Iterable[Finding] = (),
    ) -> None:
        self.subject = subject
        self.file_name = file_name
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.sheet = sheet
        self.entries = entries
        self.findings = [*sheet.findings, *findings]


#: What `rows_page` may be asked to show, for its tabs.
SHOWN = {"": _l("全部"), "bad": _l("不能导入"), "remarked": _l("不能导入和提醒")}


def find(kind: str, staged_id: int, *, lock: bool = False) -> StagedSheet:
    """Give a staged sheet of a kind; raises ``Missing`` for another's."""
    staged = load(StagedSheet, staged_id, lock=lock)
    if staged.kind != kind:
        raise Missing(f"{kind} {staged_id}")
    return staged


def stage(actor: Any, kind: str, subject: str, checked: Checked) -> StagedSheet:
    """Keep a sheet checked for ``subject``, inside the operation under way; nothing of it counts yet."""
    if checked.subject != subject:
        raise ValueError(f"checked for {checked.subject}, not for {subject}")
    sheet = checked.sheet
    form = {
        "name": sheet.name,
        "places": dict(sheet.places),
        "heading": [_sent(cells) for cells in sheet.heading],
    }
    staged = StagedSheet(
        kind=kind,
        subject=subject,
        file_name=checked.file_name[:200],
        sha256=checked.sha256,
        account_id=actor.id,
        form=_json(form),
        findings=_json([kept(finding) for finding in checked.findings]),
        total=len(checked.entries),
        good=sum(entry.is_good for entry in checked.entries),
    )
    db.session.add(staged)
    db.session.flush()
    rows = [
        {
            "sheet_id": staged.id,
            "row_number": row.number,
            "cells": _json(_sent(row.cells)),
            "findings": _json([kept(finding) for finding in entry.findings]),
            "good": entry.is_good,
            "remarked": any(finding.level is not Level.NOTE for finding in entry.findings),
        }
        for row, entry in zip(sheet.rows, checked.entries, strict=True)
    ]
    db.session.execute(insert(SheetRow), rows)
    return staged


def importable(staged: StagedSheet) -> list[Finding]:
    """Find that a sheet was decided before, or has no row that may be imported."""
    if found := _undecided(staged):
        return found
    if not staged.good:
        return [refuse("sheets.no_good_rows", say("没有可以导入的行，请按检查结果改正后重新上传"))]
    return []


def outdated(findings: Iterable[Finding]) -> list[Finding]:
    """Find that what is on file has changed since the check, so that a good row is none any more."""
    stopping = [finding for finding in findings if finding.stops]
    message = say("检查之后，在册信息有了变化，这些行不能再导入；请重新上传检查")
    return [refuse("sheets.outdated", message), *stopping] if stopping else []


def good_rows(staged: StagedSheet) -> list[Row]:
    """Give the rows that may be imported, as they were sent."""
    places = places_of(staged)
    good = select(SheetRow.row_number, SheetRow.cells).where(SheetRow.sheet_id == staged.id, SheetRow.good)
    found = db.session.execute(good.order_by(SheetRow.row_number))
    return [Row(number, _cells(json.loads(cells)), places) for number, cells in found]


def sheet_of(staged: StagedSheet) -> Sheet:
    """Give the sheet as it was sent."""
    form = json.loads(staged.form)
    rows = tuple(sent_row(row, form["places"]) for row in staged.rows)
    heading = tuple(_cells(cells) for cells in form["heading"])
    return Sheet(form["name"], rows, form["places"], heading, tuple(findings_of(staged)))


def sent_row(row: SheetRow, places: Mapping[str, int]) -> Row:
    """Give one row as it was sent; ``places`` says where each column stands."""
    return Row(row.row_number, _cells(json.loads(row.cells)), places)


def places_of(staged: StagedSheet) -> dict[str, int]:
    """Give where each column stands."""
    places: dict[str, int] = json.loads(staged.form)["places"]
    return places


def rows_page(staged: StagedSheet, paging: Paging) -> Page[SheetRow]:
    """Give one page of the rows. Filter: show, *bad* (held back) or *remarked* (warned about too)."""
    query = select(SheetRow).where(SheetRow.sheet_id == staged.id)
    if paging.filters.get("show") == "bad":
        query = query.where(SheetRow.good.is_(False))
    elif paging.filters.get("show") == "remarked":
        query = query.where(SheetRow.remarked)
    return paginate(db.session, query, paging, {}, SheetRow.row_number)


def latest(kind: str, subject: str, most: int = 10) -> list[StagedSheet]:
    """List the sheets of a kind that were sent for a subject, the newest first."""
    query = select(StagedSheet).where(StagedSheet.kind == kind, StagedSheet.subject == subject)
    return list(db.session.scalars(query.order_by(StagedSheet.id.desc()).limit(most)))


def findings_of(staged: StagedSheet) -> list[Finding]:
    """Give what was found about the sheet as a whole."""
    return [from_kept(plain) for plain in json.loads(staged.findings)]


def marked(staged: StagedSheet) -> bytes:
    """Write the sender's sheet as .xlsx with the findings beside each row, in the reader's language."""
    return marked_copy(sheet_of(staged), {row.row_number: row.said for row in staged.rows}, in_words)


def discard(staged: StagedSheet) -> StagedSheet:
    """Throw the rows away, inside the operation under way; that the sheet was sent stays on file. Refused when it was decided before."""
    refuse_on(_undecided(staged))
    forget_rows(staged)
    staged.discarded_at = clock.now()
    return staged


def forget_rows(staged: StagedSheet) -> None:
    """Delete the rows, which nobody needs any more; how many there were stays on file."""
    db.session.execute(delete(SheetRow).where(SheetRow.sheet_id == staged.id))
    db.session.expire(staged, ["rows"])


def _undecided(staged: StagedSheet) -> list[Finding]:
    if staged.is_open:
        return []
    return [refuse("sheets.decided", say("这份表已经导入或放弃，请重新上传"))]


def _sent(cells: Iterable[Cell]) -> list[list[str]]:
    return [[cell.text, cell.kind.value] for cell in cells]


def _cells(plain: Iterable[Sequence[str]]) -> tuple[Cell, ...]:
    return tuple(Cell(text, Kind(kind)) for text, kind in plain)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
