"""The shapes of the forms about trainers, venues, bookings and ways."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from lbcert.core.clock import SHANGHAI
from lbcert.core.pages import choices
from lbcert.parties.models import Organisation, Person
from lbcert.parties.pickers import RegionField
from lbcert.teaching.models import TrainerProfile
from lbcert.teaching.operations.resources import Terms
from lbcert.teaching.operations.sessions import Room

_NEEDED = InputRequired(_l("请填写这一项"))
_WHOLE = {"inputmode": "numeric"}
_LINES = {"rows": 3}


class VenueForm(FlaskForm):
    """A classroom, workshop or field."""

    name = StringField(_l("场地名称"), [_NEEDED, Length(max=120)], description=_l("如“职教中心 301 教室”"))
    capacity = IntegerField(_l("可容纳人数"), [Optional(), NumberRange(1, 100_000)], render_kw=_WHOLE)
    stations = IntegerField(
        _l("工位数"), [Optional(), NumberRange(1, 100_000)], description=_l("同时能动手操作的人数"), render_kw=_WHOLE
    )
    equipment = TextAreaField(
        _l("设备"),
        [Length(max=2000)],
        description=_l("每行一项，如“焊机 10 台”；排课时与课程模块要用的设备核对"),
        render_kw=_LINES,
    )
    windows = TextAreaField(
        _l("开放时段"),
        [Length(max=2000)],
        description=_l("每行一条，如“工作日 08:00-18:00”“周六 09:00-12:00”；不填表示随时可用"),
        render_kw=_LINES,
    )

    @property
    def room(self) -> Room:
        """What the venue has and allows, as the operations take it."""
        return Room(self.stations.data, (self.equipment.data or "").strip(), (self.windows.data or "").strip())


class OwnedForm(FlaskForm):
    """Whose something new is: one of the organisations that the account keeps things for."""

    organisation_id = SelectField(_l("所属机构"), [_NEEDED], coerce=int)

    def __init__(self, *args: Any, owners: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation_id.choices = choices({owner.id: owner.name for owner in owners})


class NewVenueForm(OwnedForm, VenueForm):
    """A venue with whose it is and where."""

    region_code = RegionField(_l("所在地区"), [_NEEDED])

    field_order = ("name", "region_code", "organisation_id", "capacity", "stations", "equipment", "windows")


class TermsForm(FlaskForm):
    """What may be asked of a trainer."""

    subjects = TextAreaField(
        _l("授课内容"),
        [Length(max=2000)],
        description=_l("每行一项，写培训项目或课程模块，如“电工”“操作实训”“电工：操作实训”；不填表示都能教"),
        render_kw=_LINES,
    )
    windows = TextAreaField(
        _l("可上课的时段"),
        [Length(max=2000)],
        description=_l("每行一条，如“工作日 18:00-21:00”“周六、周日 08:00-18:00”；不填表示都可以"),
        render_kw=_LINES,
    )
    hours_a_week = IntegerField(_l("每周最多课时"), [Optional(), NumberRange(1, 100)], render_kw=_WHOLE)
    home_region_code = RegionField(_l("常住地"), [Optional()])
    nights_away = IntegerField(
        _l("最多连续外宿（晚）"),
        [Optional(), NumberRange(0, 200)],
        description=_l("在外地上课、来不及回常住地过夜的晚数；须填常住地"),
        render_kw=_WHOLE,
    )

    @property
    def terms(self) -> Terms:
        """What was typed, as the operations take it."""
        return Terms(
            self.home_region_code.data or None,
            self.subjects.data or "",
            self.windows.data or "",
            self.hours_a_week.data,
            self.nights_away.data,
        )


class NewTrainerForm(OwnedForm, TermsForm):
    """A trainer or mentor, by ID number."""

    name = StringField(_l("姓名"), [_NEEDED, Length(max=60)])
    id_number = StringField(_l("身份证号"), [_NEEDED, Length(max=30)])

    field_order = (
        "name", "id_number", "organisation_id", "subjects", "windows", "hours_a_week", "home_region_code", "nights_away",
    )  # fmt: skip


class BookingForm(FlaskForm):
    """From when to when something is taken, and why; whole days where no times are given."""

    first = DateField(_l("开始日期"), [_NEEDED])
    begins = TimeField(_l("开始时间"), [Optional()])
    last = DateField(_l("结束日期"), [_NEEDED])
    ends = TimeField(_l("结束时间"), [Optional()], description=_l("不填时间表示整天"))
    reason = StringField(_l("事由"), [_NEEDED, Length(max=200)], description=_l("如“请假”“检修”“会议”"))

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The moments."""
        starts = datetime.combine(self.first.data, self.begins.data or time(), SHANGHAI)
        return starts, datetime.combine(self.last.data, self.ends.data or time(23, 59, 59), SHANGHAI)


class TravelForm(OwnedForm):
    """Hours on the way between two regions."""

    one_code = RegionField(_l("一地"), [_NEEDED])
    other_code = RegionField(_l("另一地"), [_NEEDED])
    hours = IntegerField(
        _l("路途（小时）"),
        [InputRequired(_l("请填写这一项")), NumberRange(0, 200)],
        description=_l("填 0 删除"),
        render_kw=_WHOLE,
    )


class SignForm(FlaskForm):
    """Which mentor signs the hours of a session."""

    mentor_id = SelectField(_l("带教师傅"), [_NEEDED], coerce=int)

    def __init__(self, *args: Any, mentors: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mentor_id.choices = choices({person.id: person.name for person in mentors})


def terms_typed(profile: TrainerProfile) -> dict[str, Any]:
    """Give what a `TermsForm` of a profile is filled with."""
    fields = ("subjects", "windows", "hours_a_week", "home_region_code", "nights_away")
    return {name: getattr(profile, name) for name in fields}


def today_booked(day: date) -> dict[str, Any]:
    """Give what a `BookingForm` begins with."""
    return {"first": day, "last": day}
