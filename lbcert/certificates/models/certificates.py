"""Certificates with frozen claims, their number series, and a status history that is never deleted."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.brands.models import Brand
from lbcert.certificates.models.designs import DesignVersion
from lbcert.certificates.models.keys import IssuerKey
from lbcert.cohorts.models import Cohort
from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.files import StoredFile
from lbcert.core.jobs import Job
from lbcert.core.reference import Trade
from lbcert.core.registrations import Ground
from lbcert.core.seal import Sealed
from lbcert.core.words import Message, say
from lbcert.exams.models import Result
from lbcert.oversight.models import NOTICED, OBJECTED, UPHELD
from lbcert.parties.models import Organisation, Person
from lbcert.teaching.models import SchoolTest

SEPARATION = "人社部 考培分离、评培分离 要求"


class NumberPrefix(Base, Stamped):
    """The first 13 characters of an assessment body's certificate numbers, given by the authorities and entered by the bureau."""

    __tablename__ = "number_prefixes"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),)
    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    prefix: Mapped[str] = mapped_column(String(13), unique=True)
    document: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    organisation: Mapped[Organisation] = relationship()


explain("number_prefixes", "prefix", "certificates.prefix_taken", say("这一证书编号前缀已经登记"))


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

    @property
    def sign(self) -> str:
        """How a page shows it: ok, warn or stop."""
        return _STATUS_SIGNS[self]


_STATUS_LABELS = {
    Status.VALID: say("有效"),
    Status.SUSPENDED: say("暂停使用"),
    Status.REVOKED: say("已撤销"),
    Status.REPLACED: say("已换发"),
}
_STATUS_SIGNS = {Status.VALID: "ok", Status.SUSPENDED: "warn", Status.REVOKED: "stop", Status.REPLACED: "warn"}


class Reason(StrEnum):
    """Why a status changed, as coarsely as the public page says it."""

    ISSUED = "issued"
    UNDER_REVIEW = "under_review"
    CLEARED = "cleared"
    RESULT_AMENDED = "result_amended"
    FRAUD = "fraud"
    ERROR = "error"
    HOLDER_REQUEST = "holder_request"
    DATA_CHANGED = "data_changed"
    DAMAGED = "damaged"
    ASSESSED_ANEW = "assessed_anew"
    RENEWED = "renewed"
    AWARD_WITHDRAWN = "award_withdrawn"
    #: on another certificate, that fell
    RESTS_ON_FALLEN = "rests_on_fallen"

    @property
    def label(self) -> Message:
        """The fixed words."""
        return _REASON_LABELS[self]


_REASON_LABELS = {
    Reason.ISSUED: say("签发"),
    Reason.UNDER_REVIEW: say("正在核查"),
    Reason.CLEARED: say("核查无误，恢复使用"),
    Reason.RESULT_AMENDED: say("认定结果更正"),
    Reason.FRAUD: say("弄虚作假"),
    Reason.ERROR: say("证书内容有误"),
    Reason.HOLDER_REQUEST: say("持证人申请"),
    Reason.DATA_CHANGED: say("持证人信息变更"),
    Reason.DAMAGED: say("证书遗失或损毁"),
    Reason.ASSESSED_ANEW: say("重新评定"),
    Reason.RENEWED: say("到期续期"),
    Reason.AWARD_WITHDRAWN: say("授予已撤回"),
    Reason.RESTS_ON_FALLEN: say("所依据的证书已暂停或撤销"),
}


#: The few that a status list has to name.
NOT_VALID = "status <> 'valid'"
#: The few that may want a successor.
EXPIRES = "expires_on IS NOT NULL"


