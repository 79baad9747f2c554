"""Who was told what about a school's cohorts, and has not read it: to read out, to print, or to copy into the school's own SMS."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import Role, acting, holds
from lbcert.core.pages import Column, export_sheet, in_words, paging_from_request, wants_export
from lbcert.teaching.queries.told import SORTS, told_list, told_page
from lbcert.teaching.views.room import room

COLUMNS = [
    Column("name", _l("姓名"), value=lambda row: row.person.name, sort="name"),
    Column("phone", _l("手机号"), "code"),
    Column("cohort", _l("培训班"), value=lambda row: row.cohort.name),
    Column("words", _l("通知内容"), value=lambda row: in_words(row.notification.message)),
    Column("told", _l("通知时间"), "time", lambda row: row.notification.created_at, sort="told"),
    Column("read", _l("知悉时间"), "time", lambda row: row.notification.read_at, sort="read"),
]


@room.page("/messages", see=holds(Role.PROVIDER_CLERK), menu=(_l("通知"), "message"))
def messages() -> ResponseReturnValue:
    """List who was told what, and whether it was read."""
    actor, paging = acting(), paging_from_request(SORTS, "-told", ("unread",))
    if wants_export():
        return export_sheet(COLUMNS, told_list(actor, paging), gettext("通知"))
    return render_template("pages/teaching/messages.html", columns=COLUMNS, page=told_page(actor, paging))
