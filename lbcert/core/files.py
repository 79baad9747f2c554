"""Files kept by the hash of their content: written once, never changed, found again by anyone who has the row."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from flask import current_app
from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core.database import Base, Id, Stamped, append_only, db
from lbcert.core.words import say


class StoredFile(Base, Stamped):
    """A file's row. Files of equal content share one place on disk."""

    __tablename__ = "stored_files"
    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    #: As the sender named it, for download only; never a path.
    name: Mapped[str] = mapped_column(String(200))

    @property
    def path(self) -> Path:
        """Where the bytes lie."""
        return place_of(self.sha256)

    def read(self) -> bytes:
        """Give the bytes; raises ``FileNotFoundError`` when the store was lost."""
        return self.path.read_bytes()


append_only(StoredFile, "core.stored_file", say("已存档的文件不能修改或删除"))


def place_of(digest: str) -> Path:
    """Give the place of a digest in the store."""
    return Path(current_app.config["LBCERT"].home) / "files" / digest[:2] / digest[2:4] / digest


def keep(data: bytes, name: str, media_type: str) -> StoredFile:
    """Store bytes and add their row to the operation under way. The file appears whole or not at all."""
    digest = hashlib.sha256(data).hexdigest()
    place = place_of(digest)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(place)
    row = StoredFile(sha256=digest, size=len(data), media_type=media_type, name=Path(name).name[:200])
    db.session.add(row)
    db.session.flush()
    return row


def find(digest: str) -> StoredFile | None:
    """Give the first row of a content, if it is stored."""
    return db.session.scalar(select(StoredFile).where(StoredFile.sha256 == digest).limit(1))