class Certificate(Base, Stamped):
    """One issued certificate. Claims and files never change; ``status`` repeats the newest row of the history."""

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint(
            "(ground = 'completion') = (school_test_id IS NOT NULL) AND (ground = 'result') = (result_id IS NOT NULL) "
            "AND (ground = 'award') = (award_ref IS NOT NULL)",
            name="exactly_its_ground",
        ),
        CheckConstraint(
            "(type = 'completion') = (ground = 'completion') AND (type = 'skill_level') = (ground = 'result')",
            name="ground_of_its_type",
        ),
        CheckConstraint("issuer_id <> person_id", name="issued_by_another"),
        CheckConstraint("status_index >= 0 AND status_index < 1048576 AND status_list >= 0", name="index_within_list"),
        CheckConstraint("expires_on IS NULL OR expires_on > issued_on", name="expires_after_issue"),
        UniqueConstraint("type", "number"),
        UniqueConstraint("status_list", "status_index"),
        Index("ix_certificates_number", "number"),
        Index("ix_certificates_not_valid", "status_list", "status_index", "status", sqlite_where=text(NOT_VALID), postgresql_where=text(NOT_VALID)),
        Index("ix_certificates_expires_on", "expires_on", sqlite_where=text(EXPIRES), postgresql_where=text(EXPIRES)),
        Index("ix_certificates_person", "person_id"),
        Index("ix_certificates_organisation", "organisation_id", "issued_on"),
        Index("ix_certificates_key", "key_id", "issued_at"),
        unique_where("uq_certificates_school_test_id", "school_test_id", where="replaces_id IS NULL"),
        unique_where("uq_certificates_result_id", "result_id", where="replaces_id IS NULL"),
        unique_where("uq_certificates_award_ref", "award_ref", where="replaces_id IS NULL"),
        # Partial, or a planner that counts how many replace none would rather walk the register than look one up.
        unique_where("uq_certificates_replaces_id", "replaces_id", where="replaces_id IS NOT NULL"),
    )  # fmt: skip
    id: Mapped[Id]
    #: Name of a registered certificate type.
    type: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(60))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohorts.id"), index=True)
    #: In what, and at which level (5 to 1, or stars; 0 where there is none), for lists.
    trade_id: Mapped[int] = mapped_column(ForeignKey("trades.id"))
    level: Mapped[int] = mapped_column(default=0)
    ground: Mapped[Ground] = mapped_column(choice(Ground))
    school_test_id: Mapped[int | None] = mapped_column(ForeignKey("school_tests.id"))
    result_id: Mapped[int | None] = mapped_column(ForeignKey("results.id"))
    #: "table:id" of a plugin's award.
    award_ref: Mapped[str | None] = mapped_column(String(80))
    #: JSON that validates against ``certs_schema/<type>/<schema_version>.json``; sealed, for it names the holder.
    claims: Mapped[str] = mapped_column(Sealed)
    schema_version: Mapped[int]
    #: Number of the look it is printed in: that of the issuer's own design, or of the type's folder where there is none.
    template_version: Mapped[int]
    design_id: Mapped[int | None] = mapped_column(ForeignKey("certificate_designs.id"))
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
    #: The one that this one takes the place of (换发).
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    #: The rendered PDF; None until the worker has made it, then never again rendered.
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    #: The work that renders it, and why it could not.
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    print_problem: Mapped[str] = mapped_column(String(300), default="")
    brand: Mapped[Brand] = relationship()
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    cohort: Mapped[Cohort | None] = relationship()
    trade: Mapped[Trade] = relationship()
    issuer: Mapped[Person] = relationship(foreign_keys=[issuer_id])
    key: Mapped[IssuerKey] = relationship()
    design: Mapped[DesignVersion | None] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    job: Mapped[Job | None] = relationship()
    school_test: Mapped[SchoolTest | None] = relationship()
    result: Mapped[Result | None] = relationship()
    replaces: Mapped[Certificate | None] = relationship(back_populates="successor", remote_side="Certificate.id")
    successor: Mapped[Certificate | None] = relationship(back_populates="replaces", uselist=False)
    history: Mapped[list[StatusChange]] = relationship(back_populates="certificate", order_by="StatusChange.id")


for _ground in ("school_test_id", "result_id", "award_ref"):
    explain("certificates", _ground, "certificates.issued_before", say("这一考核结果已经发过证书；需要新证的请换发"))
explain("certificates", "replaces_id", "certificates.replaced_before", say("这本证书已经换发过"))


class StatusChange(Base, Stamped):
    """One entry of a certificate's history: since when, why (a coarse public code), by which authority."""

    __tablename__ = "status_changes"
    id: Mapped[Id]
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), index=True)
    status: Mapped[Status] = mapped_column(choice(Status))
    reason: Mapped[Reason] = mapped_column(choice(Reason))
    #: For the file, never on the public page.
    detail: Mapped[str] = mapped_column(Text, default="")
    authority: Mapped[str] = mapped_column(String(120))
    account_id: Mapped[int | None]
    certificate: Mapped[Certificate] = relationship(back_populates="history")


append_only(StatusChange, "certificates.status_change", say("证书状态记录不能修改或删除"))

# What was issued stays as it was issued

