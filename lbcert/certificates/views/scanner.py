"""The scanner at ``/scan/``: reads certificates in the visitor's own browser, after the first visit without a network.

It is a page, a worker that keeps its files, and what it must know of names; the reading itself is in ``web/static/scan``.
Where there are no scripts, as for many in WeChat, its form is answered here.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale
from flask_babel import lazy_gettext as _l

from lbcert.certificates.queries import log, names, trust
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.bulk_check import NO_CODE
from lbcert.certificates.queries.verdict import Outcome, Verdict
from lbcert.certificates.token.reasons import Reason, words_of
from lbcert.certificates.views import scanned
from lbcert.certificates.views.public import TRIES
from lbcert.certificates.views.room import room
from lbcert.core import throttle
from lbcert.core.access import PUBLIC
from lbcert.core.findings import Refused, refuse
from lbcert.core.pages import in_words
from lbcert.core.words import CHINESE, ENGLISH, say

#: The files of which the scanner is made, under ``static``.
_PARTS = ("scan", "vendor/zxing", "vendor/pdf.min.js", "vendor/pdf.worker.min.js", "mark.svg")
#: Files of those folders that the page does not load by an address of its own.
_APART = {"worker.js", "package.json"}
#: Characters of a link or number that are looked at.
_LONGEST = 900


@dataclass(frozen=True)
class Place:
    """Where the scanner stands, and the addresses of its page in each language from there."""

    pages: Mapping[str, str]
    #: a folder of files, which answers no form
    is_mirror: bool = False


HERE = Place({CHINESE: "./?lang=zh", ENGLISH: "./?lang=en"})
MIRROR = Place({CHINESE: "./", ENGLISH: "./en.html"}, is_mirror=True)


def init_app(app: Flask) -> None:
    """Let the plain form be sent without a token: it changes nothing, and its page needs no session and no cookie."""
    app.extensions["csrf"].exempt(scan_plainly)


@room.page("/scan/", see=PUBLIC, menu=(_l("扫码查验"), "scan"))
def scan() -> Response:
    """Open the scanner."""
    with force_locale(_language()):
        return _page()


@room.page("/scan/", see=PUBLIC, methods=("POST",))
@throttle.limiter.limit(TRIES)
def scan_plainly() -> ResponseReturnValue:
    """Judge an uploaded file, or a number or link typed, for a browser without scripts."""
    with force_locale(_language()):
        try:
            found = _asked_for()
        except Refused as refused:
            return _page(findings=refused.findings), 422
        if len(found) > 1:
            return _page(found=found)
        headers, body = scanned.answer(found[0], str(get_locale()), switchable=False)
        answer = make_response(body)
        answer.headers.update(headers)
        return answer


@room.page("/scan/worker.js", see=PUBLIC)
def scan_worker() -> Response:
    """Give the service worker, which names what it keeps; a change in any of it makes the browser fetch all anew."""
    return Response(_worker(HERE), content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@room.page("/scan/names.json", see=PUBLIC)
def scan_names() -> Response:
    """Give the names for the numbers in a token: of brands, and of occupations and items."""
    return Response(_names(), content_type="application/json", headers={"Cache-Control": "public, max-age=600"})


@room.page("/scan/manifest.webmanifest", see=PUBLIC)
def scan_manifest() -> Response:
    """Give what a phone must know to install the scanner."""
    return Response(_manifest(), content_type="application/manifest+json")


def files() -> Iterator[tuple[str, bytes]]:
    """Give the whole scanner with its paths in a mirror's folder, where it reads the trust list and status lists beside it."""
    with current_app.test_request_context():
        for language, page in MIRROR.pages.items():
            name = page.removeprefix("./") or "index.html"
            yield f"scan/{name}", _written(language, MIRROR).encode()
        with force_locale(CHINESE):
            yield "scan/manifest.webmanifest", _manifest().encode()
        yield "scan/worker.js", _worker(MIRROR).encode()
    yield "scan/names.json", _names().encode()
    for name, file in _files():
        yield f"static/{name}", file.read_bytes()


