"""An account's own page: who one is here, and how one signs in."""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from lbcert.core.access import SIGNED_IN, acting
from lbcert.core.words import LANGUAGES
from lbcert.parties.operations import choose_language
from lbcert.parties.views.room import room


@room.page("/me", see=SIGNED_IN)
def own_account() -> str:
    """Show one's roles, and the ways to change password, second factor and language."""
    return render_template("pages/parties/own_account.html", languages=LANGUAGES)


@room.page("/me/language", see=SIGNED_IN, methods=("POST",))
def language() -> Response:
    """Keep the language of one's pages."""
    chosen = choose_language(acting(), request.form.get("language", "")).language
    session["language"] = chosen
    return redirect(url_for("parties.own_account"))
