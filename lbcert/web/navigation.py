"""The menu of the pages: what an account can go to, grouped in the order in which the work flows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, request, url_for
from flask_babel import lazy_gettext as _l

from lbcert.core.access import Actor
from lbcert.core.room import gate_of

#: The heading under which a room's pages stand; those of plugins come last.
HEADINGS = {
    "home": "",
    "demand": _l("用工需求"),
    "brands": _l("用工需求"),
    "cohorts": _l("培训"),
    "teaching": _l("培训"),
    "oversight": _l("考核与证书"),
    "exams": _l("考核与证书"),
    "certificates": _l("考核与证书"),
    "dossiers": _l("考核与证书"),
    "placement": _l("就业与成效"),
    "funding": _l("就业与成效"),
    "reports": _l("就业与成效"),
    "parties": _l("机构、人员与设置"),
    "policy": _l("机构、人员与设置"),
    "calendar": _l("机构、人员与设置"),
    "audit": _l("机构、人员与设置"),
}
PLUGINS = _l("扩展")


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
    found: dict[str, tuple[Any, list[Entry]]] = {str(heading): (heading, []) for heading in HEADINGS.values()}
    for endpoint, view in app.view_functions.items():
        line = getattr(view, "menu", None)
        if line and (gate := gate_of(app, endpoint)) and gate.admits(actor, {}):
            heading = HEADINGS.get(endpoint.partition(".")[0], PLUGINS)
            found.setdefault(str(heading), (heading, []))[1].append(Entry(line[0], line[1], url_for(endpoint)))
    groups = [Group(heading, tuple(entries)) for heading, entries in found.values() if entries]
    return mark_active(groups, request.path)


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