def _asked_for() -> list[Verdict]:
    """Judge what the form sent. Raises ``Refused`` for a file without a code, and where nothing was sent."""
    if file := request.files.get("file"):
        found = verdicts.of_file(file.read())
        if not found:
            raise Refused([NO_CODE])
        return found
    if what := request.form.get("what", "").strip():
        return [verdicts.of_anything(what[:_LONGEST])]
    raise Refused([refuse("scan.nothing", say("请选择证书的照片或 PDF，或输入证书编号"))])


def _page(**more: Any) -> Response:
    """Write the page: its words and what it must know stand in it, so that it needs no other request to begin."""
    answer = make_response(_written(str(get_locale()), HERE, **more))
    answer.headers.update(
        {
            "Content-Security-Policy": _policy() + "; frame-ancestors 'none'",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        }
    )
    return answer


def _written(language: str, place: Place, **more: Any) -> str:
    settings = current_app.config["LBCERT"]
    newest = trust.newest_list()
    known = {
        "host": urlsplit(settings.public_url).netloc.lower(),
        "root": b64encode(newest.root_public_key).decode() if newest else None,
        "demo": settings.demo,
        "log": str(log.verifier() or ""),
        "live": not place.is_mirror,
    }
    with force_locale(language):
        return render_template(
            "pages/certificates/scan.html",
            style=scanned.style()[0],
            known=known,
            demo=settings.demo,
            host=known["host"],
            outcomes={each.value: in_words(each.label) for each in Outcome},
            types=names.types(),
            refusals={reason.value: in_words(words_of(reason)) for reason in Reason},
            english=language == ENGLISH,
            place=place,
            other_page=place.pages[CHINESE if language == ENGLISH else ENGLISH],
            policy=_policy(),
            check_url=(settings.public_url if place.is_mirror else "") + url_for("certificates.check"),
            **more,
        )


def _language() -> str:
    """Tell the language: asked for in the address, or as everywhere."""
    asked = request.args.get("lang", "")
    return {"en": ENGLISH, "zh": CHINESE}.get(asked) or str(get_locale())


def _worker(place: Place) -> str:
    """Write the service worker for a place: what it keeps, and a version that changes with any of it."""
    pages = dict.fromkeys(("./", *place.pages.values()))
    kept = [*pages, "manifest.webmanifest", *(f"../static/{name}" for name, _ in _files())]
    written = "".join(_written(language, place) for language in place.pages)
    version = sha256(f"{_digest()}{written}".encode()).hexdigest()[:16]
    head = f"const VERSION = {json.dumps(version)};\nconst KEPT = {json.dumps(kept)};\n"
    return head + (_static() / "scan" / "worker.js").read_text(encoding="utf-8")


def _names() -> str:
    return json.dumps(names.public_names(), ensure_ascii=False, separators=(",", ":"))


def _manifest() -> str:
    icon = {"src": "../static/mark.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    manifest = {
        "name": in_words(say("劳务品牌证书查验")),
        "short_name": in_words(say("证书查验")),
        "lang": str(get_locale()).replace("_", "-"),
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#f3f6f5",
        "theme_color": "#0b5560",
        "icons": [icon],
    }
    return json.dumps(manifest, ensure_ascii=False)


def _policy() -> str:
    """Say what the page may load. A mirror's web server sends no such header, so there the page says it itself."""
    return (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
        f"style-src 'self' {scanned.style()[1]}; img-src 'self' blob: data:; media-src 'self' blob:; form-action 'self'; "
        "base-uri 'none'"
    )


def _static() -> Path:
    return Path(current_app.static_folder or "")


def _files() -> Iterator[tuple[str, Path]]:
    """Give each file of the scanner with its name under ``static``."""
    root = _static()
    for part in _PARTS:
        place = root / part
        files = sorted(file for file in place.rglob("*") if file.is_file()) if place.is_dir() else [place]
        yield from ((file.relative_to(root).as_posix(), file) for file in files if file.name not in _APART)


@cache
def _digest() -> str:
    """Hash all files of the scanner, once a process."""
    return sha256(b"".join(sha256(file.read_bytes()).digest() for _, file in _files())).hexdigest()
