"""What anybody may fetch and mirror, as the database keeps it: the status lists, and the log with its checkpoints."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core.database import Base, Id, Stamped, append_only, refuse_rows
from lbcert.core.seal import Sealed
from lbcert.core.words import say


class StatusList(Base):
    """The signed list of one block of 2^20 certificates, as it was last built."""

    __tablename__ = "status_lists"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: The CWT; empty until it is built for the first time.
    token: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    built_at: Mapped[datetime | None]
    #: Whether it is the last one, without an end: the issuer closed.
    last: Mapped[bool] = mapped_column(default=False)
    #: JSON: the same block's lists for readers of Open Badges, by their purpose, built with it.
    badges: Mapped[str] = mapped_column(Text, default="", server_default="")


class LogKey(Base, Stamped):
    """The one key that signs checkpoints; its name is the log's origin and stays when the host changes."""

    __tablename__ = "log_keys"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
    id: Mapped[Id]
    origin: Mapped[str] = mapped_column(String(200))
    #: Ed25519, 32 bytes.
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    #: The same in hex, sealed.
    private_key: Mapped[str] = mapped_column(Sealed)


append_only(LogKey, "certificates.log_key", say("公开日志的密钥不能更换或删除"))


class LogLeaf(Base):
    """One event of the log. Its entry is the hash over ``event``, ``subject`` and ``at`` (docs/formats.md)."""

    __tablename__ = "log_leaves"
    __table_args__ = (Index("ix_log_leaves_subject", "subject"),)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(40))
    #: SHA-256 of the token, or of an issuer's public key, in hex.
    subject: Mapped[str] = mapped_column(String(64))
    #: Whole seconds.
    at: Mapped[datetime]


append_only(LogLeaf, "certificates.log", say("公开日志只能追加，不能修改或删除"))
refuse_rows(
    LogLeaf,
    "certificates.log_gap",
    on=("INSERT",),
    when="NEW.position <> (SELECT COALESCE(MAX(position) + 1, 0) FROM log_leaves)",
    message=say("公开日志的序号必须连续"),
)


class LogTile(Base):
    """Up to 256 hashes of 32 bytes of one level of the tree (C2SP tlog-tiles). A tile only grows."""

    __tablename__ = "log_tiles"
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


append_only(
    LogTile,
    "certificates.log_tile",
    say("公开日志只能追加，不能修改或删除"),
    update_when="substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes OR NEW.level <> OLD.level OR NEW.number <> OLD.number",
)


class LogCheckpoint(Base, Stamped):
    """A signed statement of how large the log was and what its root; each batch of events ends with one."""

    __tablename__ = "log_checkpoints"
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: The signed note.
    note: Mapped[str] = mapped_column(Text)


append_only(LogCheckpoint, "certificates.log_checkpoint", say("公开日志的签名检查点不能修改或删除"))
