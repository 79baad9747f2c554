"""Cards of a body's examiners: registered with their paper, withdrawn with a reason."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core import clock
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.core.reference import SkillLevel
from lbcert.exams import operations
from lbcert.exams.appointing import CARD_NOTICE_DAYS
from lbcert.exams.forms import CardForm
from lbcert.exams.models import CardGrade, ExaminerCard
from lbcert.exams.places import CARD_KEEPERS, CARD_READERS, CARD_WITHDRAWERS
from lbcert.exams.queries.cards import cards_seen, examiners_at, trades_filed
from lbcert.exams.views.room import file_answer, may, person_named, room
from lbcert.parties.models import Organisation

SEES = holds(Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER, Role.BUREAU_OFFICER, Role.AUDITOR)


@room.page("/cards", see=SEES, menu=(_l("考评员证卡"), "id"))
def cards() -> str:
    """List the cards that the actor may see, the next to end first."""
    return _list()


@room.page("/cards/<int:card_id>/paper", see=CARD_READERS)
def card_paper(card_id: int) -> Response:
    """Show the card itself."""
    return file_answer(load(ExaminerCard, card_id).paper)


@room.page("/cards/<int:card_id>/withdraw", see=CARD_WITHDRAWERS, methods=("POST",))
def withdraw_card(card_id: int) -> ResponseReturnValue:
    """Let a card hold no longer."""
    try:
        operations.withdraw_card(acting(), card_id, request.form.get("reason", ""))
    except Refused as refused:
        db.session.expire_all()
        return _list(refused.findings), 422
    return redirect(url_for("exams.cards"))


@room.page("/bodies/<int:body_id>/cards", see=CARD_KEEPERS, methods=("GET", "POST"))
def new_card(body_id: int) -> ResponseReturnValue:
    """Register a card of somebody who examines for a body."""
    body = load(Organisation, body_id)
    form = CardForm()
    form.offer(examiners_at(body.id))
    findings: tuple[Finding, ...] = ()
    chosen = {trade.id: request.form.get(f"trade-{trade.id}", "") for trade in trades_filed(body.id)}
    if form.validate_on_submit() and (person_id := person_named(form)):
        try:
            _register(body.id, person_id, form, chosen)
        except Refused as refused:
            findings = refused.findings
            db.session.expire_all()
        else:
            flash(gettext("已登记证卡 %(number)s", number=form.number.data), "success")
            return redirect(url_for("exams.cards"))
    page = render_template(
        "pages/exams/card_form.html",
        body=load(Organisation, body_id),
        form=form,
        trades=trades_filed(body_id),
        chosen=chosen,
        levels=list(SkillLevel),
        findings=findings,
    )
    return page, 422 if request.method == "POST" else 200


def _register(body_id: int, person_id: int, form: CardForm, chosen: dict[int, str]) -> None:
    known = {"all", *(level.value for level in SkillLevel)}
    if any(value and value not in known for value in chosen.values()):
        abort(400)
    paper = form.paper.data
    operations.register_card(
        acting(), body_id, person_id, form.number.data, CardGrade(form.grade.data),
        {trade: None if value == "all" else SkillLevel(value) for trade, value in chosen.items() if value},
        form.valid_from.data, form.valid_to.data, paper.read(), paper.filename or "", paper.mimetype,
    )  # fmt: skip


def _list(findings: tuple[Finding, ...] = ()) -> str:
    actor, today = acting(), clock.today()
    keeps = [grant.organisation_id for grant in actor.grants if grant.role is Role.ASSESSMENT_CLERK]
    return render_template(
        "pages/exams/cards.html",
        cards=cards_seen(actor),
        bodies=[load(Organisation, body_id) for body_id in keeps if body_id is not None],
        may_withdraw=lambda card: card.withdrawn_on is None and may(CARD_WITHDRAWERS, card_id=card.id),
        today=today,
        ends_soon=lambda card: (card.valid_to - today).days <= CARD_NOTICE_DAYS,
        findings=findings,
    )
