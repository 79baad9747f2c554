"""The open form for a number typed by hand."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from lbcert.certificates.forms import CheckForm
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.verdict import Verdict
from lbcert.certificates.types import all_types
from lbcert.certificates.views import scanned
from lbcert.certificates.views.room import room
from lbcert.core import throttle
from lbcert.core.access import PUBLIC
from lbcert.core.pages import choices, in_words

#: Numbers run in series, so nobody may try them all.
TRIES = "30 per 10 minutes"


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


def _said(verdict: Verdict) -> Response:
    """Answer with the page that a scan would have opened."""
    headers, body = scanned.answer(verdict, str(get_locale()), switchable=False)
    response = make_response(body)
    response.headers.update(headers)
    return response
