"""Banks: what is in them by number, their sheets, and the reading of a whole one."""

from __future__ import annotations

from functools import partial

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import Role, acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.core.intake import whole_number
from lbcert.core.pages import in_words, paging_from_request, send_workbook, tabs, take_in
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.staging import SHOWN, StagedSheet, find, findings_of, latest, marked, places_of, rows_page, sent_row
from lbcert.exams.models import QuestionBank, QuestionKind
from lbcert.exams.queries.cards import trades_filed
from lbcert.exams.theory import operations, question_sheet
from lbcert.exams.theory.blueprints import lacking, points_shown
from lbcert.exams.theory.forms import BankForm, QuestionsForm
from lbcert.exams.theory.places import BANK_KEEPERS, LISTERS, SENDER
from lbcert.exams.theory.queries.banks import (
    banks_seen,
    blueprints_of,
    counts_of,
    kept_from,
    lines_of,
    live_questions,
    pool_of,
    readings_of,
)
from lbcert.exams.views.room import room
from lbcert.parties.models import Organisation


@room.page("/banks", see=LISTERS, methods=("GET", "POST"), menu=(_l("题库"), "books"))
def banks() -> ResponseReturnValue:
    """List the banks of the clerk's bodies, and found one."""
    form, findings = BankForm(), ()  # type: tuple[BankForm, tuple[Finding, ...]]
    form.offer(_bodies())
    if form.validate_on_submit():
        body_id, trade_id = (int(part) for part in form.subject.data.split(":"))
        level = SkillLevel(form.level.data) if form.level.data else None
        try:
            bank = operations.create_bank(acting(), body_id, trade_id, level)
        except Refused as refused:
            findings = refused.findings
            db.session.expire_all()
            form.offer(_bodies())
        else:
            return redirect(url_for("exams.bank", bank_id=bank.id))
    page = render_template(
        "pages/exams/theory/banks.html", banks=banks_seen(acting()), form=form, findings=findings, name=bank_name
    )
    return page, 422 if request.method == "POST" else 200


@room.page("/question-form", see=LISTERS)
def question_form() -> Response:
    """Give the empty sheet, with a question of each kind to show how it is filled."""
    return send_workbook(question_sheet.template(), gettext("试题表"))


@room.page("/banks/<int:bank_id>", see=BANK_KEEPERS)
def bank(bank_id: int) -> str:
    """Show a bank: how many questions of what it has, its blueprints, and who read all of it. No question is shown."""
    return _page(bank_id)


@room.page("/banks/<int:bank_id>/questions", see=BANK_KEEPERS, methods=("POST",))
def send_questions(bank_id: int) -> ResponseReturnValue:
    """Take a sheet of questions in and check it."""
    form = QuestionsForm()
    staged, findings = take_in(form, partial(operations.receive_questions, acting(), bank_id))
    if staged:
        return redirect(url_for("exams.staged_questions", staged_id=staged.id))
    return _page(bank_id, findings, form), 422


@room.page("/banks/<int:bank_id>/read", see=BANK_KEEPERS, methods=("POST",))
def read_bank(bank_id: int) -> ResponseReturnValue:
    """Give the whole bank as a sheet, once a reason is written down."""
    try:
        operations.read_bank(acting(), bank_id, request.form.get("reason", "")[:300])
    except Refused as refused:
        return _page(bank_id, refused.findings), 422
    name = bank_name(load(QuestionBank, bank_id)).replace("/", "-")
    return send_workbook(question_sheet.written(live_questions(bank_id)), f"{gettext('题库')}-{name}")


@room.page("/banks/<int:bank_id>/retire", see=BANK_KEEPERS, methods=("POST",))
def retire_question(bank_id: int) -> ResponseReturnValue:
    """Ask a question no more."""
    number = whole_number(request.form.get("number", "").strip()) or 0
    try:
        operations.retire_question(acting(), bank_id, number, request.form.get("reason", "")[:300])
    except Refused as refused:
        return _page(bank_id, refused.findings), 422
    flash(gettext("题号 %(number)s 已停用", number=number), "success")
    return redirect(url_for("exams.bank", bank_id=bank_id))


