"""Schemes, nominations, reviews and awards of stars; every table bears the plugin's prefix."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.brands.models import Brand
from lbcert.certificates.models import Certificate
from lbcert.cohorts.models import Enrolment
from lbcert.core.database import Base, Id, Stamped, Versioned, append_only, choice, explain, refuse_rows
from lbcert.core.words import Message, say
from lbcert.parties.models import Organisation, Person


class Evidence(StrEnum):
    """Where a criterion's points come from."""

    MARKS = "marks"
    ATTENDANCE = "attendance"
    OUTCOME = "outcome"
    REVIEWERS = "reviewers"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _EVIDENCE_LABELS[self]


_EVIDENCE_LABELS = {
    Evidence.MARKS: say("认定成绩"),
    Evidence.ATTENDANCE: say("出勤率"),
    Evidence.OUTCOME: say("就业或在岗提升"),
    Evidence.REVIEWERS: say("评审打分"),
}


class Scheme(Base, Stamped, Versioned):
    """评价方案 of a brand: criteria, thresholds, vetoes, how many review, and how long stars last."""

    __tablename__ = "star_rating_schemes"
    __table_args__ = (
        UniqueConstraint("brand_id", "name"),
        CheckConstraint("validity_months > 0", name="some_validity"),
        CheckConstraint("reviewers > 0", name="somebody_reviews"),
        CheckConstraint("notice_days > 0", name="some_notice"),
    )
    id: Mapped[Id]
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    name: Mapped[str] = mapped_column(String(60))
    #: The body that awards and whose name the certificate bears.
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    validity_months: Mapped[int]
    reviewers: Mapped[int]
    #: Working days of public notice before an award.
    notice_days: Mapped[int]
    #: The document that sets it.
    source: Mapped[str] = mapped_column(String(200))
    brand: Mapped[Brand] = relationship()
    organisation: Mapped[Organisation] = relationship()
    criteria: Mapped[list[SchemeCriterion]] = relationship(order_by="SchemeCriterion.id")
    thresholds: Mapped[list[SchemeThreshold]] = relationship(order_by="SchemeThreshold.stars")
    vetoes: Mapped[list[SchemeVeto]] = relationship(order_by="SchemeVeto.id")


explain("star_rating_schemes", "brand_id, name", "star_rating.scheme_name", say("本品牌已有同名的评价方案"))


class SchemeCriterion(Base):
    """评价指标 with its weight and where its points come from."""

    __tablename__ = "star_rating_criteria"
    __table_args__ = (UniqueConstraint("scheme_id", "key"), CheckConstraint("weight > 0", name="some_weight"))
    id: Mapped[Id]
    scheme_id: Mapped[int] = mapped_column(ForeignKey("star_rating_schemes.id"))
    key: Mapped[str] = mapped_column(String(30))
    label: Mapped[str] = mapped_column(String(60))
    weight: Mapped[int]
    evidence: Mapped[Evidence] = mapped_column(choice(Evidence))


class SchemeThreshold(Base):
    """So many points give so many stars."""

    __tablename__ = "star_rating_thresholds"
    scheme_id: Mapped[int] = mapped_column(ForeignKey("star_rating_schemes.id"), primary_key=True)
    stars: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[int]


class SchemeVeto(Base):
    """一票否决项: one reviewer who finds it leaves no star."""

    __tablename__ = "star_rating_vetoes"
    id: Mapped[Id]
    scheme_id: Mapped[int] = mapped_column(ForeignKey("star_rating_schemes.id"))
    label: Mapped[str] = mapped_column(String(120))


class NominationState(StrEnum):
    """A nomination's way; *rejected* and *awarded* are ends."""

    NOMINATED = "nominated"
    REVIEWED = "reviewed"
    NOTICED = "noticed"
    AWARDED = "awarded"
    REJECTED = "rejected"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _STATE_LABELS[self]


_STATE_LABELS = {
    NominationState.NOMINATED: say("评审中"),
    NominationState.REVIEWED: say("评审完成"),
    NominationState.NOTICED: say("公示中"),
    NominationState.AWARDED: say("已授予"),
    NominationState.REJECTED: say("未达星级"),
}


