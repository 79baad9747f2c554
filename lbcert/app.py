"""The application: configuration, extensions, plugins, rooms and error pages, in that order."""

from __future__ import annotations

from functools import partial

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lbcert import (
    api,
    plugins,
    tables,  # noqa: F401 (makes the metadata whole, whichever views are in)
    web,
)
from lbcert.brands.views import room as brands
from lbcert.certificates import hooks as certificates_hooks
from lbcert.certificates import views as certificates_views
from lbcert.certificates.views import room as certificates
from lbcert.cohorts import hooks as cohorts_hooks
from lbcert.cohorts.views import room as cohorts
from lbcert.config import Settings
from lbcert.core import intake, operation, room
from lbcert.core.database import db, keep_readers, load, prepare
from lbcert.core.seal import Keyring
from lbcert.demand.views import room as demand
from lbcert.dossiers.views import room as dossiers
from lbcert.exams.views import room as exams
from lbcert.oversight.views import room as oversight
from lbcert.parties import sign_in
from lbcert.parties.models import Account
from lbcert.parties.views import room as parties
from lbcert.placement import hooks as placement_hooks
from lbcert.placement.views import room as placement
from lbcert.queue import make_queue
from lbcert.reports.views import room as reports
from lbcert.resources import folder
from lbcert.teaching import hooks as teaching_hooks
from lbcert.teaching.views import learners
from lbcert.teaching.views import room as teaching

#: Rooms that answer hooks of earlier ones.
HOOKS = (cohorts_hooks, teaching_hooks, certificates_hooks, placement_hooks)
#: In the order in which the work flows.
ROOMS = (
    parties, brands, demand, cohorts, teaching, learners, oversight, exams, certificates, placement, dossiers, reports,
)  # fmt: skip


def create_app(settings: Settings | None = None) -> Flask:
    """Make an app for ``settings``, by default those of the environment."""
    settings = settings or Settings.from_environment()
    app = Flask(__name__, template_folder=str(folder("templates")), static_folder="web/static")
    app.config.from_mapping(
        LBCERT=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=settings.upload_limit,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
    )
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as Flask's documentation has it
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    app.extensions["lbcert.keyring"] = Keyring(settings.data_key)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine, operation.is_writing)
        keep_readers(app, db.engine)
    app.extensions["lbcert.account"] = partial(load, Account)
    make_queue(app, settings)
    sign_in.init_app(app)
    loaded = plugins.init_app(app, core=HOOKS)
    web.init_app(app)
    for blueprint in (*ROOMS, *loaded.registered["lbcert_rooms"].values()):
        app.register_blueprint(blueprint)
    api.init_app(app)
    app.json = intake.Json(app)
    app.before_request(intake.check)
    app.before_request(room.guard)
    certificates_views.init_app(app)
    return app
