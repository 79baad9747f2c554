"""Policy: which limit or rate is in force where, since when, and which document says so."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from lbcert.core.access import SIGNED_IN, Role, acting, holds
from lbcert.core.database import db
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, in_words, paginate, paging_from_request
from lbcert.core.policy import KEYS, Follows, PolicyEntry, set_policy
from lbcert.core.reference import Region, prefix
from lbcert.core.room import Room
from lbcert.parties.forms import CHOSEN, one_of
from lbcert.parties.pickers import RegionField

room = Room("policy", __name__, url_prefix="/policy")

SETS = holds(Role.ADMIN, Role.BUREAU_OFFICER)
SORTS = {"area": PolicyEntry.area_code, "key": PolicyEntry.key, "from": PolicyEntry.valid_from}
FOLLOWS = {Follows.HOME: _l("户籍地"), Follows.SITE: _l("培训地"), Follows.BODY: _l("评价机构所在地")}
#: How a value of each kind is written.
HOW = {int: _l("整数"), bool: _l("是 或 否"), str: _l("文字"), dict: _l("JSON")}


def _label(row: Any) -> str:
    known = KEYS.get(row.PolicyEntry.key)
    return in_words(known.label) if known else row.PolicyEntry.key


def _value(row: Any) -> str:
    value, known = json.loads(row.PolicyEntry.value), KEYS.get(row.PolicyEntry.key)
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{shown} {in_words(known.unit)}".strip() if known else shown


COLUMNS = [
    Column("area", _l("地区"), value=lambda row: f"{row.name} {row.PolicyEntry.area_code}", sort="area"),
    Column("key", _l("参数"), value=_label, sort="key"),
    Column("value", _l("值"), value=_value),
    Column("fund", _l("资金"), value=lambda row: row.PolicyEntry.fund or gettext("各项资金")),
    Column("valid_from", _l("起"), "date", lambda row: row.PolicyEntry.valid_from, sort="from"),
    Column("valid_to", _l("止"), "date", lambda row: row.PolicyEntry.valid_to),
    Column("source", _l("依据"), value=lambda row: row.PolicyEntry.source),
]


class PolicyForm(FlaskForm):
    """One value of one key, for an area and a time."""

    area_code = RegionField(_l("地区"), [InputRequired(_l("请选择地区"))])
    key = SelectField(_l("参数"), [CHOSEN])
    value = StringField(_l("值"), [InputRequired(_l("请填写值")), Length(max=2000)])
    fund = StringField(_l("资金"), [Length(max=40)], description=_l("只适用于某一项资金时填写"))
    valid_from = DateField(_l("起始日期"), [InputRequired(_l("请填写起始日期"))])
    valid_to = DateField(_l("截止日期"), [Optional()], description=_l("没有期限可以不填"))
    source = StringField(
        _l("依据的文件"),
        [InputRequired(_l("请写明依据")), Length(max=200)],
        description=_l("如：云人社发〔2023〕12号 第五条；本局自定的写“本局设定”"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key.choices = one_of(
            {
                key.name: f"{in_words(key.label)} · {in_words(key.unit) or HOW[key.kind]} · {FOLLOWS[key.follows]}"
                for key in sorted(KEYS.values(), key=lambda key: key.name)
            }
        )

    def validate_value(self, field: StringField) -> None:
        """Read the value as its key wants it."""
        known = KEYS.get(self.key.data or "")
        if known and read_value(known.kind, field.data or "") is None:
            raise ValidationError(gettext("这一参数的值应为：%(how)s", how=HOW[known.kind]))

    @property
    def parsed(self) -> Any:
        """The value as it is kept."""
        return read_value(KEYS[self.key.data].kind, self.value.data or "")


def read_value(kind: type, text: str) -> Any:
    """Read what was written for a kind of value; None where it is none."""
    text = text.strip()
    if kind is int:
        return int(text) if re.fullmatch("-?[0-9]{1,15}", text) else None
    if kind is bool:
        return {"是": True, "否": False, "yes": True, "no": False, "true": True, "false": False}.get(text.lower())
    if kind is dict:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None
    return text or None


@room.page("/", see=SIGNED_IN, menu=(_l("政策参数"), "adjustments"))
def index() -> str:
    """List the values on file."""
    paging = paging_from_request(SORTS, "area", ("area", "key"))
    query = select(PolicyEntry, Region.name).join(Region, PolicyEntry.area_code == Region.code)
    if area := paging.filters.get("area"):
        query = query.where(PolicyEntry.area_code.startswith(prefix(area), autoescape=True))
    if key := paging.filters.get("key"):
        query = query.where(PolicyEntry.key == key)
    if paging.search:
        query = query.where(PolicyEntry.source.contains(paging.search, autoescape=True))
    areas = db.session.execute(
        select(Region.code, Region.name).where(Region.code.in_(select(PolicyEntry.area_code))).order_by(Region.code)
    )
    return render_template(
        "pages/policy/index.html",
        columns=COLUMNS,
        page=paginate(db.session, query, paging, SORTS, PolicyEntry.id),
        filters=[
            {"name": "area", "label": gettext("地区"), "options": [(row.code, row.name) for row in areas]},
            {"name": "key", "label": gettext("参数"), "options": [(k.name, in_words(k.label)) for k in KEYS.values()]},
        ],
        may_set=SETS.admits(acting(), {}),
    )


@room.page("/new", see=SETS, methods=("GET", "POST"))
def new() -> ResponseReturnValue:
    """Put a value on file."""
    form = PolicyForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            set_policy(
                acting(), form.area_code.data or "", form.key.data, form.parsed, form.valid_from.data, form.source.data or "",
                valid_to=form.valid_to.data, fund=(form.fund.data or "").strip(),
            )  # fmt: skip
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已登记"), "success")
            return redirect(url_for("policy.index"))
    page = render_template("pages/policy/form.html", form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200