@room.page("/question-sheets/<int:staged_id>", see=SENDER)
def staged_questions(staged_id: int) -> str:
    """Show a checked sheet, row by row, to who sent it."""
    return _staged_page(_there(staged_id))


@room.page("/question-sheets/<int:staged_id>/marked", see=SENDER)
def marked_questions(staged_id: int) -> Response:
    """Give the sheet back with the findings beside each row."""
    staged = _there(staged_id)
    return send_workbook(marked(staged), staged.marked_name)


@room.page("/question-sheets/<int:staged_id>/import", see=SENDER, methods=("POST",))
def import_questions(staged_id: int) -> ResponseReturnValue:
    """Put the good rows into the bank."""
    try:
        staged = operations.import_questions(acting(), staged_id)
    except Refused as refused:
        return _staged_page(_there(staged_id), refused.findings), 422
    flash(gettext("已导入 %(count)s 道题", count=staged.good), "success")
    return redirect(url_for("exams.bank", bank_id=staged.subject_id))


@room.page("/question-sheets/<int:staged_id>/discard", see=SENDER, methods=("POST",))
def discard_questions(staged_id: int) -> ResponseReturnValue:
    """Throw a checked sheet away."""
    try:
        staged = operations.discard_questions(acting(), staged_id)
    except Refused as refused:
        return _staged_page(_there(staged_id), refused.findings), 422
    return redirect(url_for("exams.bank", bank_id=staged.subject_id))


def bank_name(bank: QuestionBank) -> str:
    """Name a bank by its trade and level."""
    return f"{bank.trade.name} {in_words(bank.level.label)}" if bank.level else bank.trade.name


def _bodies() -> list[tuple[Organisation, list[Trade]]]:
    ids = [grant.organisation_id for grant in acting().grants if grant.role is Role.ASSESSMENT_CLERK]
    return [(load(Organisation, body_id), trades_filed(body_id)) for body_id in ids if body_id is not None]


def _there(staged_id: int) -> StagedSheet:
    """Give a staged sheet; one that was decided is not there any more."""
    staged = find(question_sheet.KIND, staged_id)
    if not staged.is_open:
        raise Missing(f"questions {staged_id}")
    return staged


def _page(bank_id: int, findings: tuple[Finding, ...] = (), form: QuestionsForm | None = None) -> str:
    db.session.expire_all()
    bank, actor, pool = load(QuestionBank, bank_id), acting(), pool_of(bank_id)
    return render_template(
        "pages/exams/theory/bank.html",
        bank=bank,
        name=bank_name(bank),
        kinds=list(QuestionKind),
        total=len(pool),
        totals={kind: sum(one.kind is kind for one in pool) for kind in QuestionKind},
        counts=counts_of(pool),
        blueprints=[(one, lines_of(one), lacking(lines_of(one), pool)) for one in blueprints_of(bank_id)],
        points=points_shown,
        readings=readings_of(bank_id),
        waiting=[
            one for one in latest(question_sheet.KIND, f"bank:{bank_id}") if one.is_open and one.account_id == actor.id
        ],
        kept=kept_from(actor.person_id, bank),
        form=form or QuestionsForm(formdata=None),
        findings=findings,
    )


def _staged_page(staged: StagedSheet, findings: tuple[Finding, ...] = ()) -> str:
    paging = paging_from_request(filters=("show",), path=url_for("exams.staged_questions", staged_id=staged.id))
    page, places = rows_page(staged, paging), places_of(staged)
    return render_template(
        "pages/exams/theory/staged_questions.html",
        staged=staged,
        bank=bank_name(load(QuestionBank, staged.subject_id)),
        rows=[(row, sent_row(row, places)) for row in page.rows],
        letters=question_sheet.LETTERS,
        paging=page.paging,
        shows=tabs(page.paging, "show", SHOWN),
        general=findings_of(staged),
        findings=findings,
    )
