"""A candidate's pages, without an account: in by three values, a list of questions saved at every answer, and out.

Each question is a form of its own, so that it works without scripts; with them it is sent as it is chosen.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from typing import Any

from flask import flash, jsonify, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from lbcert.core import clock, throttle
from lbcert.core.access import PUBLIC, Holder, acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import in_words
from lbcert.core.words import say
from lbcert.exams.models import AnswerSheet
from lbcert.exams.theory import operations
from lbcert.exams.theory.blueprints import points_shown
from lbcert.exams.theory.forms import EnterForm
from lbcert.exams.theory.operations.sheets import device_of
from lbcert.exams.theory.queries.extra_time import extra_of
from lbcert.exams.theory.queries.sheets import asked_on, chosen_on, elsewhere, opened_before
from lbcert.exams.views.room import room

#: Tries for one candidate number, whoever makes them.
TRIES = "10 per 10 minutes; 50 per day"
#: From one address, behind which a whole exam room sits.
TRIES_FROM_ADDRESS = "300 per 10 minutes"
_VISIT = "answer_sheet"


def _sitting(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Give a page the sheet of whoever sits in this browser, and the browser's secret; without one, ask for the three values."""

    @wraps(view)
    def shown(**arguments: Any) -> ResponseReturnValue:
        sheet_id, secret = session.get(_VISIT, (0, ""))
        sheet = db.session.get(AnswerSheet, sheet_id)
        if sheet is None:
            session.pop(_VISIT, None)
            return ("", 401) if _wants_json() else redirect(url_for("exams.enter_sitting"))
        answer = make_response(view(sheet, secret, **arguments))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return shown


@room.page("/theory/", see=PUBLIC, methods=("GET", "POST"))
@throttle.limiter.limit(TRIES_FROM_ADDRESS, methods=["POST"])
@throttle.limiter.limit(TRIES, key_func=partial(throttle.by_field, "number", str.strip), methods=["POST"])
def enter_sitting() -> ResponseReturnValue:
    """Ask who sits here, and open the sheet or go on with it."""
    form = EnterForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        secret = secrets.token_hex(16)
        try:
            sheet = operations.open_sheet(
                acting(),
                (form.number.data or "").strip(),
                (form.last_four.data or "").strip(),
                (form.code.data or "").strip(),
                secret,
            )
        except Refused as refused:
            findings = refused.findings
        else:
            session[_VISIT] = (sheet.id, secret)
            return redirect(url_for("exams.answer_sheet"))
    page = make_response(render_template("pages/exams/theory/enter.html", form=form, findings=findings))
    page.headers["Cache-Control"] = "no-store"
    return page, 422 if request.method == "POST" else 200


@room.page("/theory/sheet", see=PUBLIC)
@_sitting
def answer_sheet(sheet: AnswerSheet, secret: str) -> ResponseReturnValue:
    """Show the paper with what is chosen, and how much time is left."""
    if _is_over(sheet):
        return redirect(url_for("exams.sheet_ended"))
    chosen = {key: answer.chosen for key, answer in chosen_on(sheet.id).items() if answer.chosen}
    return render_template(
        "pages/exams/theory/sheet.html",
        sheet=sheet,
        asked=asked_on(sheet.paper_id),
        chosen=chosen,
        left=_left(sheet),
        before=opened_before(sheet.id, device_of(secret)),
        now_elsewhere=elsewhere(sheet.id, device_of(secret)),
        points=points_shown,
        extra=_extra(sheet),
    )


@room.page("/theory/answers/<int:question_id>", see=PUBLIC, methods=("POST",))
@_sitting
def save_answer(sheet: AnswerSheet, secret: str, question_id: int) -> ResponseReturnValue:
    """Keep what is chosen of a question."""
    sheet_id, paper_id, holder = sheet.id, sheet.paper_id, _holder(sheet)
    try:
        operations.save_answer(holder, sheet_id, question_id, request.form.getlist("chosen"))
    except Refused as refused:
        db.session.expire_all()
        if _wants_json():
            over = "exams.answer_late" in refused
            return jsonify(why=[in_words(one.message) for one in refused.findings]), 410 if over else 422
        flash(in_words(refused.findings[0].message), "error")
        return redirect(url_for("exams.answer_sheet"))
    if _wants_json():
        return _state(load(AnswerSheet, sheet_id), secret)
    place = next((row.position for row, question in asked_on(paper_id) if question.id == question_id), 1)
    return redirect(url_for("exams.answer_sheet", _anchor=f"q{place}"))


@room.page("/theory/left", see=PUBLIC)
@_sitting
def time_left(sheet: AnswerSheet, secret: str) -> ResponseReturnValue:
    """Tell the time that is left, and whether the sheet is open in another browser."""
    return _state(sheet, secret) if not _is_over(sheet) else (jsonify(why=[]), 410)


@room.page("/theory/hand-in", see=PUBLIC, methods=("POST",))
@_sitting
def hand_in(sheet: AnswerSheet, secret: str) -> ResponseReturnValue:  # noqa: ARG001 (as the others take it)
    """Hand the sheet in."""
    operations.hand_in_sheet(_holder(sheet), sheet.id)
    return redirect(url_for("exams.sheet_ended"))


@room.page("/theory/ended", see=PUBLIC)
@_sitting
def sheet_ended(sheet: AnswerSheet, secret: str) -> ResponseReturnValue:  # noqa: ARG001 (as above)
    """Say that the sheet is handed in, and let go of it; no score is told here."""
    if not _is_over(sheet):
        return redirect(url_for("exams.answer_sheet"))
    if sheet.ended_at is None:
        sheet = operations.hand_in_sheet(_holder(sheet), sheet.id)
    session.pop(_VISIT, None)
    answered = sum(1 for answer in chosen_on(sheet.id).values() if answer.chosen)
    return render_template(
        "pages/exams/theory/ended.html", sheet=sheet, answered=answered, total=len(asked_on(sheet.paper_id))
    )


def _holder(sheet: AnswerSheet) -> Holder:
    return Holder(sheet.candidate.enrolment.person_id)


def _is_over(sheet: AnswerSheet) -> bool:
    return sheet.ended_at is not None or sheet.due_at <= clock.now()


def _left(sheet: AnswerSheet) -> int:
    return max(0, int((sheet.due_at - clock.now()).total_seconds()))


def _state(sheet: AnswerSheet, secret: str) -> ResponseReturnValue:
    answered = sum(1 for answer in chosen_on(sheet.id).values() if answer.chosen)
    other = elsewhere(sheet.id, device_of(secret))
    return jsonify(
        left=_left(sheet), answered=answered, elsewhere=_wall(other), extra=_extra(sheet), token=generate_csrf()
    )


def _extra(sheet: AnswerSheet) -> str:
    """Say what extra time its candidate was given, and until when he may answer."""
    given = extra_of(sheet.candidate_id)
    if not given:
        return ""
    said = [
        in_words(say("监考员延时 {minutes} 分钟（{reason}）", minutes=one.minutes, reason=one.reason)) for one in given
    ]
    return in_words(say("{said}；考试到 {time} 结束", said="、".join(said), time=_wall(sheet.due_at)))


def _wall(moment: datetime | None) -> str:
    return "" if moment is None else f"{clock.local(moment):%H:%M}"


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
