"""Organisations, persons, and the accounts that act for them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask import current_app
from flask_security.core import UserMixin, WebAuthnMixin
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.config import Settings
from lbcert.core.access import SECOND_FACTOR_ROLES, Actor, Role
from lbcert.core.database import Base, Id, Stamped, Versioned, choice, explain, refuse_rows, unique_where
from lbcert.core.files import StoredFile
from lbcert.core.identity.id_number import Sex
from lbcert.core.reference import Region, SkillLevel, Trade
from lbcert.core.seal import Sealed, keyring
from lbcert.core.words import Message, say


class OrganisationKind(StrEnum):
    """What an organisation is in the work of a labour brand."""

    BUREAU = "bureau"
    SERVICE_CENTRE = "service_centre"
    PROVIDER = "provider"
    ASSESSMENT_BODY = "assessment_body"
    EMPLOYER = "employer"
    ASSOCIATION = "association"
    STATION_AWAY = "station_away"
    STATION_TOWNSHIP = "station_township"
    STATION_VILLAGE = "station_village"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _KIND_LABELS[self]


_KIND_LABELS = {
    OrganisationKind.BUREAU: say("人社局"),
    OrganisationKind.SERVICE_CENTRE: say("就业服务中心"),
    OrganisationKind.PROVIDER: say("培训机构"),
    OrganisationKind.ASSESSMENT_BODY: say("评价机构"),
    OrganisationKind.EMPLOYER: say("用人单位"),
    OrganisationKind.ASSOCIATION: say("协会"),
    OrganisationKind.STATION_AWAY: say("驻外劳务工作站"),
    OrganisationKind.STATION_TOWNSHIP: say("乡级劳务服务工作站"),
    OrganisationKind.STATION_VILLAGE: say("村级劳务服务工作点"),
}


class Organisation(Base, Stamped, Versioned):
    """A body that takes part. A firm that is both employer and assessment body (kind Y) has a row for each."""

    __tablename__ = "organisations"
    __table_args__ = (
        UniqueConstraint("credit_code", "kind"),
        Index("ix_organisations_kind_region", "kind", "region_code"),
    )
    id: Mapped[Id]
    kind: Mapped[OrganisationKind] = mapped_column(choice(OrganisationKind))
    name: Mapped[str] = mapped_column(String(120))
    #: 统一社会信用代码; stations and villages may have none.
    credit_code: Mapped[str | None] = mapped_column(String(18))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    address: Mapped[str] = mapped_column(String(200), default="")
    contact: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str | None] = mapped_column(Sealed)
    region: Mapped[Region] = relationship()
    controls: Mapped[list[Control]] = relationship(
        back_populates="organisation", foreign_keys="Control.organisation_id", order_by="Control.valid_from"
    )
    filings: Mapped[list[Filing]] = relationship(back_populates="organisation", order_by="Filing.id")

    @property
    def own_code(self) -> str:
        """The code under which it controls itself."""
        return self.credit_code or f"organisation:{self.id}"


explain(
    "organisations", "credit_code, kind", "parties.credit_code_taken", say("这一统一社会信用代码已经登记过同类机构")
)


class Control(Base, Stamped):
    """Who controls an organisation, from when to when (实际控制人). An independent body controls itself: never NULL."""

    __tablename__ = "controls"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),)
    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    #: The controlling party's code: a credit code, or "person:" and the index of a natural person's ID number.
    controller: Mapped[str] = mapped_column(String(80), index=True)
    controller_name: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    organisation: Mapped[Organisation] = relationship(back_populates="controls")


class FilingKind(StrEnum):
    """What an organisation filed for (备案)."""

    TEACH = "teach"
    ASSESS = "assess"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return say("培训") if self is FilingKind.TEACH else say("评价")


class Filing(Base, Stamped):
    """A trade and level that a provider may teach or a body may assess, where and from when to when."""

    __tablename__ = "filings"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        Index("ix_filings_organisation_kind", "organisation_id", "kind"),
    )
    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[FilingKind] = mapped_column(choice(FilingKind))
    trade_id: Mapped[int] = mapped_column(ForeignKey("trades.id"))
    #: None: every level.
    level: Mapped[SkillLevel | None] = mapped_column(choice(SkillLevel))
    #: Where it may be done; 000000 for the whole country.
    site_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    document: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    organisation: Mapped[Organisation] = relationship(back_populates="filings")
    trade: Mapped[Trade] = relationship()


class IdKind(StrEnum):
    """The paper that identifies a person."""

    RESIDENT = "resident"
    PASSPORT = "passport"
    FOREIGN_PERMANENT = "foreign_permanent"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _ID_LABELS[self]


_ID_LABELS = {
    IdKind.RESIDENT: say("居民身份证（含港澳台居民居住证）"),
    IdKind.PASSPORT: say("护照"),
    IdKind.FOREIGN_PERMANENT: say("外国人永久居留身份证"),
}


class Person(Base, Stamped, Versioned):
    """Somebody who learns, teaches or examines. ID number, phone and bank account are sealed and found by index."""

    __tablename__ = "persons"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60), index=True)
    #: For sorting and search: "zhang san".
    pinyin: Mapped[str] = mapped_column(String(200), default="", index=True)
    sex: Mapped[Sex] = mapped_column(choice(Sex))
    birth_date: Mapped[date]
    id_kind: Mapped[IdKind] = mapped_column(choice(IdKind), default=IdKind.RESIDENT)
    id_number: Mapped[str] = mapped_column(Sealed)
    id_index: Mapped[str] = mapped_column(String(64), unique=True)
    #: 530128********0017, so that lists need not unseal.
    id_masked: Mapped[str] = mapped_column(String(24))
    phone: Mapped[str | None] = mapped_column(Sealed)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    bank_account: Mapped[str | None] = mapped_column(Sealed)
    bank_index: Mapped[str | None] = mapped_column(String(64), index=True)
    bank_name: Mapped[str] = mapped_column(String(80), default="")
    bank_holder: Mapped[str] = mapped_column(String(60), default="")
    ethnicity: Mapped[str] = mapped_column(String(20), default="")
    #: 人员类别: 脱贫劳动力, 登记失业人员, 农村转移就业劳动者 …
    category: Mapped[str] = mapped_column(String(40), default="")
    household_kind: Mapped[str] = mapped_column(String(20), default="")
    household_region_code: Mapped[str] = mapped_column(String(12), default="", index=True)
    residence_region_code: Mapped[str] = mapped_column(String(12), default="")
    address: Mapped[str | None] = mapped_column(Sealed)
    postcode: Mapped[str] = mapped_column(String(10), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    mail_address: Mapped[str | None] = mapped_column(Sealed)
    education: Mapped[str] = mapped_column(String(20), default="")
    #: 就业失业登记证号码
    employment_register: Mapped[str] = mapped_column(String(30), default="")
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    photo: Mapped[StoredFile | None] = relationship()
    qualifications: Mapped[list[Qualification]] = relationship(back_populates="person", order_by="Qualification.id")


explain("persons", "id_index", "parties.id_number_taken", say("这一公民身份号码已经登记在另一人名下"))


class QualificationKind(StrEnum):
    """What a person holds."""

    COMPLETION = "completion"
    SKILL_LEVEL = "skill_level"
    SPECIAL_ABILITY = "special_ability"
    TITLE = "title"
    STAR = "star"
    TEACHING = "teaching"
    EXAMINER_CARD = "examiner_card"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _QUALIFICATION_LABELS[self]


_QUALIFICATION_LABELS = {
    QualificationKind.COMPLETION: say("培训合格证书"),
    QualificationKind.SKILL_LEVEL: say("职业技能等级证书"),
    QualificationKind.SPECIAL_ABILITY: say("专项职业能力证书"),
    QualificationKind.TITLE: say("称号"),
    QualificationKind.STAR: say("星级"),
    QualificationKind.TEACHING: say("教师资格证书"),
    QualificationKind.EXAMINER_CARD: say("考评员证卡"),
}


class Qualification(Base, Stamped):
    """A certificate or card of a person, ours or recorded from elsewhere; what later rooms ask "same trade and level before?" of."""

    __tablename__ = "qualifications"
    __table_args__ = (UniqueConstraint("kind", "number"),)
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[QualificationKind] = mapped_column(choice(QualificationKind))
    trade_id: Mapped[int | None] = mapped_column(ForeignKey("trades.id"))
    level: Mapped[SkillLevel | None] = mapped_column(choice(SkillLevel))
    number: Mapped[str] = mapped_column(String(60))
    issuer: Mapped[str] = mapped_column(String(120))
    issued_on: Mapped[date]
    valid_to: Mapped[date | None]
    #: Ours has a certificate of this installation behind it; recorded ones were issued elsewhere.
    recorded: Mapped[bool] = mapped_column(default=False)
    #: False while revoked or suspended.
    stands: Mapped[bool] = mapped_column(default=True)
    person: Mapped[Person] = relationship(back_populates="qualifications")
    trade: Mapped[Trade | None] = relationship()


explain("qualifications", "kind, number", "parties.qualification_twice", say("这一编号的同类证书已经登记过"))


class Account(Base, UserMixin, Stamped):
    """Somebody who signs in. What Flask-Security changes here is carried through an operation (``parties.sign_in``)."""

    __tablename__ = "accounts"
    #: In clear for whoever was just given it, and in no column.
    one_time_password = ""

    id: Mapped[Id]
    user_name: Mapped[str] = mapped_column(String(60), unique=True)
    #: Index of the phone, by which the account can sign in too.
    phone_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password: Mapped[str | None] = mapped_column(String(255))
    #: Given by somebody else: nothing can be done before it is changed.
    password_is_temporary: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    #: Names the account in its sessions; a new one ends them all.
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    language: Mapped[str] = mapped_column(String(10), default="")
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(Sealed)
    #: Counter of the last code used, so that none is accepted twice.
    tf_last_counter: Mapped[int | None]
    last_login_at: Mapped[datetime | None]  # type: ignore[assignment]  # the library's mixin knows no first sign-in
    current_login_at: Mapped[datetime | None]  # type: ignore[assignment]
    last_login_ip: Mapped[str | None] = mapped_column(String(64))
    current_login_ip: Mapped[str | None] = mapped_column(String(64))
    login_count: Mapped[int] = mapped_column(default=0)
    person: Mapped[Person | None] = relationship()
    grants: Mapped[list[Grant]] = relationship(back_populates="account", order_by="Grant.id")
    #: Its passkeys, under the library's name for them.
    webauthn: Mapped[list[Passkey]] = relationship(  # type: ignore[assignment]  # the library's list is of its mixin
        back_populates="account", order_by="Passkey.id"
    )

    @property
    def label(self) -> str:
        """How the audit log names it."""
        return f"{self.name}（{self.user_name}）"

    @property
    def roles(self) -> list[Any]:  # type: ignore[override]  # the mixin's is a column
        """None in the library's sense: roles with scope are ``grants``."""
        return []

    @property
    def fs_webauthn_user_handle(self) -> str:  # type: ignore[override]  # the mixin's is a column
        """What a passkey knows it by: 64 characters that tell nothing, always the same."""
        return keyring().index("passkey", str(self.id))

    @property
    def needs_second_factor(self) -> bool:
        """Tell whether one of its roles may not be used with a password alone."""
        settings: Settings = current_app.config["LBCERT"]
        return settings.second_factor and any(grant.role in SECOND_FACTOR_ROLES for grant in self.grants)

    def is_of(self, actor: Actor) -> bool:
        """Tell whether an actor is whoever has this account, by another account too: no second person then."""
        return self.id == actor.id or (self.person_id is not None and self.person_id == actor.person_id)

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Answer the library: a second factor is asked for where a role needs one, and wherever one was set up."""
        del tf_fresh  # no device is remembered
        return self.needs_second_factor or bool(tf_setup_methods), tf_setup_methods

    def check_tf_required_setup(self) -> bool:
        """Answer the library: who needs a second factor cannot put it away."""
        return self.needs_second_factor


explain("accounts", "user_name", "parties.user_name_taken", say("这一用户名已被使用"))
explain("accounts", "phone_index", "parties.phone_taken", say("这一手机号已绑定其他账号"))


class Grant(Base, Stamped):
    """A role of an account, at one organisation or over one region."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (region_code IS NULL)", name="one_scope"),
        unique_where(
            "ix_grants_account_id_role_organisation_id", "account_id", "role", "organisation_id",
            where="organisation_id IS NOT NULL",
        ),
        unique_where(
            "ix_grants_account_id_role_region_code", "account_id", "role", "region_code", where="region_code IS NOT NULL"
        ),
    )  # fmt: skip
    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    account: Mapped[Account] = relationship(back_populates="grants")
    organisation: Mapped[Organisation | None] = relationship()
    region: Mapped[Region | None] = relationship()


