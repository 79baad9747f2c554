"""The whole house with one of everything in it, its doors found by walking it: nobody keeps a list of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import tinyhtml5
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import func, literal, select, union_all
from werkzeug.test import TestResponse

from lbcert.core.api import PREFIX
from lbcert.core.database import db
from lbcert.parties.operations.tokens import create_token
from lbcert.testing.fixtures import browser_of
from tests.access.machinery import ROUTE_ROWS, Stage, routes

#: Counts of visits, which a refused request adds to by design.
VISITS = {"throttle_counts"}
USUAL = {
    "date": "2025-07-25",
    "number": "1",
    "time": "09:30",
    "datetime-local": "2025-07-25T09:30",
    "tel": "13812345678",
}


@dataclass(frozen=True)
class Field:
    """One field of a form on a page."""

    name: str
    kind: str
    usual: str

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


@dataclass
class House:
    """The app with the stage of the access tests."""

    app: Flask
    stage: Stage = field(default_factory=Stage)
    _programs: dict[int, FlaskClient] = field(default_factory=dict)

    @cached_property
    def lists(self) -> list[Door]:
        """Every page that can be opened, by somebody who may."""
        return [door for way in sorted(ROUTE_ROWS) if way.startswith("GET ") for door in self._doors(way)[:1]]

    @cached_property
    def forms(self) -> list[Door]:
        """Every form on every page, as somebody sees it who may, and every other route that takes a POST."""
        found: dict[str, Door] = {}
        for way in sorted(ROUTE_ROWS):
            for door in self._doors(way)[:2] if way.startswith("GET ") else []:
                with door.client.get(door.url) as answer:
                    if answer.status_code == 200 and answer.mimetype == "text/html":
                        for form in self._on_page(door, answer.text):
                            found.setdefault(form.way, form)
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
        may = [account for account, admitted in row.accounts(self.stage).values() if admitted]
        sent = tuple(Field(name, "text", str(value)) for name, value in row.send(self.stage).items())
        named = {each.name for each in sent}
        guessed = tuple(Field(name, "text", "") for name in ("name", "reason", "note") if name not in named)
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
        for form in tinyhtml5.parse(text, namespace_html_elements=False).iter("form"):
            if form.get("method", "").lower() == "post":
                url = form.get("action") or page.url
                rule, _ = self.app.url_map.bind("localhost").match(url.partition("?")[0], "POST", return_rule=True)
                doors.append(Door(f"POST {rule.rule}", url, page.client, tuple(_fields(form))))
        return doors

    def contents(self) -> dict[str, Any]:
        """Count the rows of every table, and name the files in the store; no write goes without a row of the audit log."""
        found: dict[str, Any] = {"files": sorted(path.name for path in self._files.rglob("*") if path.is_file())}
        tables = [table for metadata in db.metadatas.values() for table in metadata.sorted_tables]
        counts = [
            select(literal(table.name), func.count()).select_from(table) for table in tables if table.name not in VISITS
        ]
        with db.engine.connect() as connection:
            return found | {row[0]: row[1] for row in connection.execute(union_all(*counts))}

    @property
    def _files(self) -> Path:
        return Path(self.app.config["LBCERT"].home) / "files"


def _fields(form: Any) -> list[Field]:
    found: dict[str, Field] = {}
    for element in form.iter():
        name = element.get("name")
        if element.tag not in {"input", "textarea", "select"} or not name or name in found:
            continue
        kind = element.get("type", "text") if element.tag == "input" else element.tag
        value = element.get("value") or ""
        if element.tag == "textarea":
            value = (element.text or "").strip()
        if element.tag == "select":
            options = [option.get("value", "") for option in element.iter("option")]
            value = next((option for option in options if option not in {"", "0"}), "")
        if kind == "checkbox":
            value = value or "y"
        found[name] = Field(
            name, kind, value or USUAL.get(kind, "" if kind in {"hidden", "file", "select"} else "测试")
        )
    return list(found.values())
