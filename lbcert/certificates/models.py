"""Certificates with frozen claims, their number series, issuer keys, and a status history that is never deleted."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.brands.models import Brand
from lbcert.core.database import Base, Id, Stamped, append_only, choice, refuse_rows, unique_where
from lbcert.core.files import StoredFile
from lbcert.core.seal import Sealed
from lbcert.core.words import Message, say
from lbcert.exams.models import Result
from lbcert.parties.models import Organisation, Person
from lbcert.teaching.models import SchoolTest

_SEPARATION = "人社部 考培分离、评培分离 要求"


class IssuerKey(Base, Stamped):
    """A key that signs tokens; the private half is sealed. Retired keys stay for ever."""

    __tablename__ = "issuer_keys"
    id: Mapped[Id]
    #: 4 bytes as hex, as in the token's header.
    kid: Mapped[str] = mapped_column(String(8), unique=True)
    #: COSE number of the algorithm: -7 for ES256, -8 for Ed25519.
    alg: Mapped[int]
    #: SubjectPublicKeyInfo, DER.
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    #: PKCS #8, PEM.
    private_key: Mapped[str] = mapped_column(Sealed)
    #: JSON list of brand numbers; empty for all.
    brands: Mapped[str] = mapped_column(String(400), default="[]")
    not_before: Mapped[datetime]
    not_after: Mapped[datetime | None]
    #: active, retired, compromised
    state: Mapped[str] = mapped_column(String(20), default="active")


class NumberPrefix(Base, Stamped):
    """The first 13 characters of an assessment body's certificate numbers, given by the authorities and entered by the bureau."""

    __tablename__ = "number_prefixes"
    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    prefix: Mapped[str] = mapped_column(String(13), unique=True)
    document: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    organisation: Mapped[Organisation] = relationship()


class Ground(StrEnum):
    """What a certificate rests on."""

    COMPLETION = "completion"
    RESULT = "result"
    AWARD = "award"


class Status(StrEnum):
    """有效, 暂停使用, 已撤销, 已换发; 已过期 follows from the date, 查无此证 from the register."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REPLACED = "replaced"

    @property
    def label(self) -> Message:
        """The fixed words."""
        return _STATUS_LABELS[self]


_STATUS_LABELS = {
    Status.VALID: say("有效"),
    Status.SUSPENDED: say("暂停使用"),
    Status.REVOKED: say("已撤销"),
    Status.REPLACED: say("已换发"),
}


class Certificate(Base, Stamped):
    """One issued certificate. Claims and files never change; ``status`` repeats the newest row of the history."""

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint(
            "(ground = 'completion') = (school_test_id IS NOT NULL) AND (ground = 'result') = (result_id IS NOT NULL) "
            "AND (ground = 'award') = (award_ref IS NOT NULL)",
            name="exactly_its_ground",
        ),
        UniqueConstraint("type", "number"),
        Index("ix_certificates_number", "number"),
        Index("ix_certificates_person", "person_id"),
        Index("ix_certificates_organisation", "organisation_id", "issued_on"),
        UniqueConstraint("status_list", "status_index"),
        unique_where("uq_certificates_school_test", "school_test_id", where="status <> 'replaced' AND status <> 'revoked'"),
        unique_where("uq_certificates_result", "result_id", where="status <> 'replaced' AND status <> 'revoked'"),
    )  # fmt: skip
    id: Mapped[Id]
    #: Name of a registered certificate type.
    type: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(60))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohorts.id"), index=True)
    ground: Mapped[Ground] = mapped_column(choice(Ground))
    school_test_id: Mapped[int | None] = mapped_column(ForeignKey("school_tests.id"))
    result_id: Mapped[int | None] = mapped_column(ForeignKey("results.id"))
    #: "table:id" of a plugin's award.
    award_ref: Mapped[str | None] = mapped_column(String(80), unique=True)
    #: JSON that validates against ``certs_schema/<type>/<schema_version>.json``; sealed, for it names the holder.
    claims: Mapped[str] = mapped_column(Sealed)
    schema_version: Mapped[int]
    template_version: Mapped[int]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    expires_on: Mapped[date | None]
    issuer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("issuer_keys.id"))
    #: The signed token, and its SHA-256 by which the page finds it.
    token: Mapped[bytes] = mapped_column(LargeBinary)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    cti: Mapped[str] = mapped_column(String(16), unique=True)
    status_list: Mapped[int]
    status_index: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[Status] = mapped_column(choice(Status), default=Status.VALID)
    #: The rendered PDF; None until the worker has made it, then never again rendered.
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    brand: Mapped[Brand] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    issuer: Mapped[Person] = relationship(foreign_keys=[issuer_id])
    key: Mapped[IssuerKey] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    school_test: Mapped[SchoolTest | None] = relationship()
    result: Mapped[Result | None] = relationship()
    replaced_by: Mapped[Certificate | None] = relationship(remote_side="Certificate.id")
    history: Mapped[list[StatusChange]] = relationship(back_populates="certificate", order_by="StatusChange.id")


class StatusChange(Base, Stamped):
    """One entry of a certificate's history: since when, why (a coarse public code), by which authority."""

    __tablename__ = "status_changes"
    id: Mapped[Id]
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), index=True)
    status: Mapped[Status] = mapped_column(choice(Status))
    #: issued, result_amended, fraud, error, holder_request, replaced, reinstated
    reason: Mapped[str] = mapped_column(String(40))
    #: For the file, never on the public page.
    detail: Mapped[str] = mapped_column(Text, default="")
    authority: Mapped[str] = mapped_column(String(120))
    account_id: Mapped[int | None]
    certificate: Mapped[Certificate] = relationship(back_populates="history")


