"""Who examines, invigilates, supervises and decides; each signs for himself."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.exams import operations
from lbcert.exams.declaring import PROMISE, QUESTIONS
from lbcert.exams.forms import AppointForm, DeclarationForm
from lbcert.exams.models import Batch, BatchStaff, BatchState, Post
from lbcert.exams.places import OFFICE, OWN_APPOINTMENT, STAFF_OFFICE, WATCHERS
from lbcert.exams.queries.batches import people_of
from lbcert.exams.queries.ties import barring, declarations_of, named_in
from lbcert.exams.views.room import again, back_to, may, person_named, room, state_badge


@room.page("/<int:batch_id>/staff", see=WATCHERS)
def staff(batch_id: int) -> str:
    """Show the staff of a batch, and who may be appointed."""
    batch = load(Batch, batch_id)
    return _page(batch, _form(batch))


@room.page("/<int:batch_id>/staff", see=OFFICE, methods=("POST",))
def appoint(batch_id: int) -> ResponseReturnValue:
    """Appoint somebody."""
    form = _form(load(Batch, batch_id))
    person_id = person_named(form) if form.validate_on_submit() else None
    if person_id is None:
        return _page(again(batch_id), form), 422
    try:
        operations.appoint(acting(), batch_id, person_id, Post(form.post.data), deputy=form.deputy.data)
    except Refused as refused:
        return _page(again(batch_id), form, refused.findings), 422
    flash(gettext("已任命，请本人登录签署回避声明"), "success")
    return redirect(url_for("exams.staff", batch_id=batch_id))


@room.page("/staff/<int:staff_id>/dismiss", see=STAFF_OFFICE, methods=("POST",))
def dismiss(staff_id: int) -> ResponseReturnValue:
    """Take an appointment back."""
    batch = operations.dismiss(acting(), staff_id)
    return redirect(url_for("exams.staff", batch_id=batch.id))


@room.page("/staff/<int:staff_id>/declare", see=OWN_APPOINTMENT, methods=("GET", "POST"))
def declare(staff_id: int) -> ResponseReturnValue:
    """Answer one's own declaration and sign it."""
    form = DeclarationForm()
    findings: tuple[Finding, ...] = ()
    form.offer(named_in(load(BatchStaff, staff_id).batch))
    if form.validate_on_submit():
        try:
            staff = operations.declare(acting(), staff_id, form.answers())
        except Refused as refused:
            findings = refused.findings
            db.session.expire_all()
        else:
            barred = bool(barring(declarations_of(staff.batch_id)[staff.person_id]))
            if barred:
                flash(gettext("已签署。您声明了须回避的情形，请考务另任一人，不要参加本批次"), "warning")
            else:
                flash(gettext("已签署回避声明"), "success")
            return redirect(url_for("exams.mine"))
    staff = load(BatchStaff, staff_id)
    page = render_template(
        "pages/exams/declaration.html",
        staff=staff,
        batch=staff.batch,
        form=form,
        findings=findings,
        questions=QUESTIONS,
        promise=PROMISE,
        signed=declarations_of(staff.batch_id).get(staff.person_id, ()),
    )
    return page, 422 if request.method == "POST" else 200


def _form(batch: Batch) -> AppointForm:
    form = AppointForm()
    form.offer(people_of(batch))
    return form


def _page(batch: Batch, form: AppointForm, findings: tuple[Finding, ...] = ()) -> str:
    order = list(Post)
    return render_template(
        "pages/exams/staff.html",
        batch=batch,
        badge=state_badge(batch),
        back=back_to(batch),
        people=sorted(batch.staff, key=lambda one: (order.index(one.post), one.deputy, one.id)),
        form=form,
        findings=findings,
        posting=request.method == "POST",
        signed=declarations_of(batch.id),
        barring=barring,
        may_appoint=may(OFFICE, batch_id=batch.id) and batch.state in {BatchState.PLANNED, BatchState.MARKING},
        may_dismiss=may(OFFICE, batch_id=batch.id) and batch.state is BatchState.PLANNED,
    )