_ISSUED = (
    "id", "type", "number", "brand_id", "organisation_id", "person_id", "trade_id", "level", "ground", "claims", "schema_version",
    "template_version", "issued_on", "issued_at", "issuer_id", "key_id", "token", "token_digest", "cti", "status_list",
    "status_index", "created_at",
)  # fmt: skip
_ISSUED_OR_NONE = ("cohort_id", "school_test_id", "result_id", "award_ref", "expires_on", "replaces_id", "design_id")
append_only(
    Certificate,
    "certificates.frozen",
    say("证书签发后内容不能修改；请换发新证"),
    update_when=" OR ".join(
        [
            *(f"NEW.{column} <> OLD.{column}" for column in _ISSUED),
            *(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _ISSUED_OR_NONE),
            "(OLD.file_id IS NOT NULL AND NEW.file_id IS DISTINCT FROM OLD.file_id)",
        ]
    ),
)
refuse_rows(
    Certificate,
    "certificates.status_step",
    on=("UPDATE",),
    when="NEW.status <> OLD.status AND OLD.status IN ('revoked', 'replaced')",
    message=say("已撤销或已换发的证书不能再改变状态；需要新证的请换发"),
)
refuse_rows(
    Certificate,
    "certificates.status_without_history",
    on=("UPDATE",),
    when=(
        "NEW.status <> OLD.status AND NEW.status <> COALESCE((SELECT s.status FROM status_changes s "
        "WHERE s.certificate_id = NEW.id ORDER BY s.id DESC LIMIT 1), '')"
    ),
    message=say("证书状态的改变须先写入状态记录"),
)
refuse_rows(
    Certificate,
    "certificates.begins_valid",
    on=("INSERT",),
    when="NEW.status <> 'valid' OR NEW.file_id IS NOT NULL",
    message=say("新签发的证书只能是有效状态"),
)
_CHAIN = (
    "EXISTS (SELECT 1 FROM certificates p WHERE p.id = NEW.replaces_id AND p.type = NEW.type AND p.person_id = NEW.person_id "
    "AND p.status IN ('replaced', 'revoked'))"
)
refuse_rows(
    Certificate,
    "certificates.replaces_another",
    on=("INSERT",),
    when=f"NEW.replaces_id IS NOT NULL AND NOT {_CHAIN}",
    message=say("换发须是同一人的同一种证书，且原证已标明换发或已撤销"),
)

_BRANDS = "REPLACE(REPLACE(REPLACE(k.brands, '[', ','), ']', ','), ' ', '')"
refuse_rows(
    Certificate,
    "certificates.key_unfit",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM issuer_keys k JOIN brands b ON b.id = NEW.brand_id WHERE k.id = NEW.key_id AND k.state = 'active' "
        "AND k.not_before <= NEW.issued_at AND (k.not_after IS NULL OR NEW.issued_at <= k.not_after) "
        f"AND (k.brands = '[]' OR {_BRANDS} LIKE '%,' || b.number || ',%'))"
    ),
    message=say("签发密钥已停用、不在使用期内，或无权为这个品牌发证；请重试"),
    locking="SELECT 1 FROM issuer_keys k WHERE k.id = NEW.key_id FOR SHARE",
)

refuse_rows(
    Certificate,
    "certificates.design_unfit",
    on=("INSERT",),
    when=(
        "NEW.design_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM certificate_designs d WHERE d.id = NEW.design_id AND d.type = NEW.type "
        "AND d.organisation_id = NEW.organisation_id AND d.number = NEW.template_version AND d.in_force_at IS NOT NULL)"
    ),
    message=say("这一版式没有启用，或不是发证机构为这种证书做的"),
)

# Its ground, and three persons (design: exam separation)

