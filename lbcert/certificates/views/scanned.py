"""The page that a scanned certificate opens, for somebody who has ten seconds and no account.

It is answered before the application's session, sign-in and throttling, none of which concerns it: one request, no script,
no cookie, nothing from elsewhere, one query, and nothing of its address in a log.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from flask import Flask, current_app
from flask_babel import force_locale, get_domain
from markupsafe import Markup

from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.verdict import Outcome, Verdict
from lbcert.core import clock
from lbcert.core.words import CHINESE, ENGLISH, Message
from lbcert.resources import folder

_TEMPLATE = "pages/certificates/verdict.html"
#: Stands for the facts in a frame; what people wrote is escaped and holds no such thing.
_FACTS = Markup("<facts>")
_ENGLISH_WORDS = {
    Outcome.VALID: "VALID",
    Outcome.EXPIRED: "EXPIRED",
    Outcome.SUSPENDED: "SUSPENDED",
    Outcome.REVOKED: "REVOKED",
    Outcome.REPLACED: "REPLACED",
    Outcome.UNKNOWN: "NOT FOUND",
    Outcome.BROKEN: "NOT A VALID CERTIFICATE",
}
log = logging.getLogger(__name__)

Environ = dict[str, Any]
Headers = list[tuple[str, str]]


def init_app(app: Flask) -> None:
    """Have ``/V/<code>`` and ``/v/<code>`` answered here, and all else by the app."""
    following = app.wsgi_app

    def answer(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        is_scanned = path[:3] in {"/V/", "/v/"} and len(path) > len("/V/") and "/" not in path[3:]
        if not is_scanned or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return following(environ, start)
        with app.app_context():
            status, headers, body = _scanned(path[3:], environ)
        start(status, [*headers, ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    app.wsgi_app = answer  # type: ignore[method-assign,assignment]  # Flask's own way of putting something in front


def _scanned(code: str, environ: Environ) -> tuple[str, Headers, bytes]:
    """Judge a code. What fails is logged without the address, which is somebody's certificate."""
    try:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        language = _language(query.get("lang", [""])[0], environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        accepted = environ.get("HTTP_ACCEPT", "")
        as_json = "application/json" in accepted and "text/html" not in accepted
        return "200 OK", *answer(verdicts.of_code(code), language, as_json=as_json)
    except Exception:
        log.exception("the page of a scanned certificate failed")
        return "500 Internal Server Error", headers("text/plain"), "系统出了问题，请稍后再扫一次".encode()


def answer(verdict: Verdict, language: str, *, as_json: bool = False, switchable: bool = True) -> tuple[Headers, bytes]:
    """Write a verdict as a page, or as JSON for a program. An unknown certificate is no 404: it is an answer."""
    words = Words.of(language)
    if as_json:
        return headers("application/json"), orjson.dumps(verdicts.as_data(verdict, words))
    settings = current_app.config["LBCERT"]
    host = urlsplit(settings.public_url).netloc
    label = words(verdict.label)
    macros: Any = current_app.jinja_env.get_template(_TEMPLATE).module
    before, after = _frame(
        macros,
        verdict.outcome,
        language,
        label=label,
        explanation=words(verdict.explanation),
        as_of=f"{clock.local(verdict.as_of):%Y-%m-%d %H:%M}",
        switchable=switchable,
        demo=settings.demo,
        host=host,
    )
    facts = macros.facts(
        verdict,
        label=label,
        fields=[(words(label), words(value)) for label, value in verdict.fields],
        parts=[
            (words(part.title), [(words(label), words(value)) for label, value in part.fields])
            for part in verdict.parts
        ],
        history=[
            (str(clock.local(each.on).date()), words(each.status.label), words(each.reason.label), each.authority)
            for each in reversed(verdict.history)
        ],
        host=host,
        words=words,
        _=words.text,
    )
    return headers("text/html"), before + facts.encode() + after


@lru_cache(maxsize=256)
def _frame(macros: Any, outcome: Outcome, language: str, **said: str | bool) -> tuple[bytes, bytes]:
    """Give what stands before and after the facts: the same for all certificates of a type and worth within a minute.

    It knows nothing but what it is given, so that what is kept is never another answer's.
    """
    english = language == ENGLISH
    words = Words.of(language)
    page = macros.frame(
        outcome=outcome,
        headline=words(outcome.label),
        other=str(outcome.label) if english else _ENGLISH_WORDS[outcome],
        english=english,
        style=style()[0],
        facts=_FACTS,
        _=words.text,
        **said,
    )
    before, _, after = page.encode().partition(_FACTS.encode())
    return before, after


def headers(media_type: str) -> Headers:
    """Give the headers of an answer that nobody keeps, finds by searching, frames, or learns the address of."""
    return [
        ("Content-Type", f"{media_type}; charset=utf-8"),
        ("Content-Security-Policy", _policy()),
        ("Referrer-Policy", "no-referrer"),
        ("X-Robots-Tag", "noindex, nofollow, noarchive"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept, Accept-Language"),
    ]


def _language(asked: str, accepted: str) -> str:
    """Tell the reader's language: asked for in the address, or by the browser, or Chinese."""
    wished = (tag.strip().lower().partition("-")[0].partition(";")[0] for tag in [asked, *accepted.split(",")[:20]])
    return ENGLISH if next((tag for tag in wished if tag in {"zh", "en"}), "zh") == "en" else CHINESE


class Words(dict[str, str]):
    """The words of one language, each looked up once a process: asking Babel for each takes a third of the page's time.

    Those of code and templates alone are kept, so they are as many as the catalogue has.
    """

    def __init__(self, translate: Callable[[str], str]) -> None:
        self._translate = translate

    @classmethod
    def of(cls, language: str) -> Words:
        """Give a language's words."""
        kept = current_app.extensions.setdefault("lbcert.words", {})
        if language not in kept:
            with current_app.test_request_context(), force_locale(language):
                kept[language] = cls(get_domain().get_translations().gettext)
        words: Words = kept[language]
        return words

    def __missing__(self, msgid: str) -> str:
        self[msgid] = self._translate(msgid)
        return self[msgid]

    def __call__(self, message: Message | str) -> str:
        """Put a message into words; a plain string stays as it is."""
        if not isinstance(message, Message):
            return message
        if not message.values:
            return self[message.msgid]
        values = {name: self(value) if isinstance(value, Message) else value for name, value in message.values}
        return self[message.msgid].format_map(values)

    def text(self, text: str, **values: Any) -> str:
        """Put a sentence of the template into words."""
        return self[text] % values if values else self[text]


@lru_cache(maxsize=1)
def style() -> tuple[Markup, str]:
    """Give the page's style, which travels inside it, and its hash as a policy names it."""
    text = (folder("templates") / "pages" / "certificates" / "verdict.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return Markup(text), f"'sha256-{digest}'"  # noqa: S704 (our own file)


def _policy() -> str:
    """Admit this style and nothing else."""
    return f"default-src 'none'; style-src {style()[1]}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
