"""The language of the pages: Chinese first, English for who asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, redirect, request, session
from flask_babel import Babel, Domain, get_locale
from werkzeug.wrappers import Response

from lbcert.core.access import acting
from lbcert.core.words import CHINESE, ENGLISH, LANGUAGES
from lbcert.plugins import plugins


class Catalogues(Domain):
    """Reads the .po files themselves, so that there is no compiled file to go stale or to forget in a wheel.

    A plugin brings its words in a ``translations`` folder of its own; where the core has a word too, the core's stands.
    """

    def get_translations(self) -> NullTranslations:
        """Give the words of the reader's language; they stay Chinese where there is no catalogue."""
        language = get_locale().language
        if language not in self.cache:
            self.cache[language] = words_of(language, plugins().folders)
        return self.cache[language]


def words_of(language: str, folders: Iterable[Path] = ()) -> Translations:
    """Give the core's words of a language, and those that plugins bring in ``folders``; where both have one, the core's."""
    words = Translations()
    for folder in [*folders, Path(__file__).parent]:
        words.merge(_read(folder / "translations" / language / "LC_MESSAGES" / "messages.po"))
    return words


def init_app(app: Flask) -> None:
    """Give the application its languages, its time zone for showing, and the switch at ``POST /language``."""
    babel = Babel(app, default_locale=CHINESE, default_timezone="Asia/Shanghai", locale_selector=chosen_language)
    babel.domain_instance = Catalogues()
    app.add_url_rule("/language", "language", switch_language, methods=["POST"])
    if csrf := app.extensions.get("csrf"):
        # Only what is displayed changes; without a token, open pages need no session and no cookie.
        csrf.exempt(switch_language)


def chosen_language() -> str:
    """Tell the reader's language: chosen in this session, kept with the account, asked by the browser, or Chinese."""
    for choice in (session.get("language"), getattr(acting(), "language", "")):
        if choice in LANGUAGES:
            return str(choice)
    asked = (tag.lower().partition("-")[0] for tag in request.accept_languages.values())
    return ENGLISH if next((tag for tag in asked if tag in {"zh", "en"}), "zh") == "en" else CHINESE


def switch_language() -> Response:
    """Keep the language that somebody chose for this session, and go back to the page that they were on."""
    language = request.form.get("language", "")
    if language in LANGUAGES:
        session["language"] = language
    return redirect(_own_path(request.form.get("next", "")))


def _own_path(path: str) -> str:
    """Give back a path on this site, and the home page for anything that could lead elsewhere."""
    leads_away = not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable()
    return "/" if leads_away else path


@cache
def _read(catalogue: Path) -> Translations:
    if not catalogue.is_file():
        return Translations()
    with catalogue.open("rb") as written:
        messages = read_po(written)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)
