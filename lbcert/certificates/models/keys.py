"""Keys that sign certificates, the signed lists by which strangers know them, and the issuer's end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.certificates.token.keys import KeyState
from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows
from lbcert.core.seal import Sealed
from lbcert.core.words import say


class IssuerKey(Base, Stamped):
    """A key that signs tokens; the private half is sealed. Retired keys stay for ever.

    Its end may come earlier, never later; a retirement by an account takes two persons.
    """

    __tablename__ = "issuer_keys"
    __table_args__ = (
        CheckConstraint("not_after IS NULL OR not_after >= not_before", name="dates_in_order"),
        CheckConstraint("(state = 'compromised') = (compromised_since IS NOT NULL)", name="compromised_since_when"),
        CheckConstraint("state = 'active' OR not_after IS NOT NULL", name="over_since_when"),
        CheckConstraint("alg IN (-7, -8, -65537)", name="known_suite"),
        CheckConstraint("length(kid) = 8", name="kid_of_four_bytes"),
        CheckConstraint(
            "retired_by IS NULL OR (retirement_asked_by IS NOT NULL AND retired_by <> retirement_asked_by)",
            name="retired_by_two",
        ),
    )
    id: Mapped[Id]
    #: 4 bytes as hex, as in the token's header.
    kid: Mapped[str] = mapped_column(String(8), unique=True)
    #: COSE number of the algorithm: -7 for ES256, -8 for Ed25519, -65537 for SM2.
    alg: Mapped[int]
    #: SubjectPublicKeyInfo, DER.
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    #: PKCS #8, PEM.
    private_key: Mapped[str] = mapped_column(Sealed)
    #: JSON list of brand numbers; empty for all.
    brands: Mapped[str] = mapped_column(String(400), default="[]")
    #: First and last time of issue, both inclusive; ``not_after`` is None while no end is known.
    not_before: Mapped[datetime]
    not_after: Mapped[datetime | None]
    state: Mapped[KeyState] = mapped_column(choice(KeyState), default=KeyState.ACTIVE)
    compromised_since: Mapped[datetime | None]
    #: The account that proposed to retire it and why, and the other one that did; the console needs neither.
    retirement_asked_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    retirement_reason: Mapped[str] = mapped_column(String(300), default="")
    retired_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


append_only(
    IssuerKey,
    "certificates.issuer_key",
    say("签发密钥登记后不能改写或删除，只能停用"),
    update_when=(
        "NEW.id <> OLD.id OR NEW.kid <> OLD.kid OR NEW.alg <> OLD.alg OR NEW.public_key <> OLD.public_key OR NEW.brands <> OLD.brands "
        "OR NEW.not_before <> OLD.not_before OR (OLD.state <> 'active' AND NEW.state = 'active') "
        "OR (OLD.state = 'compromised' AND NEW.state <> OLD.state) OR NEW.compromised_since > OLD.compromised_since "
        "OR (OLD.not_after IS NOT NULL AND NEW.not_after IS NULL) OR NEW.not_after > OLD.not_after"
    ),
)


class PdfCertificate(Base, Stamped):
    """An X.509 certificate that signs PDFs, with its sealed key. Of those in force the newest signs; a withdrawn one is believed no more."""

    __tablename__ = "pdf_certificates"
    __table_args__ = (CheckConstraint("not_after > not_before", name="dates_in_order"),)
    id: Mapped[Id]
    #: SHA-256 of the certificate, in hex.
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    #: What PDF readers call the signer.
    name: Mapped[str] = mapped_column(String(200))
    #: PEM: the certificate, then those above it up to what readers have to trust.
    certificates: Mapped[str] = mapped_column(Text)
    #: PKCS #8, PEM.
    private_key: Mapped[str] = mapped_column(Sealed)
    not_before: Mapped[datetime]
    not_after: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


explain("pdf_certificates", "fingerprint", "certificates.pdf_known", say("这张签名证书已经登记过"))
append_only(
    PdfCertificate,
    "certificates.pdf_certificate",
    say("PDF 签名证书登记后不能改写或删除，只能作废"),
    update_when=(
        "NEW.id <> OLD.id OR NEW.fingerprint <> OLD.fingerprint OR NEW.name <> OLD.name OR NEW.certificates <> OLD.certificates "
        "OR NEW.not_before <> OLD.not_before OR NEW.not_after <> OLD.not_after "
        "OR (OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at IS NULL OR NEW.withdrawn_at <> OLD.withdrawn_at))"
    ),
)


class TrustList(Base, Stamped):
    """A list of all issuer keys as the offline root signed it; the one with the highest number counts."""

    __tablename__ = "trust_lists"
    __table_args__ = (CheckConstraint("expires_at IS NULL OR expires_at > signed_at", name="dates_in_order"),)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: The COSE_Sign1 to the byte as it is served (docs/formats.md), and its SHA-256.
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    #: The root's public half: SubjectPublicKeyInfo, DER.
    root_public_key: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime]
    #: None on lists of an issuer that closed.
    expires_at: Mapped[datetime | None]


append_only(TrustList, "certificates.trust_list", say("密钥名单签发后不能修改或删除；请签发新的一期"))
refuse_rows(
    TrustList,
    "certificates.trust_list_number",
    on=("INSERT",),
    when="NEW.number <> COALESCE((SELECT MAX(t.number) FROM trust_lists t), 0) + 1",
    message=say("密钥名单须逐期编号：刚才已有另一期，请重新签发"),
)


class Closing(Base, Stamped):
    """The issuer's end, at most one: nothing is signed with an issuer key from then on, and the last lists have no end.

    Trust list and status lists are published once more without ``exp``, so that what was printed can be checked for ever.
    """

    __tablename__ = "issuer_closings"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
    id: Mapped[Id] = mapped_column(default=1, autoincrement=False)
    closed_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)


append_only(Closing, "certificates.closing", say("停止签发后不能恢复"))
CLOSED = say("本机构已经停止签发证书")
refuse_rows(
    IssuerKey,
    "certificates.closed",
    on=("INSERT",),
    when="EXISTS (SELECT 1 FROM issuer_closings)",
    message=CLOSED,
)
refuse_rows(
    TrustList,
    "certificates.trust_list_end",
    on=("INSERT",),
    when="(NEW.expires_at IS NULL) <> EXISTS (SELECT 1 FROM issuer_closings)",
    message=say("密钥名单须有截止日期；停止签发以后的名单没有"),
)
