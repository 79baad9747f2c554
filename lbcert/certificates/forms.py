"""Shapes of this room's forms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget


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


class OwnForm(FlaskForm):
    """The three values that show whose the certificates are. What is wrong with them is never said more closely."""

    phone = TelField(
        _l("手机号"),
        validators=[InputRequired(_l("请填写手机号")), Length(max=30)],
        description=_l("参加培训时登记的手机号"),
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    last_four = StringField(
        _l("身份证号后四位"),
        validators=[InputRequired(_l("请填写身份证号后四位")), Length(max=10)],
        description=_l("末位是 X 的，填 X"),
        render_kw={"autocomplete": "off"},
    )
    code = StringField(
        _l("本人查询码"),
        validators=[InputRequired(_l("请填写本人查询码")), Length(max=20)],
        description=_l("8 位数字，印在证书查验说明的下面；随便哪一本证书上的都行"),
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )


class ShareForm(FlaskForm):
    """Which certificates somebody is shown, and for how long."""

    certificates = SelectMultipleField(
        _l("给对方看哪几本"),
        validators=[InputRequired(_l("请至少勾选一本证书"))],
        coerce=int,
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    days = RadioField(_l("看多久"), validators=[InputRequired(_l("请选择天数"))], coerce=int, choices=[])


class CheckManyForm(FlaskForm):
    """A sheet of numbers or links, or a ZIP of certificates."""

    file = FileField(
        _l("清单或压缩包"),
        [FileRequired(_l("请选择文件"))],
        description=_l("有“证书编号”一列的 .xlsx、.xls 或 .csv，编号、链接都可以；或装着证书 PDF、照片的 .zip"),
    )


class StepForm(FlaskForm):
    """Why a certificate's status changes: a coarse reason for everybody, the details for the file."""

    reason = RadioField(_l("原因（公开）"), validators=[InputRequired(_l("请选择原因"))], choices=[])
    detail = TextAreaField(
        _l("依据和经过（只存档，不公开）"),
        validators=[InputRequired(_l("请写明依据和经过")), Length(max=2000)],
        render_kw={"rows": 4},
    )


class PrefixForm(FlaskForm):
    """A number prefix as the authorities' document gives it."""

    organisation_id = SelectField(_l("评价机构"), coerce=int, choices=[])
    prefix = StringField(
        _l("编号前缀"),
        validators=[InputRequired(_l("请填写前缀")), Length(max=20)],
        description=_l("13 位：Y 或 S，机构代码 4 位，省级代码 2 位，机构（站点）序列码 6 位"),
    )
    document = StringField(_l("批复文件"), validators=[InputRequired(_l("请填写批复文件")), Length(max=120)])
    valid_from = DateField(_l("启用日期"), validators=[InputRequired(_l("请填写启用日期"))])
    valid_to = DateField(_l("停用日期"), validators=[Optional()])


_CODE = {"rows": 22, "wrap": "off", "spellcheck": "false", "autocomplete": "off", "data-code": ""}


class BeginDesignForm(FlaskForm):
    """For whom and for which type a design is begun, and from which look."""

    organisation_id = SelectField(_l("发证机构"), validators=[InputRequired(_l("请选择单位"))], coerce=int, choices=[])
    type = SelectField(_l("证书种类"), validators=[InputRequired(_l("请选择"))], choices=[])
    start = SelectField(_l("从哪一版起草"), validators=[InputRequired(_l("请选择"))], choices=[], validate_choice=False)


class DesignForm(FlaskForm):
    """The three texts of a design, and what is new in it."""

    remark = StringField(_l("改了什么"), validators=[Length(max=200)])
    template = TextAreaField(
        _l("模板（HTML）"),
        validators=[InputRequired(_l("请填写模板"))],
        description=_l("花括号里的内容换成证书上的值；写法见操作手册“证书版式”一节"),
        render_kw=_CODE,
    )
    style = TextAreaField(_l("样式（CSS）"), validators=[InputRequired(_l("请填写样式"))], render_kw=_CODE)
    frame = TextAreaField(
        _l("底图（SVG）"),
        validators=[InputRequired(_l("请填写底图"))],
        description=_l("印在每一页下面的花边和底纹，与纸一样大"),
        render_kw=_CODE,
    )


class ChooseForm(FlaskForm):
    """Which certificates are meant: a cohort's, a batch's, or those of a list; one of the four."""

    cohort = StringField(_l("班号"), validators=[Optional(), Length(max=40)])
    batch = StringField(_l("考核批次号"), validators=[Optional(), Length(max=40)])
    numbers = TextAreaField(
        _l("证书编号清单"),
        validators=[Optional(), Length(max=40_000)],
        description=_l("每行一个，也可以用空格、逗号或顿号隔开"),
        render_kw={"rows": 4},
    )
    sheet = FileField(_l("清单文件"), description=_l("有“证书编号”一列的 .xlsx、.xls 或 .csv"))
    type = SelectField(_l("证书种类"), validators=[Optional()], choices=[], validate_choice=False)


class BulkRevocationForm(StepForm):
    """Why the certificates of a dry run are revoked, with the signed decision."""

    certificate_ids = HiddenField(validators=[Regexp(r"\d{1,15}(,\d{1,15}){0,999}$")])
    chosen = HiddenField(validators=[Length(max=120)])
    paper = FileField(
        _l("签字盖章的决定"), [FileRequired(_l("请附上签字盖章的决定"))], description=_l("扫描件或照片，图片或 PDF")
    )


class AnswerSheetForm(FlaskForm):
    """The answer of the national query to a file."""

    file = FileField(
        _l("回执表格"), [FileRequired(_l("请选择文件"))], description=_l("Excel（.xlsx、.xls）或 CSV，按证书编号对应")
    )
