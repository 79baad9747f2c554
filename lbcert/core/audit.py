"""The audit log: append-only, each row bound to the one before it by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import String, Text, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core import clock
from lbcert.core.database import Base, append_only, db
from lbcert.core.words import say

#: Arguments of these names never enter the log in clear; a mark stands in its own append-only row.
CONCEALED = frozenset(
    {
        "points",
        "by_item",
        "absence",
        "id_number",
        "phone",
        "bank_account",
        "password",
        "fs_uniquifier",
        "secret",
        "data",
        "photo",
        "code",
        "last_four",
        "chosen",
    }
)
_HIDDEN = "●"
_GENESIS = "0" * 64
#: The lock under which PostgreSQL appends; its number names it, and any will do.
_LOCK = text("SELECT pg_advisory_xact_lock(7304001)")


class AuditEntry(Base):
    """Who did what, when, to what. ``position`` has no gaps; ``digest`` covers the row and the digest before it."""

    __tablename__ = "audit_entries"
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(120))
    operation: Mapped[str] = mapped_column(String(80), index=True)
    #: "kind:id" of what the operation gave back.
    subject: Mapped[str] = mapped_column(String(80), index=True)
    #: JSON of the arguments, concealed where they are personal.
    arguments: Mapped[str] = mapped_column(Text)
    #: JSON: {"made": {table: [ids]}, "changed": [[table, id, {column: [old, new]}]], "removed": {table: [ids]}}.
    changes: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64), unique=True)

    def computed(self) -> str:
        """Give the digest that this row ought to have."""
        return _digest({name: getattr(self, name) for name in _COVERED})


append_only(AuditEntry, "core.audit", say("审计日志只能追加，不能修改或删除"))
_COVERED = ("position", "at", "account_id", "actor", "operation", "subject", "arguments", "changes", "previous")
_LAST = select(AuditEntry.position, AuditEntry.digest).order_by(AuditEntry.position.desc()).limit(1)
_APPEND = insert(AuditEntry.__table__)  # type: ignore[arg-type]  # a Table


def _digest(row: Mapping[str, Any]) -> str:
    body = [row[name].isoformat() if name == "at" else row[name] for name in _COVERED]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True)
class Note:
    """What one operation will leave in the log when its transaction ends."""

    account_id: int | None
    actor: str
    operation: str
    subject: str
    arguments: str
    changes: str


def append(notes: list[Note]) -> None:
    """Write the notes at the end of the log, in the transaction that is about to commit.

    The one lock of the log is taken here, last of all, so nobody waits behind a long operation.
    """
    db.session.flush()
    if not notes:
        return
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    last = connection.execute(_LAST).first()
    position, digest = (last.position, last.digest) if last else (0, _GENESIS)
    rows = []
    for note in notes:
        position += 1
        row = {"position": position, "at": clock.now(), "previous": digest, **vars(note)}
        row["digest"] = digest = _digest(row)
        rows.append(row)
    connection.execute(_APPEND, rows)


@dataclass(frozen=True)
class Break:
    """A place where the chain does not hold."""

    position: int
    reason: str


def verify() -> tuple[int, list[Break]]:
    """Walk the whole log: how many rows hold, and where the chain is broken (row altered, removed or put in)."""
    breaks: list[Break] = []
    expected, digest, count = 1, _GENESIS, 0
    for entry in _walk():
        if entry.position != expected:
            breaks.append(Break(expected, "missing"))
        elif entry.previous != digest:
            breaks.append(Break(entry.position, "unlinked"))
        if entry.computed() != entry.digest:
            breaks.append(Break(entry.position, "altered"))
        expected, digest, count = entry.position + 1, entry.digest, count + 1
    return count, breaks


def _walk() -> Iterator[AuditEntry]:
    yield from db.session.scalars(select(AuditEntry).order_by(AuditEntry.position).execution_options(yield_per=1000))


def plain(value: Any, name: str = "") -> Any:
    """Turn an argument into what JSON holds, concealing what is personal by its name."""
    if name in CONCEALED and value is not None:
        return _HIDDEN
    if value is None or isinstance(value, bool | int | str | float):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name), field.name) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [plain(item, name) for item in items]
    return reference(value)


def reference(value: Any) -> str:
    """Name an object as the log does: "cohort:12" for a row, its type for anything else."""
    key = getattr(value, "id", getattr(value, "code", None))
    kind = type(value).__name__.lower()
    return f"{kind}:{key}" if key is not None else kind


def dumps(value: Any) -> str:
    """Write JSON as the log keeps it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
