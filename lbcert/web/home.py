"""The first page: for a visitor the open doors, for an account its work."""

from __future__ import annotations

from flask import render_template
from flask_babel import lazy_gettext as _l

from lbcert.core.access import PUBLIC, acting, roles_of
from lbcert.core.room import Room

room = Room("home", __name__)


@room.page("/", see=PUBLIC, menu=(_l("首页"), "home"))
def index() -> str:
    """Show where to go from here."""
    return render_template("pages/home.html", roles=[role.label for role in sorted(roles_of(acting()))])
