"""A room's pages: every route says who may see it, or is never served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from lbcert.core.access import PUBLIC, Gate, acting
from lbcert.core.findings import Forbidden

V = TypeVar("V", bound=Callable[..., Any])

#: Routes of libraries, which carry no gate of their own: endpoint → gate.
LENT: dict[str, Gate] = {"static": PUBLIC, "language": PUBLIC}


class Room(Blueprint):
    """A blueprint whose routes name their gate: ``@room.page("/<int:cohort_id>", see=holds(…, at=cohort_place))``."""

    def page(
        self,
        rule: str,
        *,
        see: Gate,
        methods: tuple[str, ...] = ("GET",),
        menu: tuple[Any, str] | None = None,
        **options: Any,
    ) -> Callable[[V], V]:
        """Add a route that ``see`` guards; the gate reads the route's arguments by name.

        ``menu`` puts a page without arguments in the menu of those whom the gate admits: its label and its icon.
        """

        def add(view: V) -> V:
            view.gate = see  # type: ignore[attr-defined]  # a function carries its gate
            view.menu = menu  # type: ignore[attr-defined]  # and its line in the menu
            self.add_url_rule(rule, view_func=view, methods=list(methods), **options)
            return view

        return add


def gate_of(app: Flask, endpoint: str) -> Gate | None:
    """Give the gate of a route, or None where it has none and so is never served."""
    return LENT.get(endpoint) or getattr(app.view_functions.get(endpoint), "gate", None)


def guard() -> Response | None:
    """Before each request: let pass whom the route's gate admits, send strangers to sign in."""
    if request.endpoint is None:
        return None
    gate = gate_of(current_app._get_current_object(), request.endpoint)  # type: ignore[attr-defined]
    if gate is None:
        abort(404)
    actor = acting()
    if gate.admits(actor, request.view_args or {}):
        return None
    if actor.id is None and request.path.startswith("/api/"):
        abort(401)
    if actor.id is None:
        came_for = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("security.login", next=came_for))
    raise Forbidden(request.endpoint)
