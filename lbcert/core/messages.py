"""What people are told: kept for each of them, shown on their own pages, and never sent anywhere by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core import clock
from lbcert.core.access import Actor, acting, only
from lbcert.core.database import Base, Id, Stamped, append_only, db
from lbcert.core.findings import Missing
from lbcert.core.operation import add_rows, operation
from lbcert.core.room import gate_of
from lbcert.core.words import Message, as_plain, from_plain, say

#: How many of those that were read are shown again.
_READ_SHOWN = 10


class Notification(Base, Stamped):
    """通知: something that one person was told, the page where it leads, and when it was first read."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_person_read", "person_id", "read_at"),)
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    #: What it is about, as "kind:id": whoever answers for that sees who has read it.
    subject: Mapped[str] = mapped_column(String(80), index=True)
    #: JSON: a message as it is put into any language.
    words: Mapped[str] = mapped_column(Text)
    endpoint: Mapped[str] = mapped_column(String(80))
    #: JSON: the page's arguments by name.
    arguments: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime | None]

    @property
    def message(self) -> Message:
        """What it says."""
        return from_plain(json.loads(self.words))

    @property
    def url(self) -> str:
        """The address where it leads; empty where the reader of this page may not go there, or nothing is there any more."""
        arguments = json.loads(self.arguments)
        gate = gate_of(current_app._get_current_object(), self.endpoint)  # type: ignore[attr-defined]
        try:
            is_open = gate is not None and gate.admits(acting(), arguments)
        except Missing:
            return ""
        return url_for(self.endpoint, **arguments) if is_open else ""


append_only(
    Notification,
    "core.notification",
    say("发出的通知不能修改或删除"),
    update_when=(
        "NEW.id <> OLD.id OR NEW.person_id <> OLD.person_id OR NEW.subject <> OLD.subject OR NEW.words <> OLD.words "
        "OR NEW.endpoint <> OLD.endpoint OR NEW.arguments <> OLD.arguments OR NEW.created_at <> OLD.created_at "
        "OR OLD.read_at IS NOT NULL"
    ),
)


@dataclass(frozen=True)
class Inbox:
    """What a person was told: what is new, and the last that were read."""

    unread: Sequence[Notification]
    read: Sequence[Notification]


def tell(
    person_ids: Iterable[int], message: Message, endpoint: str, arguments: Mapping[str, Any], *, subject: str = ""
) -> None:
    """Tell people something inside the operation under way: each of them once, with the page where it leads.

    ``subject`` ("cohort:7") is what it is about; times in the message are text, as people write them.
    """
    told = {
        "subject": subject,
        "words": json.dumps(as_plain(message), ensure_ascii=False),
        "endpoint": endpoint,
        "arguments": json.dumps(dict(arguments)),
    }
    add_rows(Notification, [{"person_id": person_id, **told} for person_id in sorted(set(person_ids))])


def inbox(person_id: int | None) -> Inbox:
    """Give what a person was told, the newest first."""
    query = select(Notification).where(Notification.person_id == person_id).order_by(Notification.id.desc())
    unread = db.session.scalars(query.where(Notification.read_at.is_(None))).all()
    read = db.session.scalars(query.where(Notification.read_at.is_not(None)).limit(_READ_SHOWN)).all()
    return Inbox(unread, read)


def _are_own(actor: Actor, notification_ids: Sequence[int]) -> bool:
    own = select(func.count()).where(
        Notification.id.in_(notification_ids), Notification.person_id == (actor.person_id or 0)
    )
    return db.session.scalar(own) == len(set(notification_ids)) > 0


@operation("core.read_notifications", say("知悉通知"), allow=only("whom they tell", _are_own))
def read_notifications(actor: Any, notification_ids: Sequence[int]) -> None:
    """Say that one has read what one was told; the first time counts."""
    query = select(Notification).where(Notification.id.in_(notification_ids), Notification.read_at.is_(None))
    for notification in db.session.scalars(query.with_for_update()):
        notification.read_at = clock.now()
