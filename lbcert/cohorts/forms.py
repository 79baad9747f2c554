"""The shapes of the room's forms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lbcert.cohorts.models import Cohort, ProviderPart, Scheme
from lbcert.cohorts.operations.drafting import Details
from lbcert.core.pages import choices, in_words
from lbcert.parties.pickers import OrganisationField, RegionField

_NEEDED = _l("请填写")


class DetailsForm(FlaskForm):
    """The filing form's own part (开班审核表): what a cohort teaches, where, when, for whom."""

    lead_id = SelectField(_l("主办培训机构"), [InputRequired(_NEEDED)], coerce=int)
    name = StringField(_l("班级名称"), [InputRequired(_NEEDED), Length(max=120)])
    course = SelectField(_l("品牌、培训项目和菜单"), [InputRequired(_l("请选择培训项目"))])
    home_region_code = RegionField(_l("学员所在地（审批地）"), [InputRequired(_NEEDED)])
    site_region_code = RegionField(_l("上课地"), [InputRequired(_NEEDED)])
    site = StringField(_l("上课地点"), [Length(max=120)])
    starts_on = DateField(_l("开班日期"), [InputRequired(_NEEDED)])
    ends_on = DateField(_l("结业日期"), [InputRequired(_NEEDED)])
    min_size = IntegerField(
        _l("最低开班人数"), [InputRequired(_NEEDED), NumberRange(1, 9999, _l("应为 1 至 9999"))], default=1
    )
    online = BooleanField(_l("含线上授课"))
    three_stage = BooleanField(
        _l("三段式（订单组织、菜单教学、定向就业，免费）"), description=_l("勾选后三个环节都要办，收费为 0")
    )
    by_order = BooleanField(_l("订单组织"))
    by_menu = BooleanField(_l("菜单教学"))
    by_target = BooleanField(_l("定向就业"))
    choices_close_on = DateField(_l("选课截止日期"), [Optional()], description=_l("有菜单教学的班填写"))
    scheme = RadioField(_l("评价方式"), default=Scheme.SOCIAL.value)
    fund = StringField(_l("资金来源"), [Length(max=40)], description=_l("一个班只用一笔资金，如 沪滇协作资金"))
    fee = DecimalField(
        _l("向学员收费（元）"), [InputRequired(_NEEDED), NumberRange(0, 1_000_000)], default=Decimal(0), places=2
    )
    resources = TextAreaField(_l("教学资源"), [Length(max=4000)], description=_l("场地、设备、教材"))
    assessment_plan = TextAreaField(
        _l("考核方案"), [Length(max=4000)], description=_l("结业考核的内容、方式和合格标准")
    )

    #: asked for when the cohort is made, and fixed from then on
    ONCE = ("lead_id",)

    def __init__(self, courses: dict[str, str], leads: dict[int, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.course.choices = choices(courses)
        self.lead_id.choices = choices(leads)
        self.scheme.choices = choices({scheme.value: in_words(scheme.label) for scheme in Scheme})

    @property
    def details(self) -> Details:
        """What was filled in; money in 分."""
        brand, item, menu = (int(part) for part in self.course.data.split("-"))
        same = {
            field.name: field.data
            for field in self
            if field.name in Details.__dataclass_fields__ and field.name not in {"scheme", "fee_fen"}
        }
        return Details(
            **same,
            brand_id=brand,
            item_id=item,
            menu_id=menu,
            scheme=Scheme(self.scheme.data),
            fee_fen=int(self.fee.data * 100),
        )

    @staticmethod
    def filled_from(cohort: Cohort) -> dict[str, Any]:
        """Give the values that show a cohort as it is."""
        same = {name: getattr(cohort, name) for name in Details.__dataclass_fields__}
        course = f"{cohort.brand_id}-{cohort.item_id}-{cohort.menu_id}"
        return {**same, "course": course, "scheme": cohort.scheme.value, "fee": Decimal(cohort.fee_fen) / 100}


class ChangeForm(FlaskForm):
    """What may still change after the approval, and why."""

    name = StringField(_l("班级名称"), [InputRequired(_NEEDED), Length(max=120)])
    site = StringField(_l("上课地点"), [Length(max=120)])
    starts_on = DateField(_l("开班日期"), [InputRequired(_NEEDED)])
    ends_on = DateField(_l("结业日期"), [InputRequired(_NEEDED)])
    resources = TextAreaField(_l("教学资源"), [Length(max=4000)])
    assessment_plan = TextAreaField(_l("考核方案"), [Length(max=4000)])
    reason = TextAreaField(_l("变更理由"), [InputRequired(_l("请写明变更理由")), Length(max=500)])


class ProviderForm(FlaskForm):
    """A joint provider or host, with its share of the hours."""

    organisation_id = OrganisationField(
        _l("单位"), [InputRequired(_l("请选择单位"))], kinds=("provider", "employer", "station_away", "station_village")
    )
    part = SelectField(_l("承担"), [InputRequired(_NEEDED)])
    hours = IntegerField(_l("承担课时"), [Optional(), NumberRange(1, 2000)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        parts = (ProviderPart.JOINT, ProviderPart.HOST)
        self.part.choices = choices({part.value: in_words(part.label) for part in parts})


class TrainerForm(FlaskForm):
    """A trainer, found or registered by ID number."""

    name = StringField(_l("教师姓名"), [InputRequired(_NEEDED), Length(max=60)])
    id_number = StringField(_l("身份证号"), [InputRequired(_NEEDED), Length(max=30)])
    qualification = StringField(_l("学历、职称或技能等级"), [Length(max=120)])
    reason = StringField(_l("变更理由"), [Length(max=500)], description=_l("批准后变更师资时填写"))


class ModulesForm(FlaskForm):
    """Modules of the menu: a cohort's plan, or a learner's choice."""

    module_ids = SelectMultipleField(
        _l("课程模块"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    chosen_by = SelectField(_l("由谁选定"), [InputRequired(_NEEDED)])

    def __init__(self, modules: dict[int, str], choosers: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.module_ids.choices = choices(modules)
        if choosers:
            self.chosen_by.choices = choices(choosers)
        else:
            del self.chosen_by


class FileForm(FlaskForm):
    """The school's truth promise (告知承诺) with which it files."""

    promises = BooleanField(
        _l("本机构承诺：备案材料真实、准确，按备案的计划、师资和课时开展培训，如有虚假自愿承担责任")
    )


class ApplyForm(FlaskForm):
    """报名: somebody who wants to learn, by ID number."""

    name = StringField(_l("姓名"), [InputRequired(_NEEDED), Length(max=60)])
    id_number = StringField(_l("公民身份号码"), [InputRequired(_NEEDED), Length(max=30)])
    phone = StringField(_l("联系电话"), [Length(max=30)])


class LearnerForm(ApplyForm):
    """One learner who is taken into the class."""

    in_service = BooleanField(_l("在岗人员（培训后登记在岗提升，不计新增就业）"))
    job_before = StringField(_l("现从事工作"), [Length(max=120)])
    promised_on = DateField(_l("告知承诺书签署日期"), [Optional()])
    reason = StringField(_l("变更理由"), [Length(max=500)], description=_l("批准后增加学员时填写"))


class LeaveForm(FlaskForm):
    """退班."""

    on = DateField(_l("退班日期"), [InputRequired(_NEEDED)])
    reason = TextAreaField(_l("退班原因"), [InputRequired(_l("请写明退班原因")), Length(max=300)])


class RosterForm(FlaskForm):
    """A roster sheet."""

    file = FileField(
        _l("学员花名册"),
        [FileRequired(_l("请选择文件"))],
        description=_l("把文件拖到这里，或点击选择：.xlsx、.xls 或 .csv，列的顺序不限"),
    )


class PhotosForm(FlaskForm):
    """The photos of a cohort."""

    file = FileField(
        _l("照片压缩包"),
        [FileRequired(_l("请选择文件"))],
        description=_l("ZIP 压缩包，里面是 .jpg、.jpeg 或 .png 照片，可以放在文件夹里"),
    )


class ImportForm(FlaskForm):
    """What holds for all rows of a roster that is imported."""

    in_service = BooleanField(_l("都是在岗人员（培训后登记在岗提升，不计新增就业）"))
    job_before = StringField(_l("现从事工作"), [Length(max=120)])
    promised_on = DateField(_l("告知承诺书签署日期"), [Optional()], description=_l("还没有签的留空，开班前再登记"))
    reason = StringField(_l("变更理由"), [Length(max=500)], description=_l("批准后增加学员时填写"))


class SeatsForm(FlaskForm):
    """Seats of one order line."""

    line_id = SelectField(_l("订单"), [InputRequired(_NEEDED)], coerce=int)
    seats = IntegerField(_l("名额"), [InputRequired(_NEEDED), NumberRange(1, 5000, _l("应为 1 至 5000"))])

    def __init__(self, lines: dict[int, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.line_id.choices = choices(lines)
