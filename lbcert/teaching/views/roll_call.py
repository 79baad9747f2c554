"""Roll call on a phone: everybody is there unless one tap says otherwise; corrections with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.models import Enrolment
from lbcert.core.access import acting
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.pages import form_page
from lbcert.core.words import say
from lbcert.teaching.forms import CorrectionForm, correction_values, typed
from lbcert.teaching.models import Attendance, AttendanceMark, Session, Way
from lbcert.teaching.operations.attendance import Presence, correct_attendance, record_attendance
from lbcert.teaching.places import MARK_STAFF, SESSION_STAFF
from lbcert.teaching.queries.attendance import leave_of, marks_of, sheets_of
from lbcert.teaching.queries.sessions import due_in
from lbcert.teaching.rules import SIGNS
from lbcert.teaching.views.room import day_of, place_of, room


@room.page("/sessions/<int:session_id>/roll-call", see=SESSION_STAFF, methods=("GET", "POST"))
def roll_call(session_id: int) -> ResponseReturnValue:
    """Call the roll of those who have no mark yet; it is saved as one."""
    session = load(Session, session_id)
    marked = {learner for _session, learner in marks_of([session_id])}
    learners = [learner for learner in due_in(session) if learner.id not in marked]
    findings: Sequence[Finding] = ()
    way = Way.SHEET if request.args.get("by") == Way.SHEET else Way.ROLL_CALL
    if request.method == "POST":
        try:
            count = len(record_attendance(acting(), session_id, _presence(session, learners), way.value))
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已记下 %(count)s 人的考勤", count=count), "success")
            return redirect(url_for("teaching.session", session_id=session_id))
    on_leave = {row.enrolment_id for row in leave_of(session_id) if row.granted}
    usual = {learner.id: "leave" if learner.id in on_leave else "present" for learner in learners}
    page = render_template(
        "pages/teaching/roll_call.html",
        session=session,
        place=place_of(session),
        sheets=sheets_of(session_id) if way is Way.SHEET else [],
        learners=learners,
        marks=list(SIGNS),
        chosen=usual | typed(request.form, "mark-"),
        came=typed(request.form, "in-"),
        went=typed(request.form, "out-"),
        on_leave=on_leave,
        findings=findings,
    )
    return page, 422 if request.method == "POST" else 200


def _presence(session: Session, learners: Sequence[Enrolment]) -> dict[int, Presence]:
    """Read the marks of a roll call; raises ``Refused`` naming each learner whose mark or time cannot be read."""
    marks, came, went = (typed(request.form, prefix) for prefix in ("mark-", "in-", "out-"))
    names = {learner.id: learner.person.name for learner in learners}
    presence, wrong = {}, []
    for learner, mark in marks.items():
        try:
            times = [_moment(session, given.get(learner, "")) for given in (came, went)]
            presence[learner] = Presence(AttendanceMark(mark), *times)
        except ValueError:
            message = say("{who} 的考勤读不懂，请重新选择；时间写成 08:30", who=names.get(learner, str(learner)))
            wrong.append(refuse("teaching.unreadable_mark", message))
    if wrong:
        raise Refused(wrong)
    if not presence:
        raise Refused([refuse("teaching.empty_roll", say("没有要点名的学员"))])
    return presence


def _moment(session: Session, text: str) -> datetime | None:
    return datetime.combine(day_of(session), time.fromisoformat(text), SHANGHAI) if text else None


@room.page("/marks/<int:attendance_id>/correct", see=MARK_STAFF, methods=("GET", "POST"))
def correct(attendance_id: int) -> ResponseReturnValue:
    """Put another mark in place of one."""
    mark = load(Attendance, attendance_id)
    form = CorrectionForm(**correction_values(mark))
    url = url_for("teaching.session", session_id=mark.session_id)

    def save() -> str:
        correct_attendance(acting(), attendance_id, form.presence(mark.session), form.reason.data or "")
        flash(gettext("已更正，原记录保留"), "success")
        return url

    name = mark.enrolment.person.name
    lead = gettext("%(name)s 现为“%(mark)s”", name=name, mark=str(mark.mark.label))
    return form_page(form, save, title=gettext("更正考勤"), lead=lead, back=(gettext("这节课"), url))
