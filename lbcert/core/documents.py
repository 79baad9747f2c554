"""Printed papers: a template of ``templates/documents`` filled with plain data, as PDF."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lbcert.resources import folder


def document(name: str, *, pictures: Mapping[str, bytes] | None = None, **values: Any) -> bytes:
    """Print ``templates/documents/<name>.html`` with plain values. It stops at a name that is not given.

    It loads nothing but its ``pictures``, each by its name: ``<img src="given:photo-7">``.
    """
    page = _environment().get_template(f"{name}.html").render(values)
    style = (folder("templates") / "documents" / "paper.css").read_text(encoding="utf-8")
    from lbcert.core.typesetting import typeset  # noqa: PLC0415 (loads WeasyPrint: half a second, for who prints)

    return typeset(page, style, pictures or {})


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder("templates") / "documents"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["chinese_date"] = chinese_date
    return environment


def chinese_date(day: date) -> str:
    """Write a day as papers do: 2025年8月7日."""
    return f"{day.year}年{day.month}月{day.day}日"
