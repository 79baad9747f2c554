"""The signed sheet of a session, photographed and attached."""

from __future__ import annotations

from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Missing
from lbcert.core.pages import take_in
from lbcert.teaching.forms import SignedSheetForm
from lbcert.teaching.models import Session
from lbcert.teaching.operations.attendance import attach_signed_sheet
from lbcert.teaching.places import SEES_SESSION, SESSION_STAFF
from lbcert.teaching.queries.attendance import sheets_of
from lbcert.teaching.views.room import room


@room.page("/sessions/<int:session_id>/signed-sheet", see=SESSION_STAFF, methods=("GET", "POST"))
def signed_sheet(session_id: int) -> ResponseReturnValue:
    """Take a photograph of the sheet, then mark by it."""
    form = SignedSheetForm()
    paper, findings = take_in(form, lambda data, name: attach_signed_sheet(acting(), session_id, data, name))
    if paper:
        flash(gettext("已上传签到表，请照着登记"), "success")
        return redirect(url_for("teaching.roll_call", session_id=session_id, by="sheet"))
    session = load(Session, session_id)
    page = render_template(
        "pages/form.html",
        form=form,
        findings=findings,
        title=gettext("上传签到表"),
        lead=f"{session.module.name} · {session.cohort.name}",
        back=(gettext("这节课"), url_for("teaching.session", session_id=session_id)),
        submit=gettext("上传"),
    )
    return page, 422 if request.method == "POST" else 200


@room.page("/sessions/<int:session_id>/signed-sheets/<int:paper_id>", see=SEES_SESSION)
def signed_sheet_file(session_id: int, paper_id: int) -> ResponseReturnValue:
    """Show a sheet as it was photographed."""
    paper = next((one for one in sheets_of(session_id) if one.id == paper_id), None)
    if paper is None:
        raise Missing(f"signed sheet {paper_id}")
    content = BytesIO(paper.file.read())
    return send_file(content, mimetype=paper.file.media_type, download_name=paper.file.name, max_age=0)
