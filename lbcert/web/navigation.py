"""The menu of the pages: what an account can go to, grouped in the order in which the work flows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    label: Any
    endpoint: str
    icon: str
    #: the permission without which the line is not shown; empty for everybody who is signed in
    permission: str = ""

    @property
    def url(self) -> str:
        """The page's address."""
        return url_for(self.endpoint)

    @property
    def active(self) -> bool:
        """Tell whether the page being shown is this one, or one of the same room when it is the room's first page."""
        if request.endpoint == self.endpoint:
            return True
        room, _, page = self.endpoint.rpartition(".")
        return page == "index" and request.blueprint == room


@dataclass(frozen=True)
class Group:
    """Lines of the menu under one heading."""

    label: Any
    entries: tuple[Entry, ...]


def reachable(groups: Iterable[Group], may: Any) -> list[Group]:
    """Leave what the application has and ``may(permission)`` allows; a group without lines falls away."""
    kept = []
    for group in groups:
        entries = tuple(
            entry
            for entry in group.entries
            if entry.endpoint in current_app.view_functions and (not entry.permission or may(entry.permission))
        )
        if entries:
            kept.append(Group(group.label, entries))
    return kept
