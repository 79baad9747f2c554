"""Venues (场地): classrooms and fields of schools, workshops of employers."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, Versioned, explain
from lbcert.core.reference import Region
from lbcert.core.words import say
from lbcert.parties.models import Organisation


class Venue(Base, Stamped, Versioned):
    """A classroom, workshop or field. Two schools of a town may each have a 一号教室."""

    __tablename__ = "venues"
    __table_args__ = (
        UniqueConstraint("region_code", "organisation_id", "name"),
        CheckConstraint("capacity > 0", name="some_places"),
        CheckConstraint("stations > 0", name="some_stations"),
    )
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    capacity: Mapped[int | None]
    #: 工位: how many learn by doing at once.
    stations: Mapped[int | None]
    #: What stands there, a line each.
    equipment: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: When it is open, a line each, as it was typed; empty: always.
    windows: Mapped[str] = mapped_column(Text, default="", server_default="")
    region: Mapped[Region] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


explain("venues", "region_code, organisation_id, name", "teaching.venue_taken", say("本机构在这一地区已有同名的场地"))
