"""The open forms for a number typed by hand, and for many at once."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l

from lbcert.certificates.forms import CheckForm, CheckManyForm
from lbcert.certificates.queries import bulk_check
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.verdict import Verdict
from lbcert.certificates.types import all_types
from lbcert.certificates.views import scanned
from lbcert.certificates.views.room import room
from lbcert.core import throttle
from lbcert.core.access import PUBLIC
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import choices, in_words, send_workbook

#: Numbers run in series, so nobody may try them all.
TRIES = "30 per 10 minutes"
#: Of so many lines each (``bulk_check.MOST_LINES``).
BULK_TRIES = "6 per hour"


@room.page("/verify", see=PUBLIC, methods=("GET", "POST"), menu=(_l("查验证书"), "qrcode"))
@throttle.limiter.limit(TRIES, methods=["POST"])
def check() -> ResponseReturnValue:
    """Check a number typed by hand, or a link pasted."""
    form = CheckForm()
    form.type.choices = choices(
        {"": _l("不知道，都查"), **{each.name: in_words(each.label) for each in all_types().values()}}
    )
    if form.validate_on_submit():
        number = form.number.data or ""
        if "://" in number:
            return _said(verdicts.of_link(number))
        return _said(verdicts.of_number(number, form.type.data or "", form.last_four.data or ""))
    page = render_template("pages/certificates/check.html", form=form)
    return page, 422 if request.method == "POST" else 200


@room.page("/verify/bulk", see=PUBLIC, methods=("GET", "POST"))
@throttle.limiter.limit(BULK_TRIES, methods=["POST"])
def check_many() -> ResponseReturnValue:
    """Check a sheet of numbers or a ZIP of certificates, and answer with a sheet of verdicts; nothing is kept."""
    form = CheckManyForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            checked = bulk_check.of_upload(form.file.data.read())
        except Refused as refused:
            findings = refused.findings
        else:
            return send_workbook(bulk_check.write_verdicts(checked, in_words), gettext("查验结果"))
    page = render_template(
        "pages/certificates/check_many.html",
        form=form,
        findings=findings,
        lines=bulk_check.MOST_LINES,
        files=bulk_check.MOST_FILES,
    )
    return page, 422 if request.method == "POST" else 200


def _said(verdict: Verdict) -> Response:
    """Answer with the page that a scan would have opened."""
    headers, body = scanned.answer(verdict, str(get_locale()), switchable=False)
    response = make_response(body)
    response.headers.update(headers)
    return response
