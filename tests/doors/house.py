"""The whole house with one of everything in it, its doors found by walking it: nobody keeps a list of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import tinyhtml5
from flask import Flask, url_for
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from sqlalchemy import create_engine, event, func, literal, select, union_all, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lbcert.core.api import PREFIX
from lbcert.core.database import db, prepare
from lbcert.core.findings import Refused, refuse
from lbcert.core.operation import is_writing
from lbcert.core.pages import EXPORTS
from lbcert.core.words import say
from lbcert.parties.models import Account
from lbcert.parties.operations.tokens import create_token
from lbcert.testing.fixtures import browser_of
from tests.access.machinery import ROUTE_ROWS, Stage, routes
from tests.doors.rows import copy, tables

#: Counts of visits, which a refused request adds to by design.
VISITS = {"throttle_counts"}
#: A form as it stands on a page, whose other nine tenths need no reading.
FORM = re.compile("<form.*?</form>", re.DOTALL)
#: A link to a list as a file.
AS_FILE = re.compile(f'href="([^"]*[?;]format=(?:{"|".join(EXPORTS)})[^"]*)"')
#: Pages that note each time that they are opened: a share link's, whose holder sees how often it was.
COUNTED = {"GET /<any(S, s):case>/<secret>"}
#: What somebody types into a field that must not stay empty.
USUAL = {
    "date": "2025-07-25",
    "number": "1",
    "time": "09:30",
    "datetime-local": "2025-07-25T09:30",
    "tel": "13812345678",
}


class Withheld(Refused):
    """Everything was in order and would have been saved; the house stays as it is, so that each test finds the same one."""


@dataclass(frozen=True)
class Field:
    """One field of a form on a page."""

    name: str
    kind: str
    #: as the page shows it
    shown: str = ""
    #: as somebody would send it: what is shown, and something where it must not stay empty
    usual: str = ""
    #: a whole file is typed there, which may well be long
    is_code: bool = False

    @property
    def is_text(self) -> bool:
        """Whether somebody types into it."""
        return self.kind in {"text", "textarea", "search", "tel", "password", "email", "url"}


@dataclass(frozen=True)
class Door:
    """A form that somebody may send, or a list that somebody may open."""

    way: str
    url: str
    client: FlaskClient
    fields: tuple[Field, ...] = ()

    @property
    def usual(self) -> dict[str, str]:
        """What somebody would send, without files."""
        return {each.name: each.usual for each in self.fields if each.kind != "file" and each.usual}

    def send(self, **changed: Any) -> TestResponse:
        """Send the form as usual, save for what is changed."""
        return self.client.post(self.url, data={**self.usual, **changed})

    @property
    def is_edit(self) -> bool:
        """Whether somebody finds there what somebody else typed before, and types over it."""
        typed = (each for each in self.fields if each.is_text or each.kind == "number")
        return not self.url.endswith("/new") and any(each.shown for each in typed)


@dataclass
class House:
    """The app with the stage of the access tests."""

    app: Flask
    stage: Stage = field(default_factory=Stage)
    #: how often something would have been saved
    saved: int = 0
    #: lists as files, by the links to them on the pages that were opened to find the forms
    exports: list[Door] = field(default_factory=list)
    _programs: dict[int, FlaskClient] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give every account a password."""
        with db.engine.begin() as connection:
            connection.execute(update(Account).values(password=hash_password("一个很长的密码")))

    @contextmanager
    def upon(self, address: str) -> Iterator[None]:
        """Let the same house stand upon a copy of its rows in the empty PostgreSQL database at that address."""
        engine, left = create_engine(address), db.engine
        prepare(engine, is_writing)
        copy(left, engine)
        db.engines[None] = engine  # type: ignore[index]  # a dict, which Flask-SQLAlchemy reads anew each time
        try:
            yield
        finally:
            db.session.rollback()
            db.engines[None] = left  # type: ignore[index]
            engine.dispose()

    @contextmanager
    def closed(self) -> Iterator[House]:
        """Let everything be tried and nothing be saved: each commit is refused and counted."""

        def withhold(session: Session) -> None:
            if not session.in_nested_transaction():
                self.saved += 1
                raise Withheld([refuse("testing.withheld", say("本来可以保存"))])

        event.listen(Session, "before_commit", withhold)
        try:
            yield self
        finally:
            event.remove(Session, "before_commit", withhold)

    @cached_property
    def lists(self) -> list[Door]:
        """Every page that can be opened, by somebody who may."""
        return [door for way in sorted(ROUTE_ROWS) if way.startswith("GET ") for door in self._doors(way)[:1]]

    @cached_property
    def forms(self) -> list[Door]:
        """Every form on every page, as somebody sees it who may, and every other route that takes a POST."""
        found: dict[str, Door] = {}
        for way in sorted(ROUTE_ROWS):
            for door in self._doors(way) if way.startswith("GET ") else []:
                with door.client.get(door.url) as answer:
                    if answer.status_code == 200 and answer.mimetype == "text/html":
                        for form in self._on_page(door, answer.text):
                            found.setdefault(form.way, form)
                        self.exports += self._as_files(door, answer.text)
                    elif answer.mimetype in EXPORTS.values():
                        self.exports.append(door)
        for way in sorted(set(ROUTE_ROWS) - set(found)):
            if way.startswith("POST ") and PREFIX not in way:
                found[way] = self._doors(way)[0]
        return [found[way] for way in sorted(found)]

    @cached_property
    def calls(self) -> list[Door]:
        """Every JSON call that takes a POST."""
        return [door for way in sorted(ROUTE_ROWS) if way.startswith(f"POST {PREFIX}") for door in self._doors(way)[:1]]

    def _doors(self, way: str) -> list[Door]:
        row = ROUTE_ROWS[way]
        with self.app.test_request_context():
            url = url_for(routes(self.app)[way], **row.arguments(self.stage))
        may = [account for account, admitted in row.accounts(self.stage).values() if admitted][:2]
        sent = tuple(Field(name, "text", "", str(value)) for name, value in row.send(self.stage).items())
        named = {each.name for each in sent}
        guessed = tuple(Field(name, "text") for name in ("name", "reason", "note") if name not in named)
        clients = [
            self.program(account) if url.startswith(PREFIX) else browser_of(self.app, account) for account in may
        ]
        return [Door(way, url, client, sent + guessed) for client in clients or [self.app.test_client()]]

    def program(self, account: Any) -> FlaskClient:
        """Give a program with a token of the account."""
        if account.id not in self._programs:
            create_token(account, "程序", f"token of {account.id}")
            client = self.app.test_client()
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer token of {account.id}"
            self._programs[account.id] = client
        return self._programs[account.id]

    def _on_page(self, page: Door, text: str) -> list[Door]:
        doors = []
        for markup in FORM.findall(text):
            form = tinyhtml5.parse(markup, namespace_html_elements=False).find(".//form")
            if form.get("method", "").lower() == "post":
                url = form.get("action") or page.url
                rule, _ = self.app.url_map.bind("localhost").match(url.partition("?")[0], "POST", return_rule=True)
                doors.append(Door(f"POST {rule.rule}", url, page.client, tuple(_fields(form))))
        return doors

    def _as_files(self, page: Door, text: str) -> list[Door]:
        links = {urljoin(page.url, unescape(link)) for link in AS_FILE.findall(text)}
        return [replace(page, url=link) for link in sorted(links)]

    def contents(self) -> dict[str, Any]:
        """Count the rows of every table, and name the files in the store; no write goes without a row of the audit log."""
        found: dict[str, Any] = {"files": sorted(path.name for path in self._files.rglob("*") if path.is_file())}
        counts = [
            select(literal(table.name), func.count()).select_from(table)
            for table in tables()
            if table.name not in VISITS
        ]
        with db.engine.connect() as connection:
            return found | {row[0]: row[1] for row in connection.execute(union_all(*counts))}

    @property
    def _files(self) -> Path:
        return Path(self.app.config["LBCERT"].home) / "files"


