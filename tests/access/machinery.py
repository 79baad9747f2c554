"""Who may do what: every operation and every route has a row here, and each row is tried with every role.

A room's rows stand in ``tests/access/<room>.py`` (an installed plugin's in ``plugins/<plugin>/tests/access.py``), one line each::

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

Whoever is not named is refused; that is tried as well: every role here, and elsewhere those who may here. The second part gives the operation's arguments by name, or the
route's, made on the stage: ``stage.cohort``, ``stage.at(OrganisationKind.EMPLOYER)``, or something of your own by
``stage.once("order", lambda: factories…)``. ``send`` gives a form to POST (empty otherwise: a form that is refused for
its content was let in). ``also`` tries actors of your own: label → (account, whether it may).

An operation that somebody may do really runs, and is then rolled back. The database is put back after each request that
wrote, and the stage after each row, so that no row depends on another. What ``once`` made for one row is copied for the
next one that begins alike.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lbcert
from lbcert.core.access import Console, Role, Visitor
from lbcert.core.operation import OPERATIONS
from lbcert.parties.models import Account, Grant, Organisation, OrganisationKind
from lbcert.parties.rules import KINDS_OF_ROLE, OVER_REGION
from lbcert.testing import factories
from lbcert.testing.moments import Moments
from lbcert.testing.plugins import is_installed
from lbcert.testing.scenes import read, written

HERE, ELSEWHERE = factories.LUQUAN, factories.NINGLANG
_ROOT = Path(__file__).parents[2]
#: So many things that rows make one after another are copied; the supervisor's tests make a hundred.
_DEEPEST = 4


class Stage:
    """One of everything, in one county; and accounts of each role, here and elsewhere."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}
        #: What a row has made so far, one after another; None while something is being made.
        self._path: tuple[str, ...] | None = None
        #: By the path that leads there: the database then, and what the last step made, pickled.
        self._scenes: dict[tuple[str, ...], tuple[Path, bytes]] = {}
        self.moments = Moments()
        for role in Role:
            for region in (HERE, ELSEWHERE):
                self.account(role, region)
        #: Somebody who lives here and learns in a running cohort of the provider.
        self.person = factories.person()
        self.cohort = factories.cohort(self.at(OrganisationKind.PROVIDER))
        self.enrolment = factories.enrolment(self.cohort, self.person)
        self._empty = self.moments.keep()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Undo and forget afterwards what was made in between."""
        before, self._path = dict(self._kept), ()
        yield
        self._kept, self._path = before, None
        self.moments.go_back(self._empty)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Give what ``make`` makes, the same each time."""
        if name not in self._kept:
            if self._path is None or len(self._path) == _DEEPEST or self.moments.is_written_to():
                self._kept[name] = make()
            else:
                self._step((*self._path, name), make)
        return self._kept[name]

    def _step(self, path: tuple[str, ...], make: Callable[[], Any]) -> None:
        if path not in self._scenes:
            before, self._path = set(self._kept), None
            self._kept[path[-1]] = make()
            made = {name: value for name, value in self._kept.items() if name not in before}
            self._scenes[path] = self.moments.keep(), written(made)
        moment, scene = self._scenes[path]
        self.moments.go_back(moment)
        self._kept |= read(scene)
        self._path = path

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

    @property
    def is_public(self) -> bool:
        """Tell whether visitors may."""
        return "public" in self.may.split()

    def accounts(self, stage: Stage) -> dict[str, tuple[Account, bool]]:
        """Give every account that is tried, by a name for the report, and whether it may."""
        tried = {f"{role.value} here": (stage.account(role), self.admits(role, here=True)) for role in Role}
        for role in Role:
            if self.admits(role, here=True):
                away = self.admits(role, here=False)
                tried[f"{role.value} elsewhere"] = (stage.account(role, ELSEWHERE), away)
        return tried | self.also(stage)

    def strangers(self) -> dict[str, tuple[Any, bool]]:
        """Give those without an account, and whether they may."""
        may_console = self.is_public or "console" in self.may.split()
        return {"visitor": (Visitor(), self.is_public), "console": (Console(), may_console)}


def _rows(name: str) -> dict[str, Row]:
    found: dict[str, Row] = {}
    plugins = [path for path in sorted((_ROOT / "plugins").glob("*/tests/access.py")) if is_installed(path.parents[1])]
    files = [*sorted((_ROOT / "tests/access").glob("*.py")), *plugins]
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


for _module in pkgutil.walk_packages(lbcert.__path__, "lbcert."):
    if not _module.name.startswith(("lbcert.migrations", "lbcert.testing")):
        importlib.import_module(_module.name)  # an operation is one when its module is read

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
