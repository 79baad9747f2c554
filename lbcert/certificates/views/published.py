"""What anybody may fetch: status lists and the log's files, at the same paths as in a mirror's folder, and what badges name.

They are answered before the application's session and sign-in, which would forbid a proxy to keep them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.wrappers import Response

from lbcert.certificates import badge
from lbcert.certificates.operations import badges
from lbcert.certificates.queries import log, status_lists
from lbcert.certificates.queries.mirror import Published
from lbcert.core.database import db

Environ = dict[str, Any]

#: Folder → what gives its file of a name, or None.
FOLDERS: dict[str, Callable[[str], Published | None]] = {
    status_lists.FOLDER: status_lists.find,
    log.FOLDER: log.find,
    badge.FOLDER: badges.find,
}


def init_app(app: Flask) -> None:
    """Have the published folders answered here, and all else by the app, pages in those folders too."""
    following = app.wsgi_app

    def answer(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        _, folder, name = [*environ.get("PATH_INFO", "").split("/", 2), "", ""][:3]
        if folder in FOLDERS and name and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            with app.app_context():
                try:
                    found = FOLDERS[folder](name)
                finally:
                    db.session.remove()
            if found is not None:
                return _response(found, environ)(environ, start)
        return following(environ, start)

    app.wsgi_app = answer  # type: ignore[method-assign,assignment]  # as for scanned certificates


def _response(found: Published, environ: Environ) -> Response:
    """Answer with a file, or with 304 to a reader who has it; a page of any host may read it."""
    response = Response(found.body, content_type=found.media_type)
    response.set_etag(found.etag)
    response.last_modified = found.changed
    response.headers["Cache-Control"] = f"public, {found.caching}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response.make_conditional(environ)