class Nomination(Base, Stamped, Versioned):
    """A person put forward under a scheme, with the evidence as it was on that day."""

    __tablename__ = "star_rating_nominations"
    __table_args__ = (
        UniqueConstraint("scheme_id", "enrolment_id"),
        CheckConstraint("state NOT IN ('noticed', 'awarded') OR (stars > 0 AND notice_to IS NOT NULL)", name="noticed_has_stars"),
    )  # fmt: skip
    id: Mapped[Id]
    scheme_id: Mapped[int] = mapped_column(ForeignKey("star_rating_schemes.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    state: Mapped[NominationState] = mapped_column(choice(NominationState), default=NominationState.NOMINATED)
    #: JSON: criterion key → {"points": 0 to 100, "basis": what it rests on}.
    evidence: Mapped[str] = mapped_column(Text)
    #: Exact weighted points as a fraction, "7983/100", once reviewed.
    points: Mapped[str] = mapped_column(String(40), default="")
    stars: Mapped[int] = mapped_column(default=0)
    notice_from: Mapped[date | None]
    notice_to: Mapped[date | None]
    scheme: Mapped[Scheme] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    person: Mapped[Person] = relationship()
    reviews: Mapped[list[Review]] = relationship(back_populates="nomination", order_by="Review.id")
    award: Mapped[Award | None] = relationship(back_populates="nomination")


explain("star_rating_nominations", "scheme_id, enrolment_id", "star_rating.nominated", say("此人已按本方案推荐过"))


class Review(Base, Stamped):
    """One reviewer's points and vetoes; given once and never changed."""

    __tablename__ = "star_rating_reviews"
    __table_args__ = (UniqueConstraint("nomination_id", "reviewer_id"),)
    id: Mapped[Id]
    nomination_id: Mapped[int] = mapped_column(ForeignKey("star_rating_nominations.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    #: JSON: criterion key → points, for the criteria that reviewers judge.
    points: Mapped[str] = mapped_column(Text)
    #: JSON: ids of the veto items found.
    vetoes: Mapped[str] = mapped_column(Text, default="[]")
    remark: Mapped[str] = mapped_column(String(500), default="")
    nomination: Mapped[Nomination] = relationship(back_populates="reviews")
    reviewer: Mapped[Person] = relationship()


append_only(Review, "star_rating.review", say("评审意见提交后不能修改或删除"))
explain("star_rating_reviews", "nomination_id, reviewer_id", "star_rating.reviewed_twice", say("您已评审过此人"))
refuse_rows(
    Review,
    "star_rating.review_of_oneself",
    on=("INSERT",),
    when="EXISTS (SELECT 1 FROM star_rating_nominations n WHERE n.id = NEW.nomination_id AND n.person_id = NEW.reviewer_id)",
    message=say("不能评审自己"),
)


class Award(Base, Stamped, Versioned):
    """Stars given to a person, with the certificate that says so, and its withdrawal."""

    __tablename__ = "star_rating_awards"
    __table_args__ = (
        UniqueConstraint("nomination_id"),
        CheckConstraint("stars > 0", name="some_stars"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason = '')", name="withdrawn_has_reason"),
    )
    id: Mapped[Id]
    nomination_id: Mapped[int] = mapped_column(ForeignKey("star_rating_nominations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    stars: Mapped[int]
    awarded_on: Mapped[date]
    valid_to: Mapped[date]
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    withdrawn_on: Mapped[date | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    nomination: Mapped[Nomination] = relationship(back_populates="award")
    certificate: Mapped[Certificate | None] = relationship()


refuse_rows(
    Award,
    "star_rating.too_few_reviews",
    on=("INSERT",),
    when=(
        "(SELECT COUNT(*) FROM star_rating_reviews r WHERE r.nomination_id = NEW.nomination_id) < "
        "(SELECT s.reviewers FROM star_rating_schemes s JOIN star_rating_nominations n ON n.scheme_id = s.id WHERE n.id = NEW.nomination_id)"
    ),
    message=say("评审人数不足，不能授予"),
)