def _fields(form: Any) -> list[Field]:
    """Read a form as a browser would send it untouched, save that what must be filled in is."""
    found: dict[str, Field] = {}
    for element in form.iter():
        name = element.get("name")
        if element.tag not in {"input", "textarea", "select"} or not name:
            continue
        kind = element.get("type", "text") if element.tag == "input" else element.tag
        is_chosen = kind not in {"checkbox", "radio"} or element.get("checked") is not None
        if name in found and not (is_chosen and kind == "radio"):
            continue
        shown = _shown(element, kind) if is_chosen else ""
        must = element.get("required") is not None
        usual = shown or (_fallback(element, kind) if must else "")
        found[name] = Field(name, kind, shown, usual, is_code=element.get("data-code") is not None)
    return list(found.values())


def _shown(element: Any, kind: str) -> str:
    if kind == "textarea":
        return (element.text or "").strip()
    if kind == "select":
        options = list(element.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options
        return chosen[0].get("value", "") if chosen else ""
    return element.get("value") or ("y" if kind == "checkbox" else "")


def _fallback(element: Any, kind: str) -> str:
    if kind == "select":
        return next((value for option in element.iter("option") if (value := option.get("value")) not in {"", "0"}), "")
    if kind in {"checkbox", "radio"}:
        return element.get("value") or "y"
    return USUAL.get(kind, "" if kind in {"hidden", "file"} else "测试")
