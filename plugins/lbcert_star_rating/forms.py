"""The shapes of the plugin's forms: a scheme as data, and a review made for its scheme."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lbcert.core.pages import choices, in_words
from lbcert.parties.models import OrganisationKind
from lbcert.parties.pickers import OrganisationField
from lbcert_star_rating.models import Evidence, Scheme
from lbcert_star_rating.operations import SchemeData
from lbcert_star_rating.rules import FULL, MOST_STARS

#: Rows to fill in; what is left empty is left out.
CRITERIA, THRESHOLDS = 6, 5
#: A whole number that the database holds; what makes sense is a rule's to say.
_MOST = 10_000
_NEEDED = InputRequired(_l("请填写"))
_COUNT = [_NEEDED, NumberRange(1, _MOST)]
_POINTS = NumberRange(0, FULL, _l("请填写 0 到 100"))


class CriterionForm(Form):
    """One 评价指标."""

    label = StringField(_l("指标"), [Length(max=60)])
    weight = IntegerField(_l("权重"), [Optional(), NumberRange(0, _MOST)])
    evidence = SelectField(_l("取值依据"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.evidence.choices = choices({each.value: in_words(each.label) for each in Evidence})


class ThresholdForm(Form):
    """One 分数线."""

    stars = IntegerField(_l("星级"), [Optional(), NumberRange(1, MOST_STARS)])
    points = IntegerField(_l("最低分"), [Optional(), _POINTS])


class SchemeForm(FlaskForm):
    """A scheme of a brand."""

    name = StringField(_l("方案名称"), [_NEEDED, Length(max=60)])
    source = StringField(_l("依据文件"), [_NEEDED, Length(max=200)], description=_l("文件名称和文号"))
    organisation_id = OrganisationField(
        _l("授予单位"),
        [InputRequired(_l("请选择授予单位"))],
        kinds=(OrganisationKind.ASSOCIATION.value, OrganisationKind.BUREAU.value),
        description=_l("证书上的署名单位，由它的发证人授予"),
    )
    criteria = FieldList(FormField(CriterionForm), _l("评价指标"), min_entries=CRITERIA, max_entries=CRITERIA)
    at_work_points = IntegerField(
        _l("在岗得分"),
        [_NEEDED, _POINTS],
        description=_l("就业指标里，在岗但未满稳岗期、工资未提高的得分；稳岗或工资提高的为 100 分"),
    )
    thresholds = FieldList(FormField(ThresholdForm), _l("星级分数线"), min_entries=THRESHOLDS, max_entries=MOST_STARS)
    vetoes = TextAreaField(
        _l("一票否决项"), [Length(max=2000)], description=_l("每行一项；任何一名评审认定，即不授予星级")
    )
    reviewers = IntegerField(_l("评审人数"), _COUNT, description=_l("单数"))
    notice_days = IntegerField(_l("公示天数"), _COUNT, description=_l("工作日，开始当日不计"))
    validity_months = IntegerField(_l("有效期（月）"), _COUNT)

    @property
    def scheme(self) -> SchemeData:
        """What was filled in, as the operation takes it; a row that lacks something is left to its rules."""
        criteria = [row.data for row in self.criteria if row.data["label"] or row.data["weight"]]
        thresholds = [row.data for row in self.thresholds if row.data["stars"] or row.data["points"] is not None]
        return SchemeData(
            name=(self.name.data or "").strip(),
            organisation_id=self.organisation_id.data,
            criteria=[
                ((row["label"] or "").strip(), row["weight"] or 0, Evidence(row["evidence"])) for row in criteria
            ],
            thresholds=[(row["stars"] or 0, -1 if row["points"] is None else row["points"]) for row in thresholds],
            vetoes=[line.strip()[:120] for line in (self.vetoes.data or "").splitlines() if line.strip()],
            at_work_points=self.at_work_points.data or 0,
            reviewers=self.reviewers.data or 0,
            notice_days=self.notice_days.data or 0,
            validity_months=self.validity_months.data or 0,
            source=(self.source.data or "").strip(),
        )


class ReviewForm(FlaskForm):
    """A review; :func:`review_form` adds a field for each criterion that reviewers judge."""

    vetoes = SelectMultipleField(
        _l("一票否决项"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
        description=_l("只勾选查实的；勾选任何一项，即不授予星级"),
    )  # fmt: skip
    remark = TextAreaField(_l("评审意见"), [Length(max=500)])

    def points(self, scheme: Scheme) -> dict[str, int]:
        """Give the points by criterion; what was left empty is left out."""
        given = {row.label: self[_name(row)].data for row in judged(scheme)}
        return {label: points for label, points in given.items() if points is not None}


def judged(scheme: Scheme) -> list[Any]:
    """List the criteria that reviewers judge."""
    return [row for row in scheme.criteria if row.evidence is Evidence.REVIEWERS]


def review_form(scheme: Scheme) -> ReviewForm:
    """Make the form of a scheme: its criteria, its veto items."""
    fields = {_name(row): _points_field(row.label, row.weight) for row in judged(scheme)}
    form: ReviewForm = type("ReviewFormOfScheme", (ReviewForm,), fields)()
    form.vetoes.choices = choices({veto.id: veto.label for veto in scheme.vetoes})
    return form


def points_fields(form: ReviewForm, scheme: Scheme) -> Iterable[Any]:
    """Give the fields of the criteria, in the scheme's order."""
    return (form[_name(row)] for row in judged(scheme))


def _name(row: Any) -> str:
    return f"points_{row.id}"


def _points_field(label: str, weight: int) -> IntegerField:
    help_text = gettext("0 到 100 分，权重 %(weight)s", weight=weight)
    return IntegerField(label, [InputRequired(_l("请打分")), _POINTS], description=help_text)
