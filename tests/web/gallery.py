"""An application of one gallery: each macro of the pages, shown once, for tests and for looking at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, abort, flash, render_template, request
from flask_login import LoginManager
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from jinja2 import ChoiceLoader, FileSystemLoader
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

import lbcert.web
from lbcert import plugins
from lbcert.core.findings import Finding, Forbidden, Level, Missing, Refused, refuse
from lbcert.core.pages import Column, choices, export_sheet, paging_from_request, wants_export
from lbcert.core.words import say
from lbcert.resources import folder
from lbcert.web.navigation import Entry, Group, mark_active

HERE = Path(__file__).parent
MENU = [
    Group("", (Entry("首页", "home", "/gallery"), Entry("待办", "checklist", "/plain"))),
    Group(
        "培训",
        (
            Entry("培训班", "users-group", "/cohorts"),
            Entry("课程表", "calendar", "/sessions"),
            Entry("考勤", "list-check", "/attendance"),
        ),
    ),
    Group("考核与证书", (Entry("考试", "pencil", "/exams"), Entry("证书", "certificate", "/certificates"))),
]

FINDINGS = [
    Finding("cohorts.note", Level.NOTE, say("宁蒗县没有登记人数上限，因此不作限制"), "系统设置"),
    Finding(
        "cohorts.age", Level.WARN, say("{name} {age} 周岁，接近上限", name="吉克阿依", age=59), "粤人社规〔2023〕7号"
    ),
    Finding(
        "cohorts.size",
        Level.EXCEPTION,
        say("本班 {count} 人，超过 {limit} 人；请拆成两个班，或申请特殊情况审批", count=96, limit=50),
        "霍人社〔2022〕15号 第四条",
    ),
    Finding(
        "identity.check_digit",
        Level.REFUSE,
        say(
            "第 {row} 行 {name}：身份证号末位应为 {right}，表中是 {wrong}；请核对身份证原件",
            row=17,
            name="古丽米热·艾比布力",
            right="X",
            wrong="1",
        ),
        "GB 11643-1999",
    ),
]


FAILURES = {
    "stale": Refused([refuse("core.stale", say("别人刚刚改过"))]),
    "refused": Refused(FINDINGS),
    "missing": Missing(),
    "forbidden": Forbidden(),
}


@dataclass
class Learner:
    """A row of the gallery's list."""

    id: int
    name: str
    number: str
    cohort: str
    hours: int
    allowance_fen: int
    joined: datetime
    status: tuple[str, str]


JOINED = datetime(2025, 7, 23, 17, 5, tzinfo=UTC)
ELECTRICIANS = "2025年电工（五级）第3期"
PLANT_PROTECTORS = "2025年农作物植保员（五级）第1期"
LEARNERS = [
    Learner(1, "古丽米热·艾比布力", "652302********0025", ELECTRICIANS, 96, 114286, JOINED, ("已结业", "ok")),
    Learner(2, "沙马㛃", "530724********0019", PLANT_PROTECTORS, 88, 0, JOINED, ("待补考", "warn")),
    Learner(3, "𠮷克·阿依莫", "530724********0047", ELECTRICIANS, 40, 60000, JOINED, ("已退班", "stop")),
    Learner(4, "李明", "530128********0012", ELECTRICIANS, 96, 123456789, JOINED, ("学习中", "wait")),
]

COLUMNS = [
    Column("name", "姓名", url=lambda row: f"/?learner={row.id}", sort="name"),
    Column("number", "身份证号", kind="code"),
    Column("cohort", "培训班"),
    Column("hours", "课时", kind="number", sort="hours"),
    Column("allowance_fen", "补贴", kind="money"),
    Column("joined", "报名日期", kind="date", sort="joined"),
    Column("status", "状态", kind="status"),
]


class CohortForm(FlaskForm):
    """One field of each kind that the pages know."""

    name = StringField(
        "培训班名称", [DataRequired()], description="写明年份、工种、级别和期数，例如 2025年电工（五级）第3期"
    )
    headcount = IntegerField("计划人数", [DataRequired(), NumberRange(min=1, max=500)])
    begins = DateField("开班日期", [DataRequired()])
    brand = SelectField("劳务品牌", choices=choices({"kangyang": "宁蒗康养师", "guangfu": "光伏保洁师"}))
    ground = RadioField(
        "授课方式", [DataRequired()], choices=choices({"site": "线下", "online": "线上", "field": "田间实训"})
    )
    modules = SelectMultipleField(
        "选修模块",
        choices=choices({"care": "老年照护", "aid": "急救", "food": "营养配餐"}),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    remark = TextAreaField("备注", [Optional()])
    roster = FileField("学员名册", description="Excel 或 CSV，最大 20 MB；下载模板后填写最不容易出错")
    promise = BooleanField("我承诺所填内容真实", [DataRequired()])


def gallery_app(points: Iterable[Any] = ()) -> Flask:
    """Make the application of the gallery: the frame around pages of its own, and no database."""
    app = Flask("lbcert", static_folder="web/static")
    app.config.update(SECRET_KEY="gallery", LBCERT=SimpleNamespace(demo=True, second_factor=False))
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder("templates")), FileSystemLoader(HERE / "templates")])
    LoginManager(app).user_loader(lambda _: None)
    plugins.init_app(app, points=points)
    lbcert.web.init_app(app)
    account = SimpleNamespace(name="王经办", label="王经办（wang）")

    @app.context_processor
    def signed_in() -> dict[str, Any]:
        return {} if request.path == "/plain" else {"navigation": mark_active(MENU, request.path), "account": account}

    @app.route("/gallery", methods=["GET", "POST"])
    def gallery() -> str | Response:
        if wants_export():
            return export_sheet(COLUMNS, LEARNERS, "学员名册")
        form = CohortForm()
        if form.is_submitted():
            form.validate()
        else:
            flash(say("已导入 {count} 人", count=130), "ok")
        paging = replace(paging_from_request(("name", "hours", "joined"), "-joined", ("status",)), total=149)
        return render_template(
            "gallery.html",
            form=form,
            columns=COLUMNS,
            rows=LEARNERS,
            paging=paging,
            findings=FINDINGS,
            job={"title": "生成 149 份证书", "total": 149, "done": 61, "failed": 1, "is_finished": False},
            moment=datetime(2025, 8, 7, 9, 30, tzinfo=UTC),
        )

    @app.route("/plain")
    def plain() -> str:
        return render_template("plain.html")

    @app.route("/api/fail/<kind>")
    @app.route("/fail/<kind>", methods=["GET", "POST"])
    def fail(kind: str) -> str:
        if kind.isdigit():
            abort(int(kind))
        raise FAILURES.get(kind, RuntimeError(kind))

    return app
