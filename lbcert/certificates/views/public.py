"""The open pages: a scanned certificate, and a number typed by hand.

The scanned one is looked at by somebody who has ten seconds and no account: one request, no script, no cookie, nothing
from elsewhere, and nothing of it in a log.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache, wraps
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from lbcert.certificates.forms import CheckForm
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.verdict import Outcome, Verdict
from lbcert.certificates.types import all_types
from lbcert.certificates.views.room import room
from lbcert.core import clock, throttle
from lbcert.core.access import PUBLIC
from lbcert.core.pages import choices, in_words
from lbcert.resources import folder

#: Numbers typed by hand: they run in series, so nobody may try them all.
TRIES = "30 per 10 minutes"
_CHINESE, _ENGLISH = "zh_Hans_CN", "en"
_TEMPLATE = "pages/certificates/verdict.html"
log = logging.getLogger(__name__)


def _unlogged(view: Callable[[str], Response]) -> Callable[[str], Response]:
    """Keep the address of a page that fails out of the log: it is somebody's certificate."""

    @wraps(view)
    def show(code: str) -> Response:
        try:
            return view(code)
        except Exception:
            log.exception("the page of a certificate failed")
            return make_response(gettext("系统出了问题，请稍后再扫一次"), 500)

    return show


@room.page("/V/<code>", see=PUBLIC)
@room.page("/v/<code>", see=PUBLIC, endpoint="verdict_lower")
@_unlogged
def verdict(code: str) -> Response:
    """Say what a scanned certificate is worth."""
    return _answer(verdicts.of_code(code))


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
            return _answer(verdicts.of_link(number))
        return _answer(verdicts.of_number(number, form.type.data or "", form.last_four.data or ""))
    page = render_template("pages/certificates/check.html", form=form)
    return page, 422 if request.method == "POST" else 200


def _answer(verdict: Verdict) -> Response:
    """Answer with a page, or with JSON to a program that asks for it. An unknown certificate is no 404: it is an answer."""
    language = _language()
    with force_locale(language):
        if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
            response = jsonify(verdicts.as_data(verdict, in_words))
        else:
            response = make_response(_page(verdict, language))
            response.headers["Content-Security-Policy"] = _style()[1]
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _language() -> str:
    """Tell the reader's language without looking at a session: asked for in the address, or by the browser."""
    asked = request.args.get("lang") or request.accept_languages.best_match(["zh", "en"], "zh")
    return _ENGLISH if asked == "en" else _CHINESE


def _page(verdict: Verdict, language: str) -> str:
    """Fill the page straight from its compiled template, past the frame's menu and account."""
    settings = current_app.config["LBCERT"]
    return current_app.jinja_env.get_template(_TEMPLATE).render(
        verdict=verdict,
        outcome=verdict.outcome,
        other=_english_too(verdict.outcome) if language != _ENGLISH else str(verdict.outcome.label),
        english=language == _ENGLISH,
        style=_style()[0],
        host=urlsplit(settings.public_url).netloc,
        demo=settings.demo,
        local=clock.local,
        switchable=request.method == "GET",
    )


_ENGLISH_WORDS = {
    Outcome.VALID: "VALID",
    Outcome.EXPIRED: "EXPIRED",
    Outcome.SUSPENDED: "SUSPENDED",
    Outcome.REVOKED: "REVOKED",
    Outcome.REPLACED: "REPLACED",
    Outcome.UNKNOWN: "NOT FOUND",
    Outcome.BROKEN: "NOT A VALID CERTIFICATE",
}


def _english_too(outcome: Outcome) -> str:
    return _ENGLISH_WORDS[outcome]


@lru_cache(maxsize=1)
def _style() -> tuple[Markup, str]:
    """Give the page's style, which travels inside it, and the policy that admits this style and nothing else."""
    style = (folder("templates") / "pages" / "certificates" / "verdict.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Markup(style), policy  # noqa: S704 (our own file)
