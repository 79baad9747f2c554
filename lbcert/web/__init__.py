"""The frame of the pages: layout, macros, languages, the menu, the first page, static files and error pages."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect

from lbcert.web import audit, calendar, failures, frame, home, languages, policy


def init_app(app: Flask) -> None:
    """Give the application its frame. Called after the extensions and before the rooms."""
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session: a roster is typed in over a morning
    if "csrf" not in app.extensions:
        CSRFProtect(app)
    languages.init_app(app)
    frame.init_app(app)
    failures.init_app(app)
    for room in (home.room, audit.room, policy.room, calendar.room):
        app.register_blueprint(room)
