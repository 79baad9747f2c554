"""What the rooms' JSON calls stand on: a gate for each, a token for each account, plain shapes in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from werkzeug.datastructures import FileStorage

from lbcert.core.access import PUBLIC, Gate, Visitor
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.intake import LARGEST_ID
from lbcert.core.pages import in_words
from lbcert.core.words import say

PREFIX = "/api/v1"
C = TypeVar("C", bound=Callable[..., Any])


class Calls(Blueprint):
    """A room's JSON calls: ``@calls.call("/orders", see=holds(…))``, then what flask-smorest's decorators add."""

    def __init__(self, room: str, module: str, description: str) -> None:
        super().__init__(f"api_{room}", module, url_prefix=PREFIX, description=description)

    def call(self, rule: str, *, see: Gate, methods: tuple[str, ...] = ("GET",)) -> Callable[[C], C]:
        """Add a call that ``see`` guards; the gate reads the call's path by name."""

        def add(view: C) -> C:
            view.gate = see  # type: ignore[attr-defined]  # a function carries its gate
            if see is PUBLIC:
                view = self.doc(security=[])(view)
            self.route(rule, methods=list(methods))(view)
            return view

        return add


class WholeNumber(fields.Integer):
    """A whole number, written as one, that an INTEGER column holds."""

    def __init__(self, **about: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(-LARGEST_ID, LARGEST_ID), **about)


class FindingShape(Schema):
    """One finding."""

    rule = fields.String(metadata={"description": "stable name of the rule"})
    level = fields.String(metadata={"description": "refuse, exception, warn or note"})
    message = fields.String(metadata={"description": "what is wrong and what would be right"})
    source = fields.String(metadata={"description": "the document that says so"})


class FailureShape(Schema):
    """What is said when a call fails: what happened, what to do, and all findings, or the fields not of their shape."""

    code = fields.Integer(metadata={"description": "the status of the answer"})
    status = fields.String(metadata={"description": "what happened"})
    message = fields.String(metadata={"description": "what to do"})
    findings = fields.List(fields.Nested(FindingShape))
    fields = fields.Dict(metadata={"description": "what is wrong, by where it was sent and by the field's name"})  # type: ignore[assignment]  # marshmallow declares no such name for a field


class PageQuery(Schema):
    """Which part of a list: bounded, whatever is asked."""

    page = fields.Integer(metadata={"description": "from 1"})
    per_page = fields.Integer(metadata={"description": "at most 100"})
    q = fields.String(metadata={"description": "search"})


def as_shape(finding: Finding) -> dict[str, str]:
    """Give a finding as ``FindingShape`` writes it, in the reader's language."""
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "message": in_words(finding.message),
        "source": finding.source,
    }


def sent_file(name: str) -> FileStorage:
    """Give a file of a multipart request; raises ``Refused`` where it is missing."""
    file = request.files.get(name)
    if file is None:
        raise Refused([refuse("api.file_missing", say("请求里没有名为 {name} 的文件", name=name))])
    return file


def read_token() -> None:
    """Before each call: take the account of the bearer token, and of nothing else, so no browser is tricked into calling."""
    if not request.path.startswith(f"{PREFIX}/"):
        return
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    account = current_app.extensions["lbcert.bearer"](secret.strip()) if kind.lower() == "bearer" else None
    g.bearer = account or Visitor()
