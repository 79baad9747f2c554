"""The shape of the form that sets a sitting in a room."""

from __future__ import annotations

from datetime import datetime, time

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from lbcert.core.clock import SHANGHAI
from lbcert.core.pages import in_words
from lbcert.exams.models import Batch
from lbcert.exams.rules import parts_of

_TIME = _l("北京时间")


class SittingForm(FlaskForm):
    """One part of the exam in one room."""

    part = SelectField(_l("科目"), [InputRequired(_l("请选择科目"))])
    room = StringField(
        _l("考场"), [InputRequired(_l("请填写考场名称")), Length(max=60)], description=_l("如“第 1 考场”“电工实训车间”")
    )
    capacity = IntegerField(
        _l("可容纳人数"),
        [InputRequired(_l("请填写可容纳人数")), NumberRange(1, 1000, _l("可容纳人数应在 1 至 1000 之间"))],
        description=_l("座位数，实操考场为工位数"),
    )
    starts_at = DateTimeLocalField(_l("开始时间"), [InputRequired(_l("请填写开始时间"))], description=_TIME)
    ends_at = DateTimeLocalField(_l("结束时间"), [InputRequired(_l("请填写结束时间"))], description=_TIME)

    @classmethod
    def of(cls, batch: Batch) -> SittingForm:
        """Give the form for a batch, with its parts and its day."""
        form = cls(
            starts_at=datetime.combine(batch.held_on, time(9)), ends_at=datetime.combine(batch.held_on, time(10, 30))
        )
        form.part.choices = [
            SelectChoice(value=one.value, label=in_words(one.label)) for one in parts_of(with_review=batch.with_review)
        ]
        return form

    def moments(self) -> tuple[datetime, datetime]:
        """Give beginning and end as typed, in Beijing time."""
        starts, ends = self.starts_at.data, self.ends_at.data
        assert starts is not None and ends is not None  # noqa: S101, PT018 (the form asked for both)
        return starts.replace(tzinfo=SHANGHAI), ends.replace(tzinfo=SHANGHAI)
