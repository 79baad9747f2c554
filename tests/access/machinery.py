"""Who may do what: every operation and every route has a row here, and each row is tried with every role.

A room's rows stand in ``tests/access/<room>.py`` (a plugin's in ``plugins/<plugin>/tests/access.py``), one line each::

    from tests.access.machinery import Row

    OPERATIONS = {
        "cohorts.approve": Row("bureau_officer service_centre", lambda stage: {"cohort_id": stage.cohort.id}),
    }
    ROUTES = {
        "GET /cohorts/": Row("bureau_officer* service_centre* provider_clerk* auditor*"),
        "GET /cohorts/<int:cohort_id>": Row("bureau_officer auditor provider_clerk", lambda stage: {"cohort_id": stage.cohort.id}),
    }

The first part of a row says who may:

=================  ==================================================================================================
``provider_clerk``   an account with this role *here*: at the stage's organisations, or over its county (530128)
``provider_clerk*``  also *elsewhere*: at an organisation of the same kind, or over a county, of another place (530724)
``signed_in``        every account, here and elsewhere
``public``           everybody, visitors too
``console``          somebody with a shell (operations only)
``inside``           nobody: the operation runs inside others only
=================  ==================================================================================================

Whoever is not named is refused; that is tried as well. The second part gives the operation's arguments by name, or the
route's, made on the stage: ``stage.cohort``, ``stage.at(OrganisationKind.EMPLOYER)``, or something of your own by
``stage.once("order", lambda: factories…)``. ``send`` gives a form to POST (empty otherwise: a form that is refused for
its content was let in). ``also`` tries actors of your own: label → (account, whether it may).

An operation that somebody may do really runs, and is then rolled back. A database is put back after each POST.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lbcert.core.access import Console, Role, Visitor
from lbcert.core.operation import OPERATIONS
from lbcert.parties.models import Account, Grant, Organisation, OrganisationKind
from lbcert.parties.rules import KINDS_OF_ROLE, OVER_REGION
from lbcert.testing import factories

HERE, ELSEWHERE = factories.LUQUAN, factories.NINGLANG
_ROOT = Path(__file__).parents[2]


class Stage:
    """One of everything, in one county; and accounts of each role, here and elsewhere."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Give what ``make`` makes, the same each time."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def at(self, kind: OrganisationKind, region: str = HERE) -> Organisation:
        """Give the organisation of a kind."""
        return self.once(f"at {kind} {region}", lambda: factories.organisation(kind, region))

    def account(self, role: Role, region: str = HERE) -> Account:
        """Give the account with a role: at each kind of organisation where it may stand, or over the county."""
        return self.once(f"as {role} {region}", lambda: self._made(role, region))

    def _made(self, role: Role, region: str) -> Account:
        if role in OVER_REGION:
            return factories.account(role, region)
        first, *more = [self.at(kind, region) for kind in sorted(KINDS_OF_ROLE[role])]
        made = factories.account(role, first)
        for body in more:
            factories.store(Grant(account_id=made.id, role=role, organisation_id=body.id))
        return made

    @cached_property
    def person(self):
        """Somebody who lives here."""
        return factories.person()

    @cached_property
    def cohort(self):
        """A running cohort of the provider."""
        return factories.cohort(self.at(OrganisationKind.PROVIDER))

    @cached_property
    def enrolment(self):
        """The person in the cohort."""
        return factories.enrolment(self.cohort, self.person)


@dataclass(frozen=True)
class Row:
    """Who may, with which arguments; see above."""

    may: str
    arguments: Callable[[Stage], dict[str, Any]] = lambda _stage: {}
    send: Callable[[Stage], dict[str, Any]] = lambda _stage: {}
    also: Callable[[Stage], dict[str, tuple[Account, bool]]] = lambda _stage: {}

    def admits(self, role: Role, *, here: bool) -> bool:
        """Tell whether the row lets a role pass."""
        words = self.may.split()
        unknown = {word.rstrip("*") for word in words} - {*Role, "public", "signed_in", "console", "inside"}
        if unknown:
            raise ValueError(f"nobody is called {sorted(unknown)}")
        wide = {"public", "signed_in", f"{role.value}*"}
        return bool(wide & set(words)) or (here and role.value in words)

    def accounts(self, stage: Stage) -> dict[str, tuple[Account, bool]]:
        """Give every account that is tried, by a name for the report, and whether it may."""
        tried = {
            f"{role.value} {where}": (stage.account(role, region), self.admits(role, here=region == HERE))
            for role in Role
            for where, region in (("here", HERE), ("elsewhere", ELSEWHERE))
        }
        return tried | self.also(stage)

    def strangers(self) -> dict[str, tuple[Any, bool]]:
        """Give those without an account, and whether they may."""
        words = self.may.split()
        return {
            "visitor": (Visitor(), "public" in words),
            "console": (Console(), bool({"public", "console"} & set(words))),
        }


def _rows(name: str) -> dict[str, Row]:
    found: dict[str, Row] = {}
    files = [*sorted((_ROOT / "tests/access").glob("*.py")), *sorted((_ROOT / "plugins").glob("*/tests/access.py"))]
    for path in files:
        if path.name.startswith("test_") or path == Path(__file__):
            continue
        spec = importlib.util.spec_from_file_location(f"access_rows_{path.parts[-3]}_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for key, row in getattr(module, name, {}).items():
            if key in found:
                raise ValueError(f"{key} has a second row in {path}")
            found[key] = row
    return found


OPERATION_ROWS = _rows("OPERATIONS")
ROUTE_ROWS = _rows("ROUTES")


def operations() -> set[str]:
    """Give the names of all operations, save those of tests."""
    return {name for name in OPERATIONS if not name.startswith("testing.")}


def routes(app: Any) -> dict[str, str]:
    """Give every way in that is served, "GET /parties/me", with its endpoint."""
    from lbcert.core.room import gate_of  # noqa: PLC0415 (needs the app)

    return {
        f"{method} {rule.rule}": rule.endpoint
        for rule in app.url_map.iter_rules()
        if gate_of(app, rule.endpoint) is not None
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    }