_GRANTED = say("这一账号已有同样范围的这一角色")
explain("grants", "account_id, role, organisation_id", "parties.role_granted", _GRANTED)
explain("grants", "account_id, role, region_code", "parties.role_granted", _GRANTED)


class Passkey(Base, WebAuthnMixin, Stamped):
    """A key pair whose private half stays in somebody's phone or computer; with it and a finger, face or PIN he signs in."""

    __tablename__ = "passkeys"
    __table_args__ = (UniqueConstraint("account_id", "name"),)
    #: What the library asks of each: every one signs in by itself, and nothing else is kept of its device.
    usage, transports, extensions = "first", None, None

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: COSE_Key.
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    #: How often it signed; 0 where the device does not count.
    sign_count: Mapped[int] = mapped_column(BigInteger)
    lastuse_datetime: Mapped[datetime]
    account: Mapped[Account] = relationship(back_populates="webauthn")

    def get_user_mapping(self) -> dict[str, Any]:
        """Answer the library: whose it is."""
        return {"id": self.account_id}


explain("passkeys", "account_id, name", "parties.passkey_name_taken", say("您已有一把同名的通行密钥，请换个名字"))
explain("passkeys", "credential_id", "parties.passkey_taken", say("这把通行密钥已经登记过"))


class ApiToken(Base, Stamped):
    """A key with which a program acts as an account; only its hash is kept."""

    __tablename__ = "api_tokens"
    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    withdrawn_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship()


refuse_rows(
    Control,
    "parties.control_overlaps",
    on=("INSERT",),
    when="EXISTS (SELECT 1 FROM controls c WHERE c.organisation_id = NEW.organisation_id AND c.valid_to IS NULL)",
    message=say("请先写明原实际控制人的截止日期，再登记新的实际控制人"),
)
