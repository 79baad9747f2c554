"""The shapes of the room's forms."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from lbcert.oversight.models import NoticeLine


class ObjectionForm(FlaskForm):
    """An objection, by somebody who names himself."""

    line_id = SelectField(_l("对谁有异议"), coerce=int)
    name = StringField(
        _l("您的姓名"), [InputRequired(_l("请填写您的姓名")), Length(max=60)], description=_l("只用于核实，不公开")
    )
    contact = StringField(
        _l("联系方式"),
        [InputRequired(_l("请填写联系方式")), Length(max=120)],
        description=_l("手机号或单位地址，答复时联系您"),
    )
    reason = TextAreaField(_l("异议内容和理由"), [InputRequired(_l("请写明异议内容和理由")), Length(max=2000)])

    def offer(self, lines: Iterable[NoticeLine]) -> None:
        """Set whom it may be against."""
        self.line_id.choices = [
            SelectChoice(value=0, label=_l("整份公示")),
            *(SelectChoice(value=one.id, label=f"{one.name} {one.last_four}") for one in lines),
        ]
