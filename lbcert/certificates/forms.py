"""Shapes of this room's forms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp


class CheckForm(FlaskForm):
    """A certificate's number as it is printed, or a whole link, and the holder's last four characters."""

    type = SelectField(_l("证书种类"), validators=[Optional()], choices=[], validate_choice=False)
    number = StringField(
        _l("证书编号或链接"),
        validators=[InputRequired(_l("请填写证书编号")), Length(max=900)],
        description=_l("照证书上印的填写；也可以粘贴扫码得到的完整链接"),
    )
    last_four = StringField(
        _l("持证人身份证号后四位"),
        validators=[Optional(), Regexp(r"\s*\d{3}[\dXx]\s*$", message=_l("应为四位：数字，末位可以是 X"))],
        description=_l("填了就一并核对是不是本人的证书；不会保存"),
    )