#: An amendment of the result, or whoever changes the test, waits until the certificate is written, and the other way round.
_RESULT_LOCK = "SELECT 1 FROM results r WHERE r.id = NEW.result_id FOR NO KEY UPDATE"
_TEST_LOCK = "SELECT 1 FROM school_tests t WHERE t.id = NEW.school_test_id FOR NO KEY UPDATE"
refuse_rows(
    Certificate,
    "certificates.result_unpublished",
    on=("INSERT",),
    when=(
        "NEW.result_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM results r JOIN batches b ON b.id = r.batch_id WHERE r.id = NEW.result_id "
        "AND b.state = 'published' AND r.outcome = 'passed' AND NOT EXISTS (SELECT 1 FROM results l WHERE l.replaces_id = r.id))"
    ),
    message=say("只有已公布且合格的认定结果可以发证"),
    source=SEPARATION,
    locking=_RESULT_LOCK,
)
_CANDIDATE = "'candidate:' || r.candidate_id"
refuse_rows(
    Certificate,
    "certificates.not_noticed",
    on=("INSERT",),
    when=(
        "NEW.result_id IS NOT NULL AND EXISTS (SELECT 1 FROM results r JOIN batches b ON b.id = r.batch_id WHERE r.id = NEW.result_id "
        f"AND b.notice_days > 0 AND NOT {NOTICED.format(ref=_CANDIDATE, at='NEW.issued_at')})"
    ),
    message=say("认定结果公示期满后才能发证"),
)
refuse_rows(
    Certificate,
    "certificates.objection_open",
    on=("INSERT",),
    when=(
        "NEW.result_id IS NOT NULL AND EXISTS (SELECT 1 FROM results r WHERE r.id = NEW.result_id "
        f"AND ({OBJECTED.format(ref=_CANDIDATE)} OR (r.replaces_id IS NULL AND {UPHELD.format(ref=_CANDIDATE)})))"
    ),
    message=say("对该考生的公示有异议未办结，暂不能发证"),
)
refuse_rows(
    Certificate,
    "certificates.other_persons_result",
    on=("INSERT",),
    when=(
        "NEW.result_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM results r JOIN candidates c ON c.id = r.candidate_id "
        "JOIN enrolments e ON e.id = c.enrolment_id JOIN batches b ON b.id = r.batch_id JOIN cohorts k ON k.id = b.cohort_id "
        "WHERE r.id = NEW.result_id AND e.person_id = NEW.person_id AND b.body_id = NEW.organisation_id "
        "AND b.cohort_id = NEW.cohort_id AND k.brand_id = NEW.brand_id)"
    ),
    message=say("证书的持证人、评价机构、培训班和品牌须与认定结果一致"),
    source=SEPARATION,
)
refuse_rows(
    Certificate,
    "certificates.issuer_scored_or_decided",
    on=("INSERT",),
    when=(
        "NEW.result_id IS NOT NULL AND EXISTS (SELECT 1 FROM results n JOIN results r ON r.candidate_id = n.candidate_id WHERE n.id = NEW.result_id "
        "AND (r.decided_by = NEW.issuer_id OR EXISTS (SELECT 1 FROM marks m WHERE m.candidate_id = r.candidate_id AND m.scorer_id = NEW.issuer_id) "
        "OR EXISTS (SELECT 1 FROM carried_parts p JOIN results o ON o.id = p.result_id JOIN marks m ON m.candidate_id = o.candidate_id "
        "AND m.part = p.part WHERE p.candidate_id = r.candidate_id AND m.scorer_id = NEW.issuer_id)))"
    ),
    message=say("评分、审定、发证须由三人分别办理，请由另一人发证"),
    source=SEPARATION,
)
refuse_rows(
    Result,
    "certificates.decider_issued",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM certificates c JOIN results r ON r.id = c.result_id WHERE r.candidate_id = NEW.candidate_id "
        "AND c.issuer_id = NEW.decided_by)"
    ),
    message=say("评分、审定、发证须由三人分别办理：为该考生发证的人不能审定其成绩更改"),
    source=SEPARATION,
)
refuse_rows(
    Certificate,
    "certificates.result_amended",
    on=("UPDATE OF status",),
    when=(
        "NEW.status = 'valid' AND OLD.status <> 'valid' AND NEW.result_id IS NOT NULL AND EXISTS (SELECT 1 FROM results o "
        "JOIN results r ON r.candidate_id = o.candidate_id WHERE o.id = NEW.result_id AND r.outcome <> 'passed' "
        "AND NOT EXISTS (SELECT 1 FROM results l WHERE l.replaces_id = r.id))"
    ),
    message=say("认定结果已经更改为不合格，证书不能恢复使用；请撤销"),
    locking=_RESULT_LOCK,
)
refuse_rows(
    Certificate,
    "certificates.test_not_passed",
    on=("INSERT",),
    when=(
        "NEW.school_test_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM school_tests t JOIN enrolments e ON e.id = t.enrolment_id "
        "JOIN cohorts k ON k.id = e.cohort_id JOIN cohort_providers p ON p.cohort_id = k.id WHERE t.id = NEW.school_test_id AND t.passed "
        "AND e.state <> 'left' AND e.person_id = NEW.person_id AND k.id = NEW.cohort_id AND k.brand_id = NEW.brand_id "
        "AND p.organisation_id = NEW.organisation_id AND p.part <> 'host')"
    ),
    message=say("结业考核合格后，才能由本班的培训机构发培训合格证书"),
    locking=_TEST_LOCK,
)
_STANDING = (
    "EXISTS (SELECT 1 FROM certificates c WHERE c.school_test_id = OLD.id AND c.status IN ('valid', 'suspended'))"
)
refuse_rows(
    SchoolTest,
    "certificates.test_certified",
    on=("UPDATE",),
    when=(
        "(NEW.passed <> OLD.passed OR NEW.enrolment_id <> OLD.enrolment_id OR NEW.taken_on <> OLD.taken_on "
        f"OR NEW.theory IS DISTINCT FROM OLD.theory OR NEW.practice IS DISTINCT FROM OLD.practice) AND {_STANDING}"
    ),
    message=say("已按这次结业考核发了培训合格证书，不能更改成绩；请先撤销证书"),
)
