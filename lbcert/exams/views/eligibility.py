"""Ways to a level on file, and what one learner brings for his."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.brands.queries import all_trades
from lbcert.cohorts.models import Enrolment
from lbcert.core import clock
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.core.pages import in_words
from lbcert.core.reference import SkillLevel
from lbcert.exams import eligibility, operations
from lbcert.exams.eligibility_forms import RouteForm, StatementForm
from lbcert.exams.models import Batch, BatchState, Statement, StatementKind
from lbcert.exams.places import LISTERS, OFFICE, STATEMENT_OFFICE, STATEMENT_READERS, WATCHERS
from lbcert.exams.queries.candidates import learners_of
from lbcert.exams.queries.eligibility import all_routes, routes_to, statements_of
from lbcert.exams.views.room import again, file_answer, may, room, state_badge

_SETS = holds(Role.ADMIN, Role.BUREAU_OFFICER)
_READS = LISTERS | _SETS
_NONE: tuple[Finding, ...] = ()


@room.page("/entry-routes", see=_READS)
def entry_routes() -> str:
    """Show the ways to each level that are on file, and put more there."""
    return _routes_page(RouteForm.offering(all_trades()))


@room.page("/entry-routes", see=_SETS, methods=("POST",))
def set_entry_route() -> ResponseReturnValue:
    """Put a way on file."""
    form, findings = RouteForm.offering(all_trades()), _NONE
    if form.validate_on_submit():
        try:
            operations.set_entry_route(
                acting(),
                form.area_code.data or "",
                SkillLevel(form.level.data),
                form.valid_from.data,
                form.source.data or "",
                trade_id=form.trade_id.data or None,
                years=form.years.data or 0,
                min_age=form.min_age.data,
                held_level=SkillLevel(form.held_level.data) if form.held_level.data else None,
                proof=StatementKind(form.proof.data) if form.proof.data else None,
            )
        except (Refused, Missing) as refused:
            findings = getattr(refused, "findings", _NONE)
            if isinstance(refused, Missing):
                form.area_code.errors = [gettext("没有这个区划代码")]
        else:
            flash(gettext("已登记申报条件"), "success")
            return redirect(url_for("exams.entry_routes"))
    return _routes_page(form, findings), 422


@room.page("/entry-routes/<int:route_id>/end", see=_SETS, methods=("POST",))
def end_entry_route(route_id: int) -> ResponseReturnValue:
    """Write the last day of a way."""
    try:
        operations.end_entry_route(acting(), route_id, clock.today())
    except Refused as refused:
        return _routes_page(RouteForm.offering(all_trades()), refused.findings), 422
    return redirect(url_for("exams.entry_routes"))


@room.page("/<int:batch_id>/learners/<int:enrolment_id>", see=WATCHERS)
def learner(batch_id: int, enrolment_id: int) -> str:
    """Show what one learner brings for his level, and what stands in his way."""
    return _learner_page(load(Batch, batch_id), enrolment_id, StatementForm())


@room.page("/<int:batch_id>/learners/<int:enrolment_id>", see=OFFICE, methods=("POST",))
def state_experience(batch_id: int, enrolment_id: int) -> ResponseReturnValue:
    """Keep a paper that he hands in."""
    form, findings = StatementForm(), _NONE
    if form.validate_on_submit():
        sent = form.paper.data
        try:
            operations.state_experience(
                acting(),
                batch_id,
                enrolment_id,
                StatementKind(form.kind.data),
                sent.read(),
                sent.filename or "",
                since=form.since.data,
                until=form.until.data,
                employer=form.employer.data or "",
            )
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已登记申报材料"), "success")
            return redirect(url_for("exams.learner", batch_id=batch_id, enrolment_id=enrolment_id))
    return _learner_page(again(batch_id), enrolment_id, form, findings), 422


@room.page("/statements/<int:statement_id>/withdraw", see=STATEMENT_OFFICE, methods=("POST",))
def withdraw_statement(statement_id: int) -> ResponseReturnValue:
    """Let a paper count no longer."""
    batch_id, enrolment_id = _whose(load(Statement, statement_id))
    try:
        operations.withdraw_statement(acting(), statement_id, request.form.get("reason", "")[:300])
    except Refused as refused:
        return _learner_page(again(batch_id), enrolment_id, StatementForm(), refused.findings), 422
    return redirect(url_for("exams.learner", batch_id=batch_id, enrolment_id=enrolment_id))


@room.page("/statements/<int:statement_id>/paper", see=STATEMENT_READERS)
def statement_paper(statement_id: int) -> Response:
    """Show the paper."""
    return file_answer(load(Statement, statement_id).paper)


def _whose(statement: Statement) -> tuple[int, int]:
    enrolments = {one.person_id: one.id for one in statement.batch.cohort.enrolments}
    return statement.batch_id, enrolments[statement.person_id]


def _routes_page(form: RouteForm, findings: tuple[Finding, ...] = ()) -> str:
    return render_template(
        "pages/exams/entry_routes.html",
        routes=all_routes(),
        in_words=lambda route: in_words(eligibility.in_words(route)),
        form=form,
        findings=findings,
        may_set=may(_SETS),
        back=(_l("技能认定"), url_for("exams.index")),
    )


def _learner_page(batch: Batch, enrolment_id: int, form: StatementForm, findings: tuple[Finding, ...] = ()) -> str:
    enrolment, item = load(Enrolment, enrolment_id), batch.cohort.item
    if enrolment.cohort_id != batch.cohort_id:
        raise Missing(f"Enrolment {enrolment_id} of batch {batch.id}")
    found = next((one.findings for one in learners_of(batch) if one.id == enrolment_id), ())
    routes = routes_to(item.trade_id, item.level, batch.body.region_code, batch.held_on) if item.level else []
    return render_template(
        "pages/exams/learner.html",
        batch=batch,
        badge=state_badge(batch),
        back=(_l("考生名单"), url_for("exams.candidates", batch_id=batch.id)),
        enrolment=enrolment,
        age=eligibility.age_on(enrolment.person.birth_date, batch.held_on),
        found=found,
        ways=[in_words(eligibility.in_words(route)) for route in routes],
        statements=statements_of(enrolment.person_id, item.trade_id),
        form=form,
        findings=findings,
        office=may(OFFICE, batch_id=batch.id) and batch.state is BatchState.PLANNED,
        reads=lambda one: may(STATEMENT_READERS, statement_id=one.id),
        withdraws=lambda one: may(STATEMENT_OFFICE, statement_id=one.id),
    )
