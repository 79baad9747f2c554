"""The shapes of the room's forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.core import clock
from lbcert.core.clock import SHANGHAI
from lbcert.core.intake import whole_number
from lbcert.core.pages import choices, in_words
from lbcert.teaching.models import Attendance, AttendanceMark, Mode, Session, Venue
from lbcert.teaching.operations.attendance import Presence
from lbcert.teaching.queries.resources import trainers_for
from lbcert.teaching.rules import SIGNS, Lesson

NEEDED = InputRequired(_l("请填写这一项"))
_WHOLE = {"inputmode": "numeric"}


class LessonForm(FlaskForm):
    """A session: what, when, where, by whom."""

    module_id = SelectField(_l("课程模块"), coerce=int)
    title = StringField(_l("上课内容"), [Length(max=120)], description=_l("模块名称之外还要写明的，如“触电急救”"))
    day = DateField(_l("上课日期"), [NEEDED])
    starts = TimeField(_l("上课时间"), [NEEDED])
    ends = TimeField(_l("下课时间"), [NEEDED])
    hours = IntegerField(_l("课时"), [NEEDED, NumberRange(1, 24)], description=_l("每课时 45 分钟"), render_kw=_WHOLE)
    mode = SelectField(_l("授课方式"))
    venue_id = SelectField(_l("上课地点"), coerce=int)
    trainer_id = SelectField(_l("培训教师"), coerce=int)
    material = StringField(_l("教材名称及出版社"), [Length(max=200)])
    meeting_link = StringField(
        _l("会议链接"), [Length(max=300)], description=_l("线上授课的入会地址，以 https:// 开头")
    )

    def __init__(self, *args: Any, cohort: Cohort, venues: Sequence[Venue], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.module_id.choices = choices({row.module_id: row.module.name for row in cohort.plan})
        self.mode.choices = choices({mode.value: in_words(mode.label) for mode in Mode})
        self.venue_id.choices = choices(
            {0: _l("不在固定地点（线上、田间）"), **{row.id: _named(row) for row in venues}}
        )
        self.trainer_id.choices = choices({person.id: person.name for person in trainers_for(cohort)})

    @property
    def lesson(self) -> Lesson:
        """The session as the operations take it."""
        day, starts, ends = self.day.data, self.starts.data, self.ends.data
        return Lesson(
            module_id=self.module_id.data,
            starts_at=datetime.combine(day, starts, SHANGHAI),
            ends_at=datetime.combine(day, ends, SHANGHAI),
            hours=self.hours.data or 0,
            mode=Mode(self.mode.data),
            trainer_id=self.trainer_id.data,
            venue_id=None if self.mode.data == Mode.ONLINE else self.venue_id.data or None,
            title=(self.title.data or "").strip(),
            material=(self.material.data or "").strip(),
            meeting_link=(self.meeting_link.data or "").strip(),
        )


def lesson_values(session: Session) -> dict[str, Any]:
    """Give what a `LessonForm` of a session is filled with."""
    starts, ends = clock.local(session.starts_at), clock.local(session.ends_at)
    kept = ("module_id", "title", "hours", "trainer_id", "material", "meeting_link")
    return {name: getattr(session, name) for name in kept} | {
        "day": starts.date(),
        "starts": starts.time(),
        "ends": ends.time(),
        "mode": session.mode.value,
        "venue_id": session.venue_id or 0,
    }


class PatternForm(FlaskForm):
    """When a cohort is to be taught."""

    names = SelectMultipleField(
        _l("班型"), [Optional()], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    own_windows = TextAreaField(
        _l("本班的上课时段"),
        [Length(max=2000)],
        description=_l(
            "每行一条，如“周三、周五 14:00-17:00”“工作日 18:00-21:00”；日子可写周几、工作日、周末、节假日、每天。"
            "只用于一部分课的，前面写明：理论、实操，或线下、线上、田间、岗位，如“理论：每天 19:00-22:00”“田间、岗位：每天 08:00-12:00”"
        ),
        render_kw={"rows": 4},
    )
    hours_a_day = IntegerField(_l("每天最多课时"), [Optional(), NumberRange(1, 24)], render_kw=_WHOLE)
    in_order = BooleanField(_l("按教学计划的先后，上完一个模块再上下一个"))
    reason = StringField(
        _l("变更理由"),
        [InputRequired(_l("请写明变更理由")), Length(max=500)],
        description=_l("批准后变更班型须写明理由，变更会留下记录"),
    )

    def __init__(self, *args: Any, patterns: Mapping[str, str], is_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names.choices = choices(patterns)
        if not is_change:
            del self.reason


class SheetForm(FlaskForm):
    """A course table to be checked."""

    file = FileField(
        _l("课程表文件"), [FileRequired(_l("请选择文件"))], description=_l("Excel（.xlsx、.xls）或 CSV，列的顺序不限")
    )


class CorrectionForm(FlaskForm):
    """Another mark in place of one, and why."""

    mark = RadioField(_l("考勤"))
    in_time = TimeField(_l("签到时间"), [Optional()])
    out_time = TimeField(_l("签退时间"), [Optional()])
    reason = StringField(_l("更正理由"), [NEEDED, Length(max=300)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mark.choices = choices({mark.value: in_words(mark.label) for mark in SIGNS})

    def presence(self, session: Session) -> Presence:
        """Give the mark as the operation takes it; the times are of the session's day."""
        day = clock.local(session.starts_at).date()
        moments = [
            datetime.combine(day, typed.data, SHANGHAI) if typed.data else None
            for typed in (self.in_time, self.out_time)
        ]
        return Presence(AttendanceMark(self.mark.data), *moments)


