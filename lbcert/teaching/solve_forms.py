"""What a search for a timetable is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lbcert.cohorts.models import Cohort
from lbcert.core.pages import choices, in_words
from lbcert.parties.models import Person
from lbcert.teaching.models import Mode, Venue
from lbcert.teaching.operations.solving import MOST_SECONDS
from lbcert.teaching.queries.solving import Asked

_NEEDED = InputRequired(_l("请填写这一项"))
_WHOLE = {"inputmode": "numeric"}


def _boxes(label: Any, **values: Any) -> SelectMultipleField:
    list_of = ListWidget(prefix_label=False)
    return SelectMultipleField(label, [Optional()], coerce=int, widget=list_of, option_widget=CheckboxInput(), **values)


class SolveForm(FlaskForm):
    """How what is left of plans is to be solved."""

    first = DateField(_l("从哪天排起"), [_NEEDED])
    hours_at_once = IntegerField(_l("每节课最多课时"), [_NEEDED, NumberRange(1, 12)], render_kw=_WHOLE)
    beside = _boxes(_l("一起排的班"), description=_l("各班各得一份课程表；教师和场地在各班之间统筹，不会冲突"))
    trainers = _boxes(_l("授课教师"), description=_l("都不选表示备案的教师和用人单位的带教师傅"))
    practice_trainers = _boxes(_l("实操另由谁教"), description=_l("都不选表示与上面相同"))
    venues = _boxes(_l("可用的场地"), description=_l("都不选表示培训地的本机构场地都可以，实操还可以用用人单位的场地"))
    practice_venues = _boxes(_l("实操另用的场地"), description=_l("都不选表示与上面相同，田间授课则不占场地"))
    practice_mode = SelectField(_l("实操方式"), [_NEEDED])
    online_theory = BooleanField(_l("可以线上的模块都在线上"))
    steady = BooleanField(_l("均匀排到每个上课日"), description=_l("不勾选则集中排，尽早结课"))
    material = StringField(_l("教材名称及出版社"), [Length(max=200)])
    seconds = IntegerField(
        _l("最多求解多久（秒）"),
        [_NEEDED, NumberRange(1, MOST_SECONDS)],
        description=_l("可以随时停止，用到那时为止最好的结果"),
        render_kw=_WHOLE,
    )

    def __init__(
        self, *args: Any, beside: Sequence[Cohort], trainers: Sequence[Person], venues: Sequence[Venue], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.beside.choices = choices({row.id: row.name for row in beside})
        if not beside:
            del self.beside
        self.trainers.choices = self.practice_trainers.choices = choices({row.id: row.name for row in trainers})
        named = {row.id: f"{row.name}（{row.organisation.name}）" if row.organisation else row.name for row in venues}
        self.venues.choices = self.practice_venues.choices = choices(named)
        in_person = [mode for mode in Mode if mode is not Mode.ONLINE]
        self.practice_mode.choices = choices({mode.value: in_words(mode.label) for mode in in_person})

    @property
    def others(self) -> list[int]:
        """The cohorts that are planned together with the page's."""
        return self.beside.data or [] if "beside" in self else []

    @property
    def asked(self) -> Asked:
        """What was typed, as the operation takes it."""
        return Asked(
            self.first.data,
            self.hours_at_once.data,
            Mode(self.practice_mode.data),
            self.online_theory.data,
            tuple(self.venues.data or ()),
            tuple(self.practice_venues.data or ()),
            tuple(self.trainers.data or ()),
            tuple(self.practice_trainers.data or ()),
            (self.material.data or "").strip(),
            self.steady.data,
        )
