"""The shapes of the room's forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lbcert.core.access import Role, acting, roles_of
from lbcert.core.pages import choices, in_words
from lbcert.core.reference import SkillLevel, Trade
from lbcert.parties.models import FilingKind, IdKind, OrganisationKind, Person, QualificationKind, Sex
from lbcert.parties.pickers import OrganisationField, RegionField
from lbcert.parties.queries.persons import owner_of
from lbcert.parties.rules import GIVEN_BY_ADMINISTRATORS


def one_of(labels: Mapping[Any, Any]) -> list[SelectChoice]:
    """Offer values of which one must be chosen; none is chosen beforehand."""
    return choices({"": gettext("请选择"), **labels})


CHOSEN = InputRequired(_l("请选择"))


class RoleForm(FlaskForm):
    """A role and where it holds."""

    role = SelectField(_l("角色"), [CHOSEN])
    organisation_id = OrganisationField(_l("所在机构"), description=_l("在机构任职的角色填写；可按名称查找"))
    region_code = RegionField(_l("管辖地区"), description=_l("人社局、就业服务中心、审计等按地区履职的角色填写"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = [role for role in Role if role not in GIVEN_BY_ADMINISTRATORS or Role.ADMIN in roles_of(acting())]
        self.role.choices = one_of({role.value: in_words(role.label) for role in given})


class AccountForm(RoleForm):
    """A new account with its first role."""

    user_name = StringField(
        _l("用户名"), [InputRequired(_l("请填写用户名")), Length(max=40)], description=_l("字母或汉字开头，登录时使用")
    )
    name = StringField(_l("使用人姓名"), [InputRequired(_l("请填写使用人姓名")), Length(max=60)])
    phone = StringField(_l("手机号"), [Length(max=20)], description=_l("填写后也可以用手机号登录"))
    id_number = StringField(
        _l("身份证号"),
        [Length(max=30)],
        description=_l("教师、考评员必填：凭此认出他的课、考评员证和评分；须已登记为人员"),
    )

    field_order = ("user_name", "name", "phone", "role", "id_number", "organisation_id", "region_code")
    #: Whose account it is, once a number was typed and found.
    owner: Person | None = None

    def validate_id_number(self, field: StringField) -> None:
        """Ask for the number of who teaches or examines, and for a person on file who has it and the name."""
        if not field.data:
            if self.role.data in {Role.TRAINER, Role.EXAMINER}:
                raise ValidationError(gettext("教师、考评员请填写身份证号"))
            return
        self.owner = owner_of(self.name.data or "", field.data)
        if self.owner is None:
            raise ValidationError(gettext("没有姓名和身份证号都相符的人员，请先登记此人"))


class OrganisationForm(FlaskForm):
    """What the register says of an organisation."""

    name = StringField(_l("名称"), [InputRequired(_l("请填写机构名称")), Length(max=120)])
    credit_code = StringField(
        _l("统一社会信用代码"),
        [Length(max=30)],
        description=_l("18 位，照营业执照或法人证书填写；只有劳务工作站可以不填"),
    )
    region_code = RegionField(_l("所在地区"), [InputRequired(_l("请选择所在地区"))])
    address = StringField(_l("地址"), [Length(max=200)])
    contact = StringField(_l("联系人"), [Length(max=60)])
    phone = StringField(_l("联系电话"), [Length(max=20)], description=_l("留空即保留原来的电话"))

    def process(self, formdata: Any = None, obj: Any = None, **kwargs: Any) -> None:
        """Fill the form, leaving out the phone on file: it is shown masked, elsewhere."""
        super().process(formdata, obj, **kwargs)
        if obj is not None and not self.is_submitted():
            self.phone.data = ""


class NewOrganisationForm(OrganisationForm):
    """An organisation that is not in the register."""

    kind = SelectField(_l("类别"), [CHOSEN])
    founded = DateField(
        _l("成立日期"), [Optional()], description=_l("从这一天起视为独立（自己控制自己）；不知道可以不填")
    )
    phone = StringField(_l("联系电话"), [Length(max=20)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = one_of({kind.value: in_words(kind.label) for kind in OrganisationKind})


class ControllerForm(FlaskForm):
    """Who controls an organisation, from when."""

    valid_from = DateField(_l("起始日期"), [InputRequired(_l("请填写起始日期"))])
    name = StringField(_l("实际控制人"), [Length(max=120)], description=_l("单位名称或个人姓名；改为独立时留空"))
    credit_code = StringField(_l("控制单位的统一社会信用代码"), [Length(max=30)])
    id_number = StringField(_l("控制人的身份证号"), [Length(max=30)], description=_l("只用于比对，系统不保存号码本身"))


class FilingForm(FlaskForm):
    """A trade and level that an organisation files for."""

    kind = SelectField(_l("备案内容"), [CHOSEN])
    trade_id = SelectField(_l("职业（工种）"), [CHOSEN])
    level = SelectField(_l("等级"))
    site_region_code = RegionField(_l("地点"), [InputRequired(_l("请选择地点"))], description=_l("全国有效的填 000000"))
    document = StringField(_l("备案文号"), [InputRequired(_l("请填写备案文号")), Length(max=120)])
    valid_from = DateField(_l("起始日期"), [InputRequired(_l("请填写起始日期"))])
    valid_to = DateField(_l("截止日期"), [Optional()], description=_l("长期有效可以不填"))

    def __init__(self, trades: Iterable[Trade], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = one_of({kind.value: in_words(kind.label) for kind in FilingKind})
        self.trade_id.choices = one_of(trade_names(trades))
        self.level.choices = level_choices()


def trade_names(trades: Iterable[Trade]) -> dict[int, str]:
    """Name trades so that editions can be told apart: "电工（2022 版 6-31-01-03）"."""
    return {trade.id: f"{trade.name}（{trade.edition} {trade.code}）" if trade.code else trade.name for trade in trades}


def level_choices() -> list[SelectChoice]:
    """Offer every level, and none."""
    return choices({"": gettext("不分等级（全部）"), **{level.value: in_words(level.label) for level in SkillLevel}})


class PersonForm(FlaskForm):
    """What is on file of a person; sealed values are left out, and stay when left empty."""

    name = StringField(_l("姓名"), [InputRequired(_l("请填写姓名")), Length(max=60)])
    phone = StringField(_l("手机号"), [Length(max=20)], description=_l("留空即保留原来的号码"))
    household_region_code = RegionField(_l("户口所在地"))
    household_kind = StringField(_l("户口性质"), [Length(max=20)])
    category = StringField(_l("人员类别"), [Length(max=40)], description=_l("如：脱贫劳动力、登记失业人员"))
    ethnicity = StringField(_l("民族"), [Length(max=20)])
    education = StringField(_l("学历"), [Length(max=20)])
    residence_region_code = RegionField(_l("常住地"))
    address = StringField(_l("家庭住址"), [Length(max=200)], description=_l("留空即保留原来的住址"))
    bank_name = StringField(_l("开户银行"), [Length(max=80)])
    bank_holder = StringField(_l("银行户名"), [Length(max=60)])
    bank_account = StringField(_l("银行账号"), [Length(max=40)], description=_l("留空即保留原来的账号"))
    employment_register = StringField(_l("就业失业登记证号码"), [Length(max=30)])

    #: Shown masked, elsewhere: never filled in again.
    sealed = ("phone", "address", "bank_account")

    def process(self, formdata: Any = None, obj: Any = None, **kwargs: Any) -> None:
        """Fill the form, leaving out what is sealed."""
        super().process(formdata, obj, **kwargs)
        if obj is not None and not self.is_submitted():
            for name in self.sealed:
                self[name].data = ""

    def said(self) -> dict[str, str]:
        """Give the details that were written; an empty sealed one says nothing."""
        written = {field.name: field.data or "" for field in self if field.name in PersonForm.details}
        return {name: value for name, value in written.items() if value or name not in self.sealed}

    details = (
        "name", "phone", "household_region_code", "household_kind", "category", "ethnicity", "education",
        "residence_region_code", "address", "bank_name", "bank_holder", "bank_account", "employment_register",
    )  # fmt: skip


class NewPersonForm(PersonForm):
    """Somebody who is not on file."""

    id_kind = SelectField(_l("证件"), [CHOSEN])
    id_number = StringField(_l("证件号码"), [InputRequired(_l("请填写证件号码")), Length(max=30)])
    sex = SelectField(_l("性别"), description=_l("用居民身份证的不用填，从号码得出"))
    birth_date = DateField(_l("出生日期"), [Optional()], description=_l("用居民身份证的不用填，从号码得出"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.id_kind.choices = choices({kind.value: in_words(kind.label) for kind in IdKind})
        self.sex.choices = choices({"": "—", **{sex.value: in_words(sex.label) for sex in Sex}})


class PhotoForm(FlaskForm):
    """A photo to be uploaded."""

    photo = FileField(_l("照片"), [FileRequired(_l("请选择照片"))], description=_l("白底免冠证件照，JPG、PNG 或 WebP"))


#: An examiner's card is registered with its trades and its paper by the assessment body.
_CARD = QualificationKind.EXAMINER_CARD


class QualificationForm(FlaskForm):
    """A certificate or card that somebody brings along."""

    kind = SelectField(_l("证书类别"), [CHOSEN])
    number = StringField(_l("证书编号"), [InputRequired(_l("请填写证书编号")), Length(max=60)])
    issuer = StringField(_l("发证单位"), [InputRequired(_l("请填写发证单位")), Length(max=120)])
    issued_on = DateField(_l("发证日期"), [InputRequired(_l("请填写发证日期"))])
    valid_to = DateField(_l("有效期至"), [Optional()])
    trade_id = SelectField(_l("职业（工种）"), coerce=int)
    level = SelectField(_l("等级"))

    def __init__(self, trades: Iterable[Trade], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = one_of(
            {kind.value: in_words(kind.label) for kind in QualificationKind if kind is not _CARD}
        )
        self.trade_id.choices = choices({0: gettext("没有对应职业"), **trade_names(trades)})
        self.level.choices = level_choices()
