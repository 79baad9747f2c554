"""The frame of the pages: layout, macros, languages, static files and error pages."""

from __future__ import annotations

from flask import Flask

from lbcert.web import failures, frame, languages


def init_app(app: Flask) -> None:
    """Give the application its frame. Called after the extensions and before the rooms."""
    languages.init_app(app)
    frame.init_app(app)
    failures.init_app(app)
