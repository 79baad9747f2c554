"""An account's API tokens: made, shown once, withdrawn."""

from __future__ import annotations

import secrets

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import SIGNED_IN, acting, only
from lbcert.core.findings import Finding, Refused
from lbcert.parties.operations.tokens import create_token, is_own, tokens_of, withdraw_token
from lbcert.parties.views.room import room


@room.page("/me/tokens", see=SIGNED_IN, methods=("GET", "POST"))
def tokens() -> ResponseReturnValue:
    """List one's tokens and make another; its secret is shown this once."""
    secret, findings = "", tuple[Finding, ...]()
    if request.method == "POST":
        secret = secrets.token_urlsafe(32)
        try:
            create_token(acting(), request.form.get("name", ""), secret)
        except Refused as refused:
            secret, findings = "", refused.findings
    rows = tokens_of(acting().id or 0)
    page = render_template("pages/parties/tokens.html", rows=rows, secret=secret, findings=findings)
    return page, 422 if findings else 200


@room.page("/me/tokens/<int:token_id>/withdraw", see=only("its account", is_own), methods=("POST",))
def withdraw(token_id: int) -> ResponseReturnValue:
    """Stop a token."""
    withdraw_token(acting(), token_id)
    flash(gettext("密钥已停用"), "ok")
    return redirect(url_for("parties.tokens"))
