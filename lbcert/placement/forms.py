"""The shapes of the room's forms. Wages are typed in 元 and kept in 分."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, DecimalField, RadioField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from lbcert.core.pages import choices
from lbcert.parties.pickers import OrganisationField, RegionField
from lbcert.placement.models import Channel
from lbcert.placement.rules import JobDetails, Promotion

_DATE = InputRequired(_l("请填写日期"))
_POST = [InputRequired(_l("请填写岗位")), Length(max=60)]
#: 元 a month; ten million is a slip of the keyboard.
_WAGE = [InputRequired(_l("请填写月工资")), NumberRange(1, 10_000_000, _l("请填写每月的工资，单位为元"))]


def in_fen(yuan: Decimal) -> int:
    """Turn typed 元 into 分."""
    return int(yuan * 100)


class JobForm(FlaskForm):
    """A job after training."""

    employer_id = OrganisationField(_l("用人单位"), [InputRequired(_l("请选择用人单位"))])
    place_region_code = RegionField(_l("工作地"), [InputRequired(_l("请填写工作地区划"))])
    post = StringField(_l("岗位"), _POST)
    started_on = DateField(_l("到岗日期"), [_DATE])
    wage = DecimalField(_l("月工资（元）"), _WAGE, places=2)
    channel = RadioField(
        _l("就业渠道"),
        choices=choices(
            {
                Channel.ORGANISED: _l("集中输出"),
                Channel.LOCAL: _l("县内转移"),
                Channel.PUBLIC_POST: _l("公益岗位"),
                Channel.OWN: _l("自主就业"),
            }
        ),
        default=Channel.ORGANISED.value,
    )
    has_contract = BooleanField(_l("已签劳动合同"))
    seasonal = BooleanField(_l("季节性用工"), description=_l("季节性用工不算稳定就业"))

    def details(self, line_id: int | None) -> JobDetails:
        """Give what was typed as the operation takes it."""
        typed: dict[str, Any] = self.data
        return JobDetails(
            typed["employer_id"],
            typed["place_region_code"],
            typed["post"],
            typed["started_on"],
            in_fen(typed["wage"]),
            typed["has_contract"],
            Channel(typed["channel"]),
            typed["seasonal"],
            line_id,
        )


class PromotionForm(FlaskForm):
    """The job before and after of somebody at work already."""

    employer_id = OrganisationField(_l("用人单位"), [InputRequired(_l("请选择用人单位"))])
    post_before = StringField(_l("参训前岗位"), _POST)
    wage_before = DecimalField(_l("参训前月工资（元）"), _WAGE, places=2)
    grade_before = StringField(_l("参训前等级"), [Length(max=40)])
    post_after = StringField(_l("现岗位"), _POST)
    wage_after = DecimalField(_l("现月工资（元）"), _WAGE, places=2)
    grade_after = StringField(_l("现等级"), [Length(max=40)])
    as_of = DateField(_l("核实日期"), [_DATE])

    def promotion(self) -> Promotion:
        """Give what was typed as the operation takes it."""
        typed: dict[str, Any] = self.data
        return Promotion(
            typed["employer_id"],
            typed["post_before"],
            typed["post_after"],
            in_fen(typed["wage_before"]),
            in_fen(typed["wage_after"]),
            typed["as_of"],
            typed["grade_before"] or "",
            typed["grade_after"] or "",
        )


class DayForm(FlaskForm):
    """The day on which the worker was seen, or left."""

    day = DateField(_l("日期"), [_DATE])


class SheetForm(FlaskForm):
    """A sheet of outcomes to be checked."""

    file = FileField(
        _l("登记表"), [FileRequired(_l("请选择文件"))], description=_l("Excel（.xlsx、.xls）或 CSV，列的顺序不限")
    )
