"""The JSON API: the rooms' calls under one address, one OpenAPI 3.1 document, and its page served from here."""

from __future__ import annotations

from threading import Lock
from typing import Any

from flask import Flask, Response, current_app, render_template
from flask_smorest import Api

from lbcert import __version__
from lbcert.certificates.api import calls as certificates
from lbcert.cohorts.api import calls as cohorts
from lbcert.core.access import PUBLIC
from lbcert.core.api import FailureShape, read_token
from lbcert.core.room import LENT, Room
from lbcert.demand.api import calls as demand
from lbcert.exams.api import calls as exams
from lbcert.parties.operations.tokens import account_of_token

#: In the order in which the work flows.
CALLS = (demand, cohorts, exams, certificates)
room = Room("api", __name__, url_prefix="/api")


class HouseApi(Api):
    """The library's collection of calls; failures are answered by the house, as everywhere under ``/api/``.

    The document is written when somebody first asks for it: that took two fifths of the time in which an app is made.
    """

    ERROR_SCHEMA = FailureShape

    def __init__(self, app: Flask) -> None:
        self._writing, self._is_written = Lock(), False
        super().__init__(app)
        for calls in CALLS:
            app.extensions["flask-smorest"]["blp_name_to_api"][calls.name] = self
            app.register_blueprint(calls)

    def document(self) -> dict[str, Any]:
        """Give the OpenAPI document of all calls."""
        with self._writing:
            if not self._is_written:
                super()._init_spec()
                for calls in CALLS:
                    calls.register_views_in_doc(self, self._app, self.spec, name=calls.name, parameters=None)
                    self.spec.tag({"name": calls.name, "description": calls.description})
                self._is_written = True
        written: dict[str, Any] = self.spec.to_dict()
        return written

    def _init_spec(self, **_options: Any) -> None:
        pass

    def _openapi_json(self) -> Response:
        self.document()
        return super()._openapi_json()

    def _register_error_handlers(self) -> None:
        pass


def init_app(app: Flask) -> None:
    """Serve the calls, the document and its page; tokens are read before any gate is asked."""
    app.config.update(
        API_TITLE="lbcert",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "security": [{"token": []}],
        },
    )
    app.extensions["lbcert.bearer"] = account_of_token
    app.before_request(read_token)
    for calls in CALLS:
        app.extensions["csrf"].exempt(calls)
    app.extensions["lbcert.api"] = HouseApi(app)
    LENT["api-docs.openapi_json"] = PUBLIC
    app.register_blueprint(room)


@room.page("/", see=PUBLIC)
def docs() -> str:
    """Show every call with what it takes and gives, from the document itself."""
    return render_template("pages/api/docs.html", calls=_described())


def _described() -> list[dict[str, Any]]:
    document = current_app.extensions["lbcert.api"].document()
    return [
        {
            "method": method.upper(),
            "path": path,
            **{name: call.get(name) for name in ("summary", "description", "tags")},
        }
        for path, methods in document["paths"].items()
        for method, call in methods.items()
        if method in {"get", "post"}
    ]
