"""The shapes of the room's forms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from lbcert.core.access import ROLE_LABELS
from lbcert.core.pages import in_words
from lbcert.parties.pickers import OrganisationField, RegionField


class RoleForm(FlaskForm):
    """A role and where it holds."""

    role = SelectField(_l("角色"))
    organisation_id = OrganisationField(_l("所在机构"), description=_l("在机构任职的角色填写；可按名称查找"))
    region_code = RegionField(_l("管辖地区"), description=_l("人社局、就业服务中心、审计等按地区履职的角色填写"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [
            SelectChoice(value=role.value, label=in_words(label)) for role, label in ROLE_LABELS.items()
        ]


class AccountForm(RoleForm):
    """A new account with its first role."""

    user_name = StringField(
        _l("用户名"), [InputRequired(_l("请填写用户名")), Length(max=40)], description=_l("字母或汉字开头，登录时使用")
    )
    name = StringField(_l("使用人姓名"), [InputRequired(_l("请填写使用人姓名")), Length(max=60)])
    phone = StringField(_l("手机号"), [Length(max=20)], description=_l("填写后也可以用手机号登录"))

    field_order = ("user_name", "name", "phone", "role", "organisation_id", "region_code")
