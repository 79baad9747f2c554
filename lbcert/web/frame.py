"""What every page is given: filters, the menu, static addresses and the headers that keep it safe."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request, url_for
from flask_babel import format_date, format_datetime, get_locale

from lbcert.core.access import acting
from lbcert.core.pages import in_words
from lbcert.core.room import gate_of
from lbcert.core.words import LANGUAGES
from lbcert.web import navigation
from lbcert.web.subjects import links_to

#: Nothing from elsewhere, nothing inline. A page that needs more (a camera, wasm) sets its own header.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
}


def init_app(app: Flask) -> None:
    """Give the templates their filters and names, and every answer its headers."""
    app.jinja_env.filters.update(words=in_words, money=money, local_time=local_time, local_date=local_date)
    app.jinja_env.filters["links"] = links_to
    app.jinja_env.globals["asset"] = asset
    app.context_processor(_page_names)
    app.after_request(_protect)


def money(fen: int | None, sign: str = "¥") -> str:
    """Write an amount of 分 in yuan: ``¥1,142.86``, exactly."""
    if fen is None:
        return ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{sign}{yuan:,}.{rest:02d}"


def local_time(moment: datetime | None) -> str:
    """Write a moment in Shanghai's time: ``2025-07-24 09:30`` in Chinese, ``24 Jul 2025, 09:30`` in English."""
    if moment is None:
        return ""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return str(format_datetime(aware, "yyyy-MM-dd HH:mm" if _is_chinese() else "d MMM yyyy, HH:mm"))


def local_date(day: date | None) -> str:
    """Write a day: ``2025年7月24日`` in Chinese, ``24 Jul 2025`` in English. A moment gives its day in Shanghai."""
    if day is None:
        return ""
    if isinstance(day, datetime) and not day.tzinfo:
        day = day.replace(tzinfo=UTC)
    rebase = isinstance(day, datetime)
    return str(format_date(day, "yyyy年M月d日" if _is_chinese() else "d MMM yyyy", rebase=rebase))


def asset(name: str) -> str:
    """Give a static file's address, which changes when the file does; one page asks for its icons some 40 times."""
    known: dict[str, str] = g.setdefault("assets", {})
    if name not in known:
        known[name] = url_for("static", filename=name, v=_version(current_app.static_folder or "", name))
    return known[name]


@cache
def _version(folder: str, name: str) -> str:
    file = Path(folder) / name
    return f"{int(file.stat().st_mtime):x}" if file.is_file() else "missing"


def _is_chinese() -> bool:
    locale = get_locale()
    return locale is None or locale.language == "zh"


def _page_names() -> dict[str, Any]:
    settings, actor = current_app.config["LBCERT"], acting()
    return {
        "account": actor if actor.id is not None else None,
        "navigation": navigation.menu(current_app._get_current_object(), actor),  # type: ignore[attr-defined]
        "demo": settings.demo,
        "second_factor": settings.second_factor,
        "language": get_locale(),
        "languages": LANGUAGES,
        "endpoints": current_app.view_functions,
        "opens": opens,
    }


def opens(endpoint: str, **arguments: Any) -> bool:
    """Tell whether a page is there and its gate lets this account pass, so that a link to a later room may be shown."""
    gate = gate_of(current_app._get_current_object(), endpoint)  # type: ignore[attr-defined]
    return gate is not None and gate.admits(acting(), arguments)


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"  # its address changes when it does
    elif response.mimetype == "text/html":
        response.vary.add("Accept-Language")
        response.vary.add("Cookie")
        is_signed_in = getattr(g.get("_login_user"), "is_authenticated", False)
        response.headers.setdefault("Cache-Control", "no-store" if is_signed_in else "no-cache")
    return response
