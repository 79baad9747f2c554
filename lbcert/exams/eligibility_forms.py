"""The shapes of the forms about who may sit an exam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from lbcert.core.pages import in_words
from lbcert.core.reference import SkillLevel, Trade
from lbcert.exams.models import StatementKind


class RouteForm(FlaskForm):
    """One way to a level (申报条件)."""

    area_code = StringField(
        _l("适用地区"),
        [InputRequired(_l("请填写区划代码")), Length(max=12)],
        description=_l("六位区划代码；全国为 000000"),
    )
    trade_id = SelectField(_l("职业（工种）"), [Optional()], coerce=int)
    level = SelectField(_l("等级"), [InputRequired(_l("请选择等级"))])
    years = IntegerField(
        _l("从业年限"), [Optional(), NumberRange(0, 50)], description=_l("年；有证书要求的从取得证书起算")
    )
    min_age = IntegerField(_l("最低年龄"), [Optional(), NumberRange(14, 70)], description=_l("周岁"))
    held_level = SelectField(_l("须持有的证书"), [Optional()])
    proof = SelectField(_l("须提交的证明"), [Optional()])
    valid_from = DateField(_l("生效日期"), [InputRequired(_l("请填写生效日期"))])
    source = StringField(
        _l("依据"),
        [InputRequired(_l("请写明依据的文件；本局自定的写“本局设定”")), Length(max=200)],
        description=_l("职业标准名称和版次，或文号"),
    )

    @classmethod
    def offering(cls, trades: Iterable[Trade]) -> RouteForm:
        """Give the form with what may be chosen."""
        form = cls()
        every = SelectChoice(value=0, label=_l("各职业通用"))
        form.trade_id.choices = [every, *(SelectChoice(value=one.id, label=_trade(one)) for one in trades)]
        none = SelectChoice(value="", label=_l("——"))
        levels = [SelectChoice(value=one.value, label=in_words(one.label)) for one in SkillLevel]
        form.level.choices, form.held_level.choices = levels, [none, *levels]
        form.proof.choices = [
            none,
            *(SelectChoice(value=one.value, label=in_words(one.label)) for one in StatementKind),
        ]
        return form


def _trade(trade: Trade) -> str:
    return " ".join(str(part) for part in (trade.name, trade.code, trade.edition) if part)


class StatementForm(FlaskForm):
    """What a learner states of his work or schooling, with its paper."""

    kind = SelectField(_l("证明什么"), [InputRequired(_l("请选择证明什么"))])
    employer = StringField(_l("单位或学校"), [Optional(), Length(max=120)])
    since = DateField(_l("起始日期"), [Optional()], description=_l("从业经历必填"))
    until = DateField(_l("结束日期"), [Optional()], description=_l("仍在职的不填"))
    paper = FileField(
        _l("证明材料"), [FileRequired(_l("请上传证明材料"))], description=_l("盖章的工作证明、毕业证书等，图片或 PDF")
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.kind.choices = [SelectChoice(value=one.value, label=in_words(one.label)) for one in StatementKind]