append_only(StatusChange, "certificates.status_change", say("证书状态记录不能修改或删除"))
append_only(
    Certificate,
    "certificates.frozen",
    say("证书签发后内容不能修改；请换发新证"),
    update_when=(
        "OLD.claims <> NEW.claims OR OLD.number <> NEW.number OR OLD.token <> NEW.token OR OLD.person_id <> NEW.person_id "
        "OR OLD.issued_on <> NEW.issued_on OR (OLD.file_id IS NOT NULL AND NEW.file_id IS NULL) "
        "OR (OLD.file_id IS NOT NULL AND OLD.file_id <> NEW.file_id) OR (OLD.status IN ('revoked', 'replaced') AND NEW.status <> OLD.status)"
    ),
)
refuse_rows(
    Certificate,
    "certificates.result_unpublished",
    on=("INSERT",),
    when=(
        "NEW.result_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM results r JOIN batches b ON b.id = r.batch_id WHERE r.id = NEW.result_id "
        "AND b.state = 'published' AND r.outcome = 'passed' AND NOT EXISTS (SELECT 1 FROM results l WHERE l.replaces_id = r.id))"
    ),
    message=say("只有已公布且合格的认定结果可以发证"),
    source=_SEPARATION,
)
refuse_rows(
    Certificate,
    "certificates.issuer_scored_or_decided",
    on=("INSERT",),
    when=(
        "NEW.result_id IS NOT NULL AND EXISTS (SELECT 1 FROM results r WHERE r.id = NEW.result_id AND (r.decided_by = NEW.issuer_id "
        "OR EXISTS (SELECT 1 FROM marks m WHERE m.candidate_id = r.candidate_id AND m.scorer_id = NEW.issuer_id)))"
    ),
    message=say("评分、审定、发证须由三人分别办理，请由另一人发证"),
    source=_SEPARATION,
)
refuse_rows(
    Certificate,
    "certificates.test_not_passed",
    on=("INSERT",),
    when="NEW.school_test_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM school_tests t WHERE t.id = NEW.school_test_id AND t.passed)",
    message=say("结业考核合格后才能发培训合格证书"),
)
