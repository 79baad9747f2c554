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
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from lbcert.brands.forms import RegionSheetForm
from lbcert.brands.models import TrainingItem
from lbcert.brands.queries import label_of
from lbcert.core.pages import choices, in_words
from lbcert.demand import queries, rules
from lbcert.demand.models import Duty, DutyState, OrderKind, OrderLine, TargetedSeat
from lbcert.parties.pickers import OrganisationField, RegionField

NEEDED = InputRequired(_l("请填写这一项"))
_WHOLE = {"inputmode": "numeric"}
_YUAN = {"inputmode": "decimal"}


def fen(yuan: Decimal | None) -> int:
    """Turn yuan as typed into 分."""
    return int((yuan or Decimal()) * 100)


class TermsForm(FlaskForm):
    """What may be bettered of a line."""

    headcount = IntegerField(_l("人数"), [NEEDED], render_kw=_WHOLE)
    wage_min = DecimalField(_l("月薪下限（元）"), [NEEDED, NumberRange(0, 1_000_000)], places=2, render_kw=_YUAN)
    wage_max = DecimalField(_l("月薪上限（元）"), [NEEDED, NumberRange(0, 1_000_000)], places=2, render_kw=_YUAN)
    arrival_on = DateField(_l("到岗日期"), [NEEDED])
    travel_days = IntegerField(
        _l("路途天数"), [Optional()], default=0, description=_l("从结业到到岗之间路上的天数"), render_kw=_WHOLE
    )
    post = StringField(_l("岗位"), [Length(max=60)], description=_l("定向名额写明的岗位；留空即为培训项目名称"))


class LineForm(TermsForm):
    """One line of an order."""

    item_id = SelectField(_l("培训项目"), [NEEDED], coerce=int)
    place_region_code = RegionField(_l("工作地区划"), [NEEDED])
    targeted = BooleanField(_l("定向：用人单位在开班前逐一点名"))

    field_order: tuple[str, ...] = (
        "item_id", "headcount", "wage_min", "wage_max", "place_region_code", "arrival_on", "travel_days", "targeted", "post",
    )  # fmt: skip

    def __init__(self, *args: Any, items: list[TrainingItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item_id.choices = choices({item.id: f"{in_words(label_of(item))} · {item.region.name}" for item in items})

    @property
    def line(self) -> rules.Line:
        """The line as the operations take it."""
        return rules.Line(
            item_id=self.item_id.data,
            headcount=self.headcount.data or 0,
            wage_min_fen=fen(self.wage_min.data),
            wage_max_fen=fen(self.wage_max.data),
            place_region_code=self.place_region_code.data or "",
            arrival_on=self.arrival_on.data,
            travel_days=self.travel_days.data or 0,
            targeted=self.targeted.data,
            post=self.post.data or "",
        )


class OrderForm(LineForm):
    """A new order with its first line."""

    kind = SelectField(_l("订单类型"), [NEEDED])
    party_id = OrganisationField(_l("用人单位或需求方"), [NEEDED], description=_l("可按名称查找"))
    agreement_id = SelectField(_l("所依据的协作协议"), coerce=int, description=_l("仅协作协议订单填写"))
    home_region_code = RegionField(_l("面向哪里的劳动者"), [NEEDED])
    signed_on = DateField(_l("签订日期"), [NEEDED])
    retention_terms = StringField(_l("留人措施"), [Length(max=300)], description=_l("如工龄工资、岗位贡献激励"))

    field_order = (
        "kind", "party_id", "agreement_id", "home_region_code", "signed_on", *LineForm.field_order, "retention_terms",
    )  # fmt: skip

    def __init__(self, *args: Any, agreements: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices({kind.value: in_words(kind.label) for kind in OrderKind})
        self.agreement_id.choices = choices({0: _l("无"), **agreements})


class PaperForm(FlaskForm):
    """A signed document."""

    file = FileField(_l("扫描件或照片"), [FileRequired(_l("请选择文件"))], description=_l("PDF、JPG 或 PNG"))


class NameForm(FlaskForm):
    """Somebody whom the employer chooses."""

    name = StringField(_l("姓名"), [NEEDED, Length(max=60)])
    id_number = StringField(_l("公民身份号码"), [NEEDED, Length(max=40)], render_kw={"autocomplete": "off"})
    post = StringField(_l("岗位"), [Length(max=60)], description=_l("留空即为订单所写的岗位"))
    wage = DecimalField(
        _l("月薪（元）"),
        [Optional(), NumberRange(0, 1_000_000)],
        places=2,
        description=_l("留空即为订单的下限"),
        render_kw=_YUAN,
    )


class IntentForm(PaperForm):
    """A learner's signed intent."""

    signed_on = DateField(_l("签订日期"), [NEEDED])


class StepBackForm(FlaskForm):
    """Why somebody steps back, and who takes over."""

    reason = StringField(_l("原因"), [NEEDED, Length(max=300)])
    fallback_line_id = SelectField(_l("由哪一家单位接收"), coerce=int)

    def __init__(self, *args: Any, seat: TargetedSeat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines: list[OrderLine] = queries.fallback_lines(seat)
        self.fallback_line_id.choices = choices(
            {0: _l("没有"), **{line.id: in_words(queries.line_label(line)) for line in lines}}
        )


class PartyForm(Form):
    """One party of an agreement."""

    organisation_id = OrganisationField(_l("单位"))
    duty = SelectField(_l("职责"), [NEEDED])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.duty.choices = choices({duty.value: in_words(duty.label) for duty in Duty})


class AgreementForm(FlaskForm):
    """A new agreement."""

    name = StringField(_l("协议名称"), [NEEDED, Length(max=120)])
    home_region_code = RegionField(_l("输出地"), [NEEDED])
    signed_on = DateField(_l("签订日期"), [NEEDED])
    valid_from = DateField(_l("生效日期"), [NEEDED])
    valid_to = DateField(_l("到期日期"), [NEEDED])
    headcount = IntegerField(_l("约定人数"), [Optional()], description=_l("协议没有写明的留空"), render_kw=_WHOLE)
    parties = FieldList(FormField(PartyForm, _l("协议一方")), _l("各方及职责"), min_entries=4, max_entries=4)


class DutyForm(FlaskForm):
    """How a duty stands."""

    state = SelectField(_l("履行情况"), [NEEDED])
    note = StringField(_l("说明"), [Length(max=300)], description=_l("做了什么，或为什么没有做到"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state.choices = choices({state.value: in_words(state.label) for state in DutyState})


class OrderSheetForm(RegionSheetForm):
    """An order sheet, and when its orders were signed: rows are judged by that day."""

    signed_on = DateField(_l("签订日期"), [NEEDED], description=_l("表中各订单的签订日期，到岗日期须在其后"))


class ImportForm(FlaskForm):
    """When the orders of a sheet were signed, and whether its good rows go in without the others."""

    signed_on = DateField(_l("签订日期"), [NEEDED], description=_l("表中各订单的签订日期"))
    good_only = BooleanField(_l("只导入无误的行"))
