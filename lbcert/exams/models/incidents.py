"""What happened at an exam (考场情况), and who was looked at beside his papers before he sat down."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, choice, refuse_rows
from lbcert.core.words import Message, say
from lbcert.exams.models.batches import BATCH_LOCK, Batch, Candidate
from lbcert.parties.models import Person


class IncidentKind(StrEnum):
    """What it was: category and kind, as TAO's proctoring sorts them, without those that need a computer."""

    COMFORT = "environment.comfort"
    DISTURBANCE = "environment.disturbance"
    NOISE = "environment.noise"
    POWER = "environment.power"
    WEATHER = "environment.weather"
    BEHAVIOUR = "candidate.behaviour"
    CHEATING = "candidate.cheating"
    COMPLAINT = "candidate.complaint"
    IDENTITY = "candidate.identity"
    ILLNESS = "candidate.illness"
    LATE = "candidate.late"
    NO_SHOW = "candidate.no_show"
    STAFF_BEHAVIOUR = "staff.behaviour"
    STAFF_COMPLIANCE = "staff.compliance"
    STAFF_ERROR = "staff.error"
    STAFF_LATE = "staff.late"
    STAFF_NO_SHOW = "staff.no_show"
    EQUIPMENT = "technical.equipment"
    MATERIAL = "technical.material"
    PAPER = "technical.paper"
    VIDEO = "technical.video"
    OTHER = "other.other"

    @property
    def category(self) -> Message:
        """The category's name on the pages."""
        return _CATEGORIES[self.value.partition(".")[0]]

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _LABELS[self]


_CATEGORIES = {
    "environment": say("环境"), "candidate": say("考生"), "staff": say("考务人员"), "technical": say("设备和材料"),
    "other": say("其他"),
}  # fmt: skip
_LABELS = {
    IncidentKind.COMFORT: say("温度、采光、桌椅"),
    IncidentKind.DISTURBANCE: say("外来干扰"),
    IncidentKind.NOISE: say("噪声"),
    IncidentKind.POWER: say("停电"),
    IncidentKind.WEATHER: say("天气"),
    IncidentKind.BEHAVIOUR: say("扰乱秩序"),
    IncidentKind.CHEATING: say("作弊、抄袭、替考"),
    IncidentKind.COMPLAINT: say("考生意见"),
    IncidentKind.IDENTITY: say("身份或证件有疑问"),
    IncidentKind.ILLNESS: say("生病、受伤"),
    IncidentKind.LATE: say("迟到"),
    IncidentKind.NO_SHOW: say("缺考"),
    IncidentKind.STAFF_BEHAVIOUR: say("行为不当"),
    IncidentKind.STAFF_COMPLIANCE: say("未按规定办理"),
    IncidentKind.STAFF_ERROR: say("差错"),
    IncidentKind.STAFF_LATE: say("考务人员迟到"),
    IncidentKind.STAFF_NO_SHOW: say("考务人员缺席"),
    IncidentKind.EQUIPMENT: say("设备故障"),
    IncidentKind.MATERIAL: say("材料、工具短缺"),
    IncidentKind.PAPER: say("试卷有误或不够"),
    IncidentKind.VIDEO: say("录像中断"),
    IncidentKind.OTHER: say("其他情况"),
}


class Incident(Base, Stamped):
    """One thing that happened, as whoever was there wrote it down."""

    __tablename__ = "incidents"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        CheckConstraint("what <> '' AND done <> ''", name="whole"),
        Index("ix_incidents_batch", "batch_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    #: None where it was about no one candidate.
    candidate_id: Mapped[int | None] = mapped_column()
    kind: Mapped[IncidentKind] = mapped_column(choice(IncidentKind))
    happened_at: Mapped[datetime]
    #: Which room, as it is called there.
    room: Mapped[str] = mapped_column(String(60), default="")
    what: Mapped[str] = mapped_column(String(1000))
    #: What was done about it.
    done: Mapped[str] = mapped_column(String(1000))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    batch: Mapped[Batch] = relationship()
    candidate: Mapped[Candidate | None] = relationship(foreign_keys=[candidate_id, batch_id], viewonly=True)
    person: Mapped[Person] = relationship()


class Seen(StrEnum):
    """What the look at somebody's face, photo and ID card gave."""

    MATCH = "match"
    DOUBT = "doubt"
    OTHER = "other"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return {"match": say("本人"), "doubt": say("有疑问"), "other": say("不是本人")}[self.value]


class IdentityCheck(Base, Stamped):
    """身份核验: one look at a candidate at the seat; the last one counts."""

    __tablename__ = "identity_checks"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        CheckConstraint("seen = 'match' OR note <> ''", name="doubt_has_note"),
        Index("ix_identity_checks_batch", "batch_id"),
        Index("ix_identity_checks_candidate", "candidate_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column()
    candidate_id: Mapped[int] = mapped_column()
    seen: Mapped[Seen] = mapped_column(choice(Seen))
    note: Mapped[str] = mapped_column(String(300), default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    candidate: Mapped[Candidate] = relationship(foreign_keys=[candidate_id, batch_id])
    person: Mapped[Person] = relationship()


append_only(Incident, "exams.incident", say("考场情况记录不能修改或删除；有补充的另记一条"))
append_only(IdentityCheck, "exams.identity", say("身份核验记录不能修改或删除；可以再核验一次"))
refuse_rows(
    IdentityCheck,
    "exams.identity_late",
    on=("INSERT",),
    when=(
        "(SELECT b.state FROM batches b WHERE b.id = NEW.batch_id) NOT IN ('planned', 'marking') "
        "OR EXISTS (SELECT 1 FROM marks m WHERE m.candidate_id = NEW.candidate_id)"
    ),
    message=say("身份核验须在评分以前；该考生已有成绩，有疑问请记为考场情况"),
    locking=BATCH_LOCK,
)
