"""The menu of the pages: what an account can go to, grouped in the order in which the work flows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from flask import Flask, request, url_for
from flask_babel import lazy_gettext as _l

from lbcert.core.access import Actor, Gate
from lbcert.core.room import gate_of

_DEMAND, _TRAINING, _PROOF, _OUTCOME, _SETTINGS = (
    _l("用工需求"), _l("培训"), _l("考核与证书"), _l("就业与成效"), _l("机构、人员与设置")
)  # fmt: skip
#: The heading under which a room's pages stand; those of plugins come last.
HEADINGS = {
    "home": "",
    "demand": _DEMAND,
    "brands": _DEMAND,
    "cohorts": _TRAINING,
    "teaching": _TRAINING,
    "oversight": _PROOF,
    "exams": _PROOF,
    "certificates": _PROOF,
    "dossiers": _PROOF,
    "placement": _OUTCOME,
    "funding": _OUTCOME,
    "reports": _OUTCOME,
    "parties": _SETTINGS,
    "policy": _SETTINGS,
    "calendar": _SETTINGS,
    "audit": _SETTINGS,
}
PLUGINS = _l("扩展")
_ORDER = list({id(heading): heading for heading in (*HEADINGS.values(), PLUGINS)}.values())


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    label: Any
    icon: str
    url: str
    active: bool = False


@dataclass(frozen=True)
class Group:
    """Lines of the menu under one heading."""

    label: Any
    entries: tuple[Entry, ...]


def menu(app: Flask, actor: Actor) -> list[Group]:
    """Give the pages that their rooms put in the menu and their gates open to this actor; a visitor has no menu."""
    if actor.id is None:
        return []
    found: list[list[Entry]] = [[] for _ in _ORDER]
    for line in _lines(app):
        if line.gate.admits(actor, {}):
            found[line.place].append(Entry(line.label, line.icon, url_for(line.endpoint)))
    groups = [Group(heading, tuple(entries)) for heading, entries in zip(_ORDER, found, strict=True) if entries]
    return mark_active(groups, request.path)


class _Line(NamedTuple):
    endpoint: str
    gate: Gate
    label: Any
    icon: str
    place: int


def _lines(app: Flask) -> list[_Line]:
    """Give the pages that are in the menu of anybody, found once: each page shown asks for them, out of some 500 routes."""
    if "lbcert.menu" not in app.extensions:
        places = {id(heading): place for place, heading in enumerate(_ORDER)}
        found = []
        for endpoint, view in app.view_functions.items():
            line, gate = getattr(view, "menu", None), gate_of(app, endpoint)
            if line and gate:
                heading = HEADINGS.get(endpoint.partition(".")[0], PLUGINS)
                found.append(_Line(endpoint, gate, line[0], line[1], places[id(heading)]))
        app.extensions["lbcert.menu"] = found
    lines: list[_Line] = app.extensions["lbcert.menu"]
    return lines


def mark_active(groups: list[Group], path: str) -> list[Group]:
    """Mark the line whose page this is, or under whose address it lies: the longest such address."""
    urls = [entry.url for group in groups for entry in group.entries]
    here = max(
        (url for url in urls if path == url or (url != "/" and path.startswith(f"{url.rstrip('/')}/"))), default=""
    )
    return [
        replace(group, entries=tuple(replace(entry, active=entry.url == here) for entry in group.entries))
        for group in groups
    ]
