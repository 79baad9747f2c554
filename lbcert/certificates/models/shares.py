"""Links by which a holder shows certificates to somebody, until she withdraws them or they end; each view is counted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.certificates.models.certificates import Certificate
from lbcert.core.database import Base, Id, Stamped, append_only, refuse_rows
from lbcert.core.words import say
from lbcert.parties.models import Person


class Share(Base, Stamped):
    """A link of one person's. Its secret is nowhere but in the link."""

    __tablename__ = "shares"
    __table_args__ = (CheckConstraint("ends_at > created_at", name="ends_after_it_began"),)
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    #: SHA-256 of the secret.
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    ends_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()
    items: Mapped[list[SharedCertificate]] = relationship(order_by="SharedCertificate.certificate_id")
    views: Mapped[list[ShareView]] = relationship(order_by="ShareView.id.desc()")


class SharedCertificate(Base):
    """One certificate that a link shows."""

    __tablename__ = "shared_certificates"
    share_id: Mapped[int] = mapped_column(ForeignKey("shares.id"), primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    certificate: Mapped[Certificate] = relationship()


class ShareView(Base):
    """That a link was opened, and when: nothing about who opened it."""

    __tablename__ = "share_views"
    id: Mapped[Id]
    share_id: Mapped[int] = mapped_column(ForeignKey("shares.id"), index=True)
    at: Mapped[datetime]


append_only(
    Share,
    "certificates.share",
    say("分享链接生成后不能修改，只能撤回一次"),
    update_when=(
        "NEW.id <> OLD.id OR NEW.person_id <> OLD.person_id OR NEW.digest <> OLD.digest OR NEW.ends_at <> OLD.ends_at "
        "OR NEW.created_at <> OLD.created_at OR OLD.withdrawn_at IS NOT NULL"
    ),
)
append_only(SharedCertificate, "certificates.shared", say("分享链接生成后不能增减证书；请另做一个链接"))
append_only(ShareView, "certificates.share_view", say("查看记录不能修改或删除"))
refuse_rows(
    SharedCertificate,
    "certificates.share_of_another",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM shares s JOIN certificates c ON c.person_id = s.person_id "
        "WHERE s.id = NEW.share_id AND c.id = NEW.certificate_id)"
    ),
    message=say("只能分享本人的证书"),
)
refuse_rows(
    ShareView,
    "certificates.share_closed",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM shares s WHERE s.id = NEW.share_id AND (s.withdrawn_at IS NOT NULL OR s.ends_at <= NEW.at))"
    ),
    message=say("这个分享链接已撤回或已到期"),
    locking="SELECT 1 FROM shares s WHERE s.id = NEW.share_id FOR SHARE",
)
