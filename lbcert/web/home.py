"""The first page: for a visitor the open doors, for an account its work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from lbcert.brands import queries as brands
from lbcert.certificates.queries import trust as keys
from lbcert.certificates.queries import waiting as certificates
from lbcert.cohorts.queries import todo as cohorts
from lbcert.core.access import PUBLIC, SIGNED_IN, Actor, acting, roles_of
from lbcert.core.intake import whole_numbers
from lbcert.core.messages import inbox, read_notifications
from lbcert.core.room import Room
from lbcert.core.todo import Todo
from lbcert.core.words import Message
from lbcert.dossiers import queries as dossiers
from lbcert.exams.queries import todo as exams
from lbcert.oversight import queries as oversight
from lbcert.parties.queries import accounts
from lbcert.placement import queries as placement
from lbcert.plugins import gather, plugins
from lbcert.teaching.queries import todo as teaching
from lbcert.web import audit
from lbcert.web.navigation import HEADINGS, PLUGINS

room = Room("home", __name__)

#: Rooms that say what waits, in the order in which the work flows.
ROOMS = (brands, cohorts, teaching, oversight, exams, certificates, placement, dossiers, accounts, keys, audit)
#: Lines of a heading that stand open; the others are folded away.
SHOWN = 5


@dataclass(frozen=True)
class Task:
    """One line of the list: what is to be done, and where (nowhere yet when ``url`` is empty)."""

    message: Message
    url: str


@dataclass(frozen=True)
class Tasks:
    """What waits under one heading."""

    heading: Any
    shown: tuple[Task, ...]
    folded: tuple[Task, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.shown) + len(self.folded)


@room.page("/", see=PUBLIC, menu=(_l("首页"), "home"))
def index() -> str:
    """Show where to go from here."""
    actor = acting()
    tasks = [] if actor.id is None else tasks_of(actor)
    return render_template(
        "pages/home.html",
        roles=[role.label for role in sorted(roles_of(actor))],
        tasks=tasks,
        inbox=inbox(actor.person_id),
    )


@room.page("/notifications", see=SIGNED_IN, methods=("POST",))
def read() -> ResponseReturnValue:
    """Note that the account's person has read what the first page showed."""
    read_notifications(acting(), whole_numbers(request.form.getlist("notification")))
    return redirect(url_for("home.index"))


def tasks_of(actor: Actor) -> list[Tasks]:
    """Gather what waits for an account from all rooms and plugins, by the headings of the menu."""
    found: dict[str, list[Task]] = {}
    waiting = [each for waits in ROOMS for each in waits.todo(actor)]
    for each in waiting + gather(plugins().manager.hook.lbcert_todo, Todo, actor=actor):
        heading = HEADINGS.get(each.endpoint.partition(".")[0], PLUGINS)
        found.setdefault(str(heading), []).append(_task(each))
    return [_under(heading, tasks) for heading, tasks in found.items()]


def _under(heading: str, tasks: Iterable[Task]) -> Tasks:
    every = tuple(dict.fromkeys(tasks))
    return Tasks(heading, every[:SHOWN], every[SHOWN:])


def _task(each: Todo) -> Task:
    known = each.endpoint in current_app.view_functions
    return Task(each.message, url_for(each.endpoint, **each.arguments) if known else "")