def correction_values(mark: Attendance) -> dict[str, Any]:
    """Give what a `CorrectionForm` of a mark is filled with."""
    times = {"in_time": mark.in_at, "out_time": mark.out_at}
    return {"mark": mark.mark.value} | {name: clock.local(at).time() if at else None for name, at in times.items()}


class LogForm(FlaskForm):
    """What was taught, and how many were counted."""

    #: ``id``: the page's own part is called content
    content = TextAreaField(_l("教学内容"), [NEEDED, Length(max=5000)], id="taught", render_kw={"rows": 6})
    head_count = IntegerField(
        _l("实到人数"), [InputRequired(_l("请填写这一项")), NumberRange(0, 10_000)], render_kw=_WHOLE
    )


class LeaveForm(FlaskForm):
    """A learner's request to be away."""

    enrolment_id = SelectField(_l("学员"), coerce=int)
    reason = StringField(_l("请假事由"), [NEEDED, Length(max=300)])

    def __init__(self, *args: Any, learners: Sequence[Enrolment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.enrolment_id.choices = choices({row.id: row.person.name for row in learners})


class SignedSheetForm(FlaskForm):
    """A photograph of the sheet that learners signed."""

    file = FileField(
        _l("签到表照片"),
        [FileRequired(_l("请选择文件"))],
        description=_l("用手机拍清楚整张签了字的签到表；JPG、PNG 或 PDF"),
        render_kw={"accept": "image/jpeg,image/png,application/pdf"},
    )


class BindForm(FlaskForm):
    """What a learner's paper slip says, and the end of the ID number."""

    code = StringField(
        _l("绑定码"),
        [InputRequired(_l("请填写绑定码")), Length(max=20)],
        description=_l("绑定条上的 8 位数字"),
        render_kw=_WHOLE | {"autocomplete": "one-time-code"},
    )
    last_four = StringField(
        _l("身份证号后四位"),
        [InputRequired(_l("请填写身份证号后四位")), Length(max=4)],
        render_kw={"autocomplete": "off"},
    )


class ItemsForm(FlaskForm):
    """The practical items of the school's test, one a line."""

    names = TextAreaField(
        _l("实操项目"),
        [NEEDED, Length(max=5000)],
        description=_l("每行一项，如“导线连接”；已有的项目会保留"),
        render_kw={"rows": 8},
    )


class TestDayForm(FlaskForm):
    """The day of the school's test; the marks stand in a grid of their own."""

    taken_on = DateField(_l("考核日期"), [NEEDED])


def _named(venue: Venue) -> str:
    return f"{venue.name}（{venue.organisation.name}）" if venue.organisation else venue.name


def mark_or_absent(text: str) -> int | None:
    """Read a mark as typed, None for 缺考; raises ValueError for nothing, which is neither."""
    return None if text == "缺考" else int(text)


def typed(form: Mapping[str, str], prefix: str) -> dict[int, str]:
    """Give the inputs named ``prefix`` and an id, by that id."""
    found = ((name.removeprefix(prefix), value) for name, value in form.items() if name.startswith(prefix))
    return {number: value for key, value in found if (number := whole_number(key)) is not None}
