"""The pages of what a finding is about, as links under its words."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l

from lbcert.core.access import acting
from lbcert.core.findings import Missing
from lbcert.core.room import gate_of

#: Kind of a subject → its page, the name of the page's argument, and what it is called.
_PAGES: dict[str, tuple[str, str, Any]] = {
    "session": ("teaching.session", "session_id", _l("课次")),
    "organisation": ("parties.organisation", "organisation_id", _l("机构")),
    "person": ("parties.person", "person_id", _l("人员")),
    "batch": ("exams.batch", "batch_id", _l("批次")),
    "card": ("exams.card_paper", "card_id", _l("证卡")),
}


def links_to(subject: str) -> list[tuple[str, str]]:
    """Give label and address of each thing in a finding's subject ("session:3 session:4") whose page the reader may open.

    Several of a kind are numbered in the order in which the finding's words list them.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for each in subject.split():
        kind, _, key = each.partition(":")
        if kind in _PAGES and key.isdecimal():
            places = found.setdefault(kind, [])
            places.append((len(places) + 1, key))
    return [
        (f"{_PAGES[kind][2]} {place}" if len(keys) > 1 else str(_PAGES[kind][2]), url)
        for kind, keys in found.items()
        for place, key in keys
        if (url := _open_to_reader(kind, int(key)))
    ]


def _open_to_reader(kind: str, key: int) -> str:
    endpoint, argument, _label = _PAGES[kind]
    gate = gate_of(current_app._get_current_object(), endpoint)  # type: ignore[attr-defined]
    try:
        admitted = gate is not None and gate.admits(acting(), {argument: key})
    except Missing:
        return ""
    arguments: dict[str, Any] = {argument: key}
    url = url_for(endpoint, **arguments)
    return url if admitted and url != request.path else ""
