"""Brands (劳务品牌), training items (培训项目), and menu versions with their modules."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, Versioned, choice, explain, refuse_rows
from lbcert.core.reference import Region, SkillLevel, Trade
from lbcert.core.words import say
from lbcert.parties.models import Organisation

brand_items = Table(
    "brand_items",
    Base.metadata,
    Column("brand_id", ForeignKey("brands.id"), primary_key=True),
    Column("item_id", ForeignKey("training_items.id"), primary_key=True),
)


class Brand(Base, Stamped, Versioned):
    """A labour brand. ``number`` is the registered integer that stands in the QR; a printed one never changes."""

    __tablename__ = "brands"
    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    slogan: Mapped[str] = mapped_column(String(200), default="")
    #: The most training items the brand may choose (宁蒗: 30); None for no limit.
    max_items: Mapped[int | None]
    region: Mapped[Region] = relationship()
    owner: Mapped[Organisation | None] = relationship()
    items: Mapped[list[TrainingItem]] = relationship(secondary=brand_items, order_by="TrainingItem.id")
    plugins: Mapped[list[BrandPlugin]] = relationship(back_populates="brand", cascade="all, delete-orphan")


explain("brands", "name", "brands.name_taken", say("已有同名的劳务品牌"))


class BrandPlugin(Base):
    """A plugin that is on for a brand."""

    __tablename__ = "brand_plugins"
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(60), primary_key=True)
    brand: Mapped[Brand] = relationship(back_populates="plugins")


class TrainingItem(Base, Stamped, Versioned):
    """What is taught and paid for. Items that are no occupation point at a trade of kind *local* and bear no level."""

    __tablename__ = "training_items"
    __table_args__ = (
        UniqueConstraint("name", "level"),
        CheckConstraint("hours > 0", name="some_hours"),
    )
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60))
    trade_id: Mapped[int] = mapped_column(ForeignKey("trades.id"))
    level: Mapped[SkillLevel | None] = mapped_column(choice(SkillLevel))
    #: Class hours of 45 minutes that the chosen modules must sum to.
    hours: Mapped[int]
    trade: Mapped[Trade] = relationship()
    menus: Mapped[list[MenuVersion]] = relationship(back_populates="item", order_by="MenuVersion.version_number")


class MenuVersion(Base, Stamped):
    """One version of an item's menu. Published, it never changes: a new decision makes a new version."""

    __tablename__ = "menu_versions"
    __table_args__ = (UniqueConstraint("item_id", "version_number"),)
    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("training_items.id"))
    version_number: Mapped[int]
    published_on: Mapped[date | None]
    #: Why there is a new one: a meeting's decision, a document.
    reason: Mapped[str] = mapped_column(String(200), default="")
    item: Mapped[TrainingItem] = relationship(back_populates="menus")
    modules: Mapped[list[Module]] = relationship(back_populates="menu", order_by="Module.position")


class ModuleKind(StrEnum):
    """What a module teaches."""

    THEORY = "theory"
    PRACTICE = "practice"


class Module(Base):
    """A piece of the menu. Electives of one ``elective_group`` are chosen among each other."""

    __tablename__ = "modules"
    __table_args__ = (
        UniqueConstraint("menu_id", "name"),
        CheckConstraint("hours > 0", name="some_hours"),
        CheckConstraint("kind = 'theory' OR NOT online_allowed", name="practice_is_not_online"),
        Index("ix_modules_menu_position", "menu_id", "position", unique=True),
    )
    id: Mapped[Id]
    menu_id: Mapped[int] = mapped_column(ForeignKey("menu_versions.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[ModuleKind] = mapped_column(choice(ModuleKind))
    hours: Mapped[int]
    required: Mapped[bool]
    online_allowed: Mapped[bool]
    elective_group: Mapped[str] = mapped_column(String(40), default="")
    #: A module to be taken before it.
    prerequisite_id: Mapped[int | None] = mapped_column(ForeignKey("modules.id"))
    menu: Mapped[MenuVersion] = relationship(back_populates="modules")
    prerequisite: Mapped[Module | None] = relationship(remote_side="Module.id")


_PUBLISHED = "EXISTS (SELECT 1 FROM menu_versions v WHERE v.id = {row}.menu_id AND v.published_on IS NOT NULL)"
for _happenings, _row in ((("INSERT", "UPDATE"), "NEW"), (("DELETE",), "OLD")):
    refuse_rows(
        Module,
        f"brands.published_menu_{'change' if _row == 'NEW' else 'delete'}",
        on=_happenings,
        when=_PUBLISHED.format(row=_row),
        message=say("菜单发布后不能修改；请建立新的菜单版本"),
    )
