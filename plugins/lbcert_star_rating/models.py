"""Schemes, nominations, reviews and awards of stars; every table bears the plugin's prefix."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.brands.models import Brand
from lbcert.certificates.models import Certificate
from lbcert.cohorts.models import Enrolment
from lbcert.core.database import (
    Base,
    Id,
    Stamped,
    Versioned,
    append_only,
    choice,
    explain,
    refuse_rows,
    unique_where,
)
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
    """评价方案 of a brand: criteria, thresholds, vetoes, how many review, and how long stars last.

    It never changes, for people were judged by it: a new decision makes a new scheme and retires the old one.
    """

    __tablename__ = "star_rating_schemes"
    __table_args__ = (
        UniqueConstraint("brand_id", "name"),
        CheckConstraint("validity_months > 0", name="some_validity"),
        CheckConstraint("reviewers > 0", name="somebody_reviews"),
        CheckConstraint("notice_days > 0", name="some_notice"),
        CheckConstraint("at_work_points BETWEEN 0 AND 100", name="points_of_100"),
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
    #: Of 100, for being at work; a stable job, or one that pays better than before, has all 100.
    at_work_points: Mapped[int]
    #: The document that sets it.
    source: Mapped[str] = mapped_column(String(200))
    #: Nobody is nominated under it from this day.
    retired_on: Mapped[date | None]
    brand: Mapped[Brand] = relationship()
    organisation: Mapped[Organisation] = relationship()
    criteria: Mapped[list[SchemeCriterion]] = relationship(order_by="SchemeCriterion.id")
    thresholds: Mapped[list[SchemeThreshold]] = relationship(order_by="SchemeThreshold.stars")
    vetoes: Mapped[list[SchemeVeto]] = relationship(order_by="SchemeVeto.id")


explain("star_rating_schemes", "brand_id, name", "star_rating.scheme_name", say("本品牌已有同名的评价方案"))


class SchemeCriterion(Base):
    """评价指标 with its weight and where its points come from."""

    __tablename__ = "star_rating_criteria"
    __table_args__ = (UniqueConstraint("scheme_id", "label"), CheckConstraint("weight > 0", name="some_weight"))
    id: Mapped[Id]
    scheme_id: Mapped[int] = mapped_column(ForeignKey("star_rating_schemes.id"))
    label: Mapped[str] = mapped_column(String(60))
    weight: Mapped[int]
    evidence: Mapped[Evidence] = mapped_column(choice(Evidence))


class SchemeThreshold(Base):
    """So many points give so many stars."""

    __tablename__ = "star_rating_thresholds"
    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 10", name="some_stars"),
        CheckConstraint("points BETWEEN 0 AND 100", name="points_of_100"),
    )
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
    """A person put forward under a scheme, with the evidence as it was on that day. One at a time is under way."""

    __tablename__ = "star_rating_nominations"
    __table_args__ = (
        unique_where(
            "uq_star_rating_nominations_scheme_id_person_id",
            "scheme_id",
            "person_id",
            where="state IN ('nominated', 'reviewed', 'noticed')",
        ),
        CheckConstraint("(rejected_reason = '') OR state = 'rejected'", name="rejected_has_reason"),
        CheckConstraint("state NOT IN ('noticed', 'awarded') OR (stars > 0 AND notice_to IS NOT NULL)", name="noticed_has_stars"),
    )  # fmt: skip
    id: Mapped[Id]
    scheme_id: Mapped[int] = mapped_column(ForeignKey("star_rating_schemes.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    state: Mapped[NominationState] = mapped_column(choice(NominationState), default=NominationState.NOMINATED)
    #: JSON: criterion → {"points": 0 to 100 as an exact fraction "169/2", "basis": what it rests on}.
    evidence: Mapped[str] = mapped_column(Text)
    #: Exact weighted points as a fraction, "7983/100", once reviewed.
    points: Mapped[str] = mapped_column(String(40), default="")
    stars: Mapped[int] = mapped_column(default=0)
    notice_from: Mapped[date | None]
    notice_to: Mapped[date | None]
    #: Why stars that the review gave are not awarded, as when an objection proved true.
    rejected_reason: Mapped[str] = mapped_column(String(300), default="")
    scheme: Mapped[Scheme] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    person: Mapped[Person] = relationship()
    reviews: Mapped[list[Review]] = relationship(back_populates="nomination", order_by="Review.id")
    award: Mapped[Award | None] = relationship(back_populates="nomination")


explain(
    "star_rating_nominations", "scheme_id, person_id", "star_rating.nominated", say("此人已按本方案推荐，还没有结果")
)
refuse_rows(
    Nomination,
    "star_rating.judged",
    on=("UPDATE",),
    when=(
        "NEW.scheme_id <> OLD.scheme_id OR NEW.person_id <> OLD.person_id OR NEW.evidence <> OLD.evidence "
        "OR (OLD.state <> 'nominated' AND (NEW.stars <> OLD.stars OR NEW.points <> OLD.points)) "
        "OR (OLD.state IN ('awarded', 'rejected') AND NEW.state <> OLD.state)"
    ),
    message=say("评审结论和依据不能修改；请重新推荐"),
)


class Review(Base, Stamped):
    """One reviewer's points and vetoes; given once and never changed."""

    __tablename__ = "star_rating_reviews"
    __table_args__ = (UniqueConstraint("nomination_id", "reviewer_id"),)
    id: Mapped[Id]
    nomination_id: Mapped[int] = mapped_column(ForeignKey("star_rating_nominations.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    #: JSON: criterion → points, for the criteria that reviewers judge.
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
    #: The newest one: a replacement (换发) moves it on.
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    withdrawn_on: Mapped[date | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    nomination: Mapped[Nomination] = relationship(back_populates="award")
    certificate: Mapped[Certificate | None] = relationship()


append_only(
    Award,
    "star_rating.award",
    say("授予的星级不能修改或删除，只能撤销一次"),
    update_when=(
        "NEW.nomination_id <> OLD.nomination_id OR NEW.person_id <> OLD.person_id OR NEW.stars <> OLD.stars "
        "OR NEW.awarded_on <> OLD.awarded_on OR NEW.valid_to <> OLD.valid_to OR OLD.withdrawn_on IS NOT NULL "
        "OR (OLD.certificate_id IS NOT NULL AND NEW.certificate_id IS DISTINCT FROM OLD.certificate_id AND NOT EXISTS (SELECT 1 "
        "FROM certificates c WHERE c.id = NEW.certificate_id AND c.replaces_id = OLD.certificate_id AND c.award_ref = 'star_rating_awards:' || NEW.id))"
    ),
)
refuse_rows(
    Award,
    "star_rating.other_than_noticed",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM star_rating_nominations n WHERE n.id = NEW.nomination_id AND n.state = 'noticed' "
        "AND n.stars = NEW.stars AND n.person_id = NEW.person_id AND n.notice_to < NEW.awarded_on)"
    ),
    message=say("只能在公示期满后，按公示的星级授予"),
)
refuse_rows(
    Award,
    "star_rating.issuer_reviewed",
    on=("UPDATE OF certificate_id",),
    when=(
        "EXISTS (SELECT 1 FROM star_rating_reviews r JOIN certificates c ON c.issuer_id = r.reviewer_id "
        "WHERE r.nomination_id = NEW.nomination_id AND c.id = NEW.certificate_id)"
    ),
    message=say("评审过的人不能授予，请由另一人办理"),
)
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
