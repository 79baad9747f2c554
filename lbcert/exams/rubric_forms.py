"""The shape of the form in which a body writes a rubric."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from lbcert.core.pages import choices, in_words
from lbcert.core.reference import SkillLevel, Trade
from lbcert.exams.models import Part


class RubricForm(FlaskForm):
    """A version of a rubric: its items as lines, shown as a table before they are kept."""

    trade_id = SelectField(_l("职业（工种）"), [InputRequired(_l("请选择职业"))], coerce=int)
    level = SelectField(_l("等级"), [Optional()])
    part = SelectField(_l("科目"), [InputRequired(_l("请选择科目"))])
    items = TextAreaField(
        _l("评分项目"),
        [InputRequired(_l("请填写评分项目")), Length(max=10_000)],
        description=_l(
            "一行一项：项目名称，权重，满分，评分要点；可以从 Excel 里复制四列粘贴。权重合计 100；满分不填即与权重相同。"
        ),
        render_kw={"rows": 10, "spellcheck": "false"},
    )
    valid_from = DateField(
        _l("生效日期"), [InputRequired(_l("请填写生效日期"))], description=_l("当日及以后的认定适用")
    )
    source = StringField(
        _l("依据"),
        [InputRequired(_l("请写明依据的文件；本机构自定的写“本机构制定”")), Length(max=200)],
        description=_l("职业标准名称和版次，或本机构的考核方案"),
    )
    #: The items as they were last shown: only those are kept.
    seen = HiddenField()

    @classmethod
    def offering(cls, trades: Iterable[Trade], **values: Any) -> RubricForm:
        """Give the form with what may be chosen, filled in with ``values`` until it is sent."""
        form = cls(data=values)
        form.trade_id.choices = [
            SelectChoice(value=one.id, label=f"{one.name} {one.code or ''}".strip()) for one in trades
        ]
        form.level.choices = choices({"": _l("不分等级"), **{one.value: in_words(one.label) for one in SkillLevel}})
        form.part.choices = choices({one.value: in_words(one.label) for one in Part})
        return form

    @property
    def was_seen(self) -> bool:
        """Tell whether the items are those that the form last showed as a table."""
        return bool(self.seen.data) and _plain(self.seen.data) == _plain(self.items.data or "")


def _plain(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
