"""Calendar: which days are worked, as bureaux entered them, and over which years nobody knows yet."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from lbcert.core import clock
from lbcert.core.access import SIGNED_IN, Role, acting, holds
from lbcert.core.calendar import CalendarDay, enter_days, overlay_of
from lbcert.core.database import db
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, paginate, paging_from_request
from lbcert.core.reference import NATION, Region, prefix
from lbcert.core.room import Room
from lbcert.core.workdays import is_year_known
from lbcert.parties.pickers import RegionField
from lbcert.teaching.queries.days import cohorts_to_check

room = Room("calendar", __name__, url_prefix="/calendar")

ENTERS = holds(Role.ADMIN, Role.BUREAU_OFFICER)
SORTS = {"day": CalendarDay.day, "area": CalendarDay.area_code}


def _kind(row: Any) -> tuple[str, str]:
    works = row.CalendarDay.works
    return {True: (gettext("上班"), "info"), False: (gettext("休息"), "ok")}.get(works, (gettext("按平常"), "neutral"))


COLUMNS = [
    Column("day", _l("日期"), "date", lambda row: row.CalendarDay.day, sort="day"),
    Column("works", _l("安排"), "status", _kind),
    Column("note", _l("说明"), value=lambda row: row.CalendarDay.note),
    Column("area", _l("地区"), value=lambda row: f"{row.name} {row.CalendarDay.area_code}", sort="area"),
    Column("source", _l("依据"), value=lambda row: row.CalendarDay.source),
    Column("at", _l("登记时间"), "time", lambda row: row.CalendarDay.created_at),
]


class DaysForm(FlaskForm):
    """The days of an arrangement, a line each."""

    area_code = RegionField(_l("地区"), [InputRequired(_l("请选择地区"))])
    days = TextAreaField(
        _l("日期"),
        [InputRequired(_l("请至少写一行日期")), Length(max=8000)],
        description=_l("每行一条：2027-02-05~2027-02-11 休 春节；2027-02-20 班；写“平常”表示恢复原样"),
        render_kw={"rows": 10},
    )
    source = StringField(
        _l("依据的文件"),
        [InputRequired(_l("请写明依据")), Length(max=200)],
        description=_l("如：国务院办公厅关于部分节假日安排的通知；本局自定的写“本局设定”"),
    )


@room.page("/", see=SIGNED_IN, menu=(_l("放假调休"), "calendar"))
def index() -> str:
    """List the days on file, the latest first, and name the years that are counted on weekdays alone."""
    paging = paging_from_request(SORTS, "-day", ("area",))
    query = select(CalendarDay, Region.name).join(Region, CalendarDay.area_code == Region.code)
    if area := paging.filters.get("area"):
        query = query.where(CalendarDay.area_code.startswith(prefix(area), autoescape=True))
    if paging.search:
        query = query.where(CalendarDay.note.contains(paging.search, autoescape=True))
    areas = db.session.execute(
        select(Region.code, Region.name).where(Region.code.in_(select(CalendarDay.area_code))).order_by(Region.code)
    )
    known, year = overlay_of(NATION), clock.today().year
    return render_template(
        "pages/calendar/index.html",
        columns=COLUMNS,
        page=paginate(db.session, query, paging, SORTS, CalendarDay.id.desc()),
        filters=[{"name": "area", "label": gettext("地区"), "options": [(row.code, row.name) for row in areas]}],
        unknown=[each for each in (year, year + 1) if not is_year_known(each, known)],
        to_check=cohorts_to_check(acting()),
        may_enter=ENTERS.admits(acting(), {}),
    )


@room.page("/new", see=ENTERS, methods=("GET", "POST"))
def new() -> ResponseReturnValue:
    """Put days on file."""
    form = DaysForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            entered = enter_days(acting(), form.area_code.data or "", form.days.data or "", form.source.data or "")
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已登记 %(count)s 天", count=len(entered)), "success")
            return redirect(url_for("calendar.index"))
    page = render_template("pages/calendar/form.html", form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200
