"""The phones of a cohort's learners, for the clerk: slips to print, bindings to take back."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.models import Cohort
from lbcert.core.access import acting
from lbcert.core.database import db, load
from lbcert.core.documents import document
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.intake import whole_numbers
from lbcert.core.words import say
from lbcert.teaching.models import Phone
from lbcert.teaching.operations.phones import make_slips, withdraw_phone
from lbcert.teaching.places import CLERK, PHONE_CLERK
from lbcert.teaching.queries.checkin import phones_of
from lbcert.teaching.views.room import PDF, file, room


@room.page("/cohorts/<int:cohort_id>/phones", see=CLERK)
def phones(cohort_id: int) -> str:
    """Show whose phone is bound, and who still needs a slip."""
    return _page(cohort_id)


@room.page("/cohorts/<int:cohort_id>/slips", see=CLERK, methods=("POST",))
def new_slips(cohort_id: int) -> ResponseReturnValue:
    """Make slips for those who were ticked."""
    try:
        made = make_slips(acting(), cohort_id, whole_numbers(request.form.getlist("learner")))
    except Refused as refused:
        return _page(cohort_id, refused.findings), 422
    flash(gettext("已生成 %(count)s 张绑定条，请打印后交给本人", count=len(made)), "success")
    return redirect(url_for("teaching.phones", cohort_id=cohort_id))


@room.page("/cohorts/<int:cohort_id>/slips.pdf", see=CLERK)
def slips(cohort_id: int) -> ResponseReturnValue:
    """Print the slips that nobody has used."""
    cohort = load(Cohort, cohort_id)
    waiting = [row for row in phones_of(cohort_id) if row.slip]
    if not waiting:
        message = say("没有还没用过的绑定条，请先勾选学员生成")
        return _page(cohort_id, [refuse("teaching.no_slips", message)]), 422
    address = f"{current_app.config['LBCERT'].public_url}/k/"
    paper = document(
        "binding_slips",
        title="手机签到绑定条",
        cohort=cohort.name,
        address=address,
        slips=[
            {"name": row.learner.person.name, "code": f"{row.slip.code[:4]} {row.slip.code[4:]}", "until": row.slip.ends_at.date()}
            for row in waiting
            if row.slip
        ],
    )  # fmt: skip
    return file(paper, PDF, f"{gettext('绑定条')}-{cohort.number}.pdf")


@room.page("/phones/<int:phone_id>/withdraw", see=PHONE_CLERK, methods=("POST",))
def withdraw(phone_id: int) -> ResponseReturnValue:
    """Take a binding back."""
    cohort_id = load(Phone, phone_id).slip.enrolment.cohort_id
    try:
        withdraw_phone(acting(), phone_id, request.form.get("reason", "")[:500])
    except Refused as refused:
        return _page(cohort_id, refused.findings), 422
    flash(gettext("已解除绑定；本人要再用，请另发绑定条"), "success")
    return redirect(url_for("teaching.phones", cohort_id=cohort_id))


def _page(cohort_id: int, findings: Sequence[Finding] = ()) -> str:
    db.session.expire_all()
    return render_template(
        "pages/teaching/phones.html", cohort=load(Cohort, cohort_id), rows=phones_of(cohort_id), findings=findings
    )
