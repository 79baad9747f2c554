"""Rubrics of a body: which hold, what one says, and the form that writes the next version."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from lbcert.core import clock
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.core.intake import whole_number
from lbcert.core.reference import SkillLevel
from lbcert.exams import operations, rubrics
from lbcert.exams.models import Part, Rubric
from lbcert.exams.places import RUBRIC_KEEPERS, RUBRIC_READERS, RUBRIC_WITHDRAWERS
from lbcert.exams.queries.cards import trades_filed
from lbcert.exams.queries.rubrics import READERS, batches_marked_by, holding, items_of, rubrics_seen
from lbcert.exams.rubric_forms import RubricForm
from lbcert.exams.scoring import Item
from lbcert.exams.views.room import may, room
from lbcert.parties.models import Organisation


@room.page("/rubrics", see=holds(*READERS), menu=(_l("评分细则"), "list-check"))
def rubrics_page() -> str:
    """List the rubrics that the actor may see, with those that hold marked."""
    actor = acting()
    keeps = [grant.organisation_id for grant in actor.grants if grant.role is Role.ASSESSMENT_CLERK]
    seen = rubrics_seen(actor)
    return render_template(
        "pages/exams/rubrics.html",
        rubrics=seen,
        badges=_badges(seen),
        bodies=[load(Organisation, body_id) for body_id in keeps if body_id is not None],
    )


@room.page("/rubrics/<int:rubric_id>", see=RUBRIC_READERS)
def rubric(rubric_id: int) -> str:
    """Show what a version says, and which batches are marked by it."""
    return _one(load(Rubric, rubric_id))


@room.page("/rubrics/<int:rubric_id>/withdraw", see=RUBRIC_WITHDRAWERS, methods=("POST",))
def withdraw_rubric(rubric_id: int) -> ResponseReturnValue:
    """Let no exam begin by a version any more."""
    try:
        operations.withdraw_rubric(acting(), rubric_id, request.form.get("reason", ""))
    except Refused as refused:
        db.session.expire_all()
        return _one(load(Rubric, rubric_id), refused.findings), 422
    return redirect(url_for("exams.rubric", rubric_id=rubric_id))


@room.page("/bodies/<int:body_id>/rubrics", see=RUBRIC_KEEPERS, methods=("GET", "POST"))
def new_rubric(body_id: int) -> ResponseReturnValue:
    """Write a version: sent once it is shown as a table, sent again as it was shown it is kept."""
    form = RubricForm.offering(trades_filed(body_id), **_beforehand(body_id))
    items: list[Item] = []
    findings: list[Finding] = []
    if form.validate_on_submit():
        items, findings = rubrics.read_lines(form.items.data or "")
        findings = findings or rubrics.whole(items)
        if not findings and form.was_seen:
            try:
                return _written(body_id, form, items)
            except Refused as refused:
                findings = list(refused.findings)
                db.session.expire_all()
    form.seen.data = form.items.data if items and not findings else ""
    page = render_template(
        "pages/exams/rubric_form.html",
        body=load(Organisation, body_id),
        form=form,
        items=items if form.seen.data else [],
        findings=findings,
    )
    return page, 422 if request.method == "POST" and not form.seen.data else 200


def _written(body_id: int, form: RubricForm, items: list[Item]) -> Response:
    level = SkillLevel(form.level.data) if form.level.data else None
    part, source = Part(form.part.data), form.source.data or ""
    made = operations.write_rubric(
        acting(), body_id, form.trade_id.data, level, part, items, form.valid_from.data, source
    )
    flash(gettext("已登记评分细则第 %(edition)s 版", edition=made.edition), "success")
    return redirect(url_for("exams.rubric", rubric_id=made.id))


def _beforehand(body_id: int) -> dict[str, object]:
    """Fill a new form in: with the version on which the next is to rest, where one is named."""
    named = whole_number(request.args.get("after", ""))
    earlier = db.session.get(Rubric, named) if named else None
    if earlier is None or earlier.body_id != body_id:
        return {"valid_from": clock.today(), "part": Part.PRACTICE.value}
    return {
        "trade_id": earlier.trade_id,
        "level": earlier.level.value if earlier.level else "",
        "part": earlier.part.value,
        "items": rubrics.as_lines(items_of(earlier)),
        "valid_from": clock.today(),
        "source": earlier.source,
    }


def _one(shown: Rubric, findings: tuple[Finding, ...] = ()) -> str:
    return render_template(
        "pages/exams/rubric.html",
        rubric=shown,
        items=items_of(shown),
        badge=_badges(rubrics_seen(acting())).get(shown.id),
        batches=batches_marked_by(shown.id),
        may_write=may(RUBRIC_KEEPERS, body_id=shown.body_id),
        may_withdraw=shown.withdrawn_on is None and may(RUBRIC_WITHDRAWERS, rubric_id=shown.id),
        findings=findings,
    )


def _badges(seen: list[Rubric]) -> dict[int, tuple[str, str]]:
    today = clock.today()
    hold = holding(seen, today)

    def badge(one: Rubric) -> tuple[str, str]:
        if one.withdrawn_on:
            return gettext("已停用"), "stop"
        if one.valid_from > today:
            return gettext("未生效"), "wait"
        return (gettext("现行"), "ok") if one.id in hold else (gettext("旧版"), "neutral")

    return {one.id: badge(one) for one in seen}
