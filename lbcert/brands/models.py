"""Brands (劳务品牌), training items (培训项目), and menu versions with their modules."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, Versioned, choice, explain, refuse_rows, unique_where
from lbcert.core.reference import Region, SkillLevel, Trade
from lbcert.core.words import Message, say
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
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("max_items > 0", name="some_items"),
    )
    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    slogan: Mapped[str] = mapped_column(String(200), default="")
    #: The most training items the brand may choose (宁蒗: 30); None for no limit.
    max_items: Mapped[int | None]
    #: Whether the PDFs of its certificates bear an electronic signature.
    signs_pdfs: Mapped[bool] = mapped_column(default=False)
    region: Mapped[Region] = relationship()
    owner: Mapped[Organisation | None] = relationship()
    items: Mapped[list[TrainingItem]] = relationship(secondary=brand_items, order_by="TrainingItem.id")
    plugins: Mapped[list[BrandPlugin]] = relationship(back_populates="brand", cascade="all, delete-orphan")


explain("brands", "name", "brands.name_taken", say("已有同名的劳务品牌"))
explain("brands", "number", "brands.number_taken", say("这一品牌编号已属于另一个劳务品牌"))
refuse_rows(
    Brand,
    "brands.number_fixed",
    on=("UPDATE",),
    when="NEW.number <> OLD.number",
    message=say("品牌编号印在证书的二维码里，登记后不能更改"),
)


class BrandPlugin(Base):
    """A plugin that is on for a brand."""

    __tablename__ = "brand_plugins"
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(60), primary_key=True)
    brand: Mapped[Brand] = relationship(back_populates="plugins")


class TrainingItem(Base, Stamped, Versioned):
    """What is taught and paid for. Items that are no occupation point at a trade of kind *local* and bear no level.

    An item stands in the catalogue (培训项目目录) of a region, and serves that region and all within it.
    """

    __tablename__ = "training_items"
    __table_args__ = (
        UniqueConstraint("region_code", "name", "level"),
        unique_where("uq_training_items_region_code_name", "region_code", "name", where="level IS NULL"),
        CheckConstraint("hours > 0", name="some_hours"),
    )
    id: Mapped[Id]
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    name: Mapped[str] = mapped_column(String(60))
    trade_id: Mapped[int] = mapped_column(ForeignKey("trades.id"))
    level: Mapped[SkillLevel | None] = mapped_column(choice(SkillLevel))
    #: Class hours of 45 minutes that the chosen modules must reach together.
    hours: Mapped[int]
    region: Mapped[Region] = relationship()
    trade: Mapped[Trade] = relationship()
    menus: Mapped[list[MenuVersion]] = relationship(back_populates="item", order_by="MenuVersion.version_number")


for _columns in ("edition, code", "kind, name, edition"):
    explain("trades", _columns, "brands.trade_conflict", say("同一年版里一个编码、一个名称只属于一个职业，请核对大典"))
for _columns in ("region_code, name, level", "region_code, name"):
    explain("training_items", _columns, "brands.item_taken", say("本地目录中已有同名、同等级的培训项目"))


class MenuVersion(Base, Stamped, Versioned):
    """One version of an item's menu. Published, it never changes: a new decision makes a new version."""

    __tablename__ = "menu_versions"
    __table_args__ = (
        UniqueConstraint("item_id", "version_number"),
        unique_where("uq_menu_versions_item_id", "item_id", where="published_on IS NULL"),
    )
    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("training_items.id"))
    version_number: Mapped[int]
    published_on: Mapped[date | None]
    #: Why there is a new one: a meeting's decision, a document.
    reason: Mapped[str] = mapped_column(String(200), default="")
    item: Mapped[TrainingItem] = relationship(back_populates="menus")
    modules: Mapped[list[Module]] = relationship(back_populates="menu", order_by="Module.position")


explain("menu_versions", "item_id", "brands.menu_draft_exists", say("这一项目已有一份菜单草稿，请先发布或继续修改它"))


class ModuleKind(StrEnum):
    """What a module teaches."""

    THEORY = "theory"
    PRACTICE = "practice"

    @property
    def label(self) -> Message:
        """Its name on the pages and in the sheet."""
        return _KIND_LABELS[self]


_KIND_LABELS = {ModuleKind.THEORY: say("理论"), ModuleKind.PRACTICE: say("实操")}


class Module(Base):
    """A piece of the menu. Of the electives in one ``elective_group``, exactly one is chosen; a required one is in none."""

    __tablename__ = "modules"
    __table_args__ = (
        UniqueConstraint("menu_id", "name"),
        CheckConstraint("hours > 0", name="some_hours"),
        UniqueConstraint("menu_id", "id"),
        CheckConstraint("kind = 'theory' OR NOT online_allowed", name="practice_is_not_online"),
        CheckConstraint("NOT required OR elective_group = ''", name="required_is_no_elective"),
        ForeignKeyConstraint(
            ["menu_id", "prerequisite_id"], ["modules.menu_id", "modules.id"], name="fk_modules_prerequisite"
        ),
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
    #: What its lessons need, a line each: 焊机 1 台/2 人.
    equipment: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: A module of the same menu to be taken before it.
    prerequisite_id: Mapped[int | None]
    menu: Mapped[MenuVersion] = relationship(back_populates="modules")
    prerequisite: Mapped[Module | None] = relationship(
        primaryjoin="foreign(Module.prerequisite_id) == remote(Module.id)"
    )


explain("modules", "menu_id, name", "brands.module_twice", say("这份菜单里已有同名的模块"))

_PUBLISHED = "EXISTS (SELECT 1 FROM menu_versions v WHERE v.id IN ({menus}) AND v.published_on IS NOT NULL)"
_FROZEN = say("菜单发布后不能修改；请建立新的菜单版本")
for _happening, _menus in (
    ("INSERT", "NEW.menu_id"),
    ("UPDATE", "OLD.menu_id, NEW.menu_id"),
    ("DELETE", "OLD.menu_id"),
):
    refuse_rows(
        Module,
        f"brands.menu_published.module_{_happening.lower()}",
        on=(_happening,),
        when=_PUBLISHED.format(menus=_menus),
        message=_FROZEN,
    )
    if _happening != "INSERT":
        refuse_rows(
            MenuVersion,
            f"brands.menu_published.{_happening.lower()}",
            on=(_happening,),
            when="OLD.published_on IS NOT NULL",
            message=_FROZEN,
        )
