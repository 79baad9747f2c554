"""The shapes of the room's forms."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from lbcert.brands import queries, rules
from lbcert.brands.models import MenuVersion, ModuleKind
from lbcert.core.pages import choices, in_words
from lbcert.core.reference import LEVEL_LABELS, SkillLevel, Trade, TradeKind
from lbcert.core.words import say
from lbcert.parties.pickers import OrganisationField, RegionField

TRADE_KIND_LABELS = {
    TradeKind.OCCUPATION: _l("职业"),
    TradeKind.WORK_TYPE: _l("工种"),
    TradeKind.SPECIAL_ABILITY: _l("专项能力"),
    TradeKind.LOCAL: _l("本地项目"),
}
LONG, SHORT = Length(max=200), Length(max=60)


class BrandForm(FlaskForm):
    """What may change of a brand."""

    name = StringField(_l("品牌名称"), [InputRequired(_l("请填写品牌名称")), SHORT])
    slogan = StringField(_l("口号"), [LONG])
    owner_id = OrganisationField(_l("持有机构"), description=_l("商标或品牌的持有单位，可按名称查找"))
    max_items = IntegerField(
        _l("最多可选的培训项目数"), [Optional()], description=_l("不设上限请留空"), render_kw={"inputmode": "numeric"}
    )
    signs_pdfs = BooleanField(
        _l("证书 PDF 加电子签名（PAdES）"), description=_l("须先由管理员在服务器上用 lbcert keys pdf 准备签名证书")
    )


class NewBrandForm(BrandForm):
    """A new brand."""

    number = IntegerField(
        _l("品牌编号"),
        [InputRequired(_l("请填写品牌编号"))],
        description=_l("印在证书的二维码里，登记后不能更改"),
        render_kw={"inputmode": "numeric"},
    )
    region_code = RegionField(_l("所属地区"), [InputRequired(_l("请选择地区"))])

    field_order = ("name", "number", "region_code", "slogan", "owner_id", "max_items", "signs_pdfs")


class ItemForm(FlaskForm):
    """What may change of a training item."""

    name = StringField(_l("项目名称"), [InputRequired(_l("请填写项目名称")), SHORT])
    hours = IntegerField(
        _l("课时"),
        [InputRequired(_l("请填写课时"))],
        description=_l("每课时 45 分钟；学员所选模块的课时之和须达到这个数"),
        render_kw={"inputmode": "numeric"},
    )


class NewItemForm(ItemForm):
    """A new training item."""

    region_code = RegionField(
        _l("所属目录"),
        [InputRequired(_l("请选择地区"))],
        description=_l("项目进入哪个地区的目录，供该地区及其下级使用"),
    )
    trade_id = SelectField(_l("对应的职业、工种或能力"), [InputRequired()], coerce=int)
    level = SelectField(_l("等级"))

    field_order = ("name", "region_code", "trade_id", "level", "hours")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trade_id.choices = choices({trade.id: trade_label(trade) for trade in queries.all_trades()})
        levels = {level.value: in_words(LEVEL_LABELS[level]) for level in SkillLevel}
        self.level.choices = choices({"": _l("不分等级"), **levels})


def trade_label(trade: Trade) -> str:
    """Name a trade with what tells it from another of its name."""
    code = f"{trade.code}, {trade.edition}" if trade.code else TRADE_KIND_LABELS[trade.kind]
    return in_words(say("{name}（{what}）", name=trade.name, what=code))


class TradeForm(FlaskForm):
    """An occupation, 工种, ability or local item."""

    kind = SelectField(
        _l("类别"), [InputRequired()], choices=choices({kind.value: label for kind, label in TRADE_KIND_LABELS.items()})
    )
    name = StringField(_l("名称"), [InputRequired(_l("请填写名称")), SHORT])
    edition = SelectField(_l("大典年版"), choices=choices({"": _l("无"), **{str(e): str(e) for e in rules.EDITIONS}}))
    code = StringField(_l("职业编码"), [Length(max=12)], description=_l("形如 4-10-01-05；以大典原文为准"))


class ModuleForm(FlaskForm):
    """A module of a draft."""

    name = StringField(_l("模块名称"), [InputRequired(_l("请填写模块名称")), Length(max=80)])
    kind = SelectField(
        _l("类型"),
        [InputRequired()],
        choices=choices({ModuleKind.THEORY.value: _l("理论"), ModuleKind.PRACTICE.value: _l("实操")}),
    )
    hours = IntegerField(_l("课时"), [InputRequired(_l("请填写课时"))], render_kw={"inputmode": "numeric"})
    required = BooleanField(_l("必修"))
    online_allowed = BooleanField(_l("可以线上授课（仅限理论）"))
    elective_group = StringField(_l("选修组"), [Length(max=40)], description=_l("同组的模块任选其一；必修模块留空"))
    prerequisite_id = SelectField(_l("先修模块"), coerce=int)
    equipment = TextAreaField(
        _l("设备"),
        [Length(max=2000)],
        description=_l(
            "上课要用的设备，每行一项：按人数配的写“焊机 1 台/2 人”，不论人数的写“投影仪 1 台”；场地缺了就不能排课"
        ),
        render_kw={"rows": 3},
    )

    def __init__(self, *args: Any, menu: MenuVersion, own_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = {module.id: module.name for module in menu.modules if module.id != own_id}
        self.prerequisite_id.choices = choices({0: _l("无"), **others})


class ReasonForm(FlaskForm):
    """Why there is a new version."""

    reason = StringField(_l("新版本的理由"), [LONG], description=_l("如会议决定或文件；第一版可留空"))


class SheetForm(FlaskForm):
    """A sheet to be looked at."""

    file = FileField(_l("表格文件"), [FileRequired(_l("请选择文件"))], description=_l("Excel（.xlsx、.xls）或 CSV"))


class RegionSheetForm(SheetForm):
    """A sheet for a region."""

    region_code = RegionField(_l("所属地区"), [InputRequired(_l("请选择地区"))])
