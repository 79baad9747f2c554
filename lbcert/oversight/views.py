"""The notices, for everybody; the objections, for those who answer."""

from __future__ import annotations

from functools import partial

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core import clock, throttle
from lbcert.core.access import PUBLIC, acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import paging_from_request
from lbcert.core.room import Room
from lbcert.oversight import operations, queries
from lbcert.oversight.forms import ObjectionForm
from lbcert.oversight.models import Notice
from lbcert.oversight.places import ANSWERERS, OFFICERS, READERS

room = Room("oversight", __name__, url_prefix="/notices")

#: Objections from one address, and with one contact.
TRIES_FROM_ADDRESS, TRIES = "60 per 10 minutes", "10 per day"
#: For no search engine and no archive: a list of people hangs for its days and is gone (domain.md 2.6).
_HIDDEN = "noindex, nofollow, noarchive"


def _hidden(page: str, status: int = 200) -> Response:
    answer = make_response(page, status)
    answer.headers["X-Robots-Tag"] = _HIDDEN
    answer.headers["Cache-Control"] = "no-store"
    return answer


@room.page("/", see=PUBLIC)
def index() -> Response:
    """List what hangs now."""
    return _hidden(render_template("pages/oversight/notices.html", notices=queries.hanging()))


@room.page("/<int:notice_id>", see=PUBLIC)
def notice(notice_id: int) -> Response:
    """Show a notice while it hangs; afterwards say that it has ended, and name nobody."""
    return _notice(load(Notice, notice_id))


@room.page("/<int:notice_id>/objections", see=PUBLIC, methods=("POST",))
@throttle.limiter.limit(TRIES_FROM_ADDRESS)
@throttle.limiter.limit(TRIES, key_func=partial(throttle.by_field, "contact", str.strip))
def object_to(notice_id: int) -> ResponseReturnValue:
    """Take an objection."""
    found, form = load(Notice, notice_id), ObjectionForm()
    form.offer(found.lines)
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        line_id = form.line_id.data or None
        name, contact, reason = form.name.data or "", form.contact.data or "", form.reason.data or ""
        try:
            made = operations.object_to(acting(), notice_id, line_id, name, contact, reason)
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("异议已收到，编号 %(number)s。核实后按您留下的方式答复。", number=made.id), "success")
            return redirect(url_for("oversight.notice", notice_id=notice_id))
    db.session.expire_all()
    return _notice(load(Notice, notice_id), form, findings, 422)


@room.page("/<int:notice_id>/take-down", see=OFFICERS, methods=("POST",))
def take_down(notice_id: int) -> ResponseReturnValue:
    """Take a notice down before its end."""
    try:
        operations.take_down(acting(), notice_id, request.form.get("reason", ""))
    except Refused as refused:
        db.session.expire_all()
        return _notice(load(Notice, notice_id), None, refused.findings, 422)
    flash(gettext("公示已撤下"), "success")
    return redirect(url_for("oversight.notice", notice_id=notice_id))


@room.page("/objections", see=READERS, menu=(_l("公示异议"), "speakerphone"))
def objections() -> ResponseReturnValue:
    """List the objections that an account sees, open ones first."""
    return _objections()


@room.page("/objections/<int:objection_id>/<any(uphold, dismiss):answer>", see=ANSWERERS, methods=("POST",))
def answer_objection(objection_id: int, answer: str) -> ResponseReturnValue:
    """Answer an objection."""
    try:
        operations.answer_objection(
            acting(), objection_id, upheld=answer == "uphold", answer=request.form.get("reason", "")
        )
    except Refused as refused:
        db.session.expire_all()
        return _objections(refused.findings), 422
    flash(gettext("异议已答复"), "success")
    return redirect(url_for("oversight.objections"))


def _objections(findings: tuple[Finding, ...] = ()) -> str:
    paging = paging_from_request(("state",), "state", ("state",))
    page = queries.list_objections(acting(), paging)
    states = [("open", gettext("未答复")), ("answered", gettext("已答复"))]
    return render_template(
        "pages/oversight/objections.html",
        page=page,
        findings=findings,
        today=clock.today(),
        fields=[{"name": "state", "label": gettext("状态"), "options": states}],
        answers=lambda one: one.answered_at is None and ANSWERERS.admits(acting(), {"objection_id": one.id}),
    )


def _notice(
    found: Notice, form: ObjectionForm | None = None, findings: tuple[Finding, ...] = (), status: int = 200
) -> Response:
    if not queries.hangs(found):
        return _hidden(render_template("pages/oversight/ended.html", notice=found), 410)
    if form is None:
        form = ObjectionForm(formdata=None)
        form.offer(found.lines)
    page = render_template(
        "pages/oversight/notice.html",
        notice=found,
        form=form,
        findings=findings,
        takes_down=OFFICERS.admits(acting(), {"notice_id": found.id}),
    )
    return _hidden(page, status)
