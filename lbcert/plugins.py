"""The plugin manager: one per app, plugins switched on brand by brand, failures contained."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pluggy
from flask import Flask, current_app

from lbcert import hookspecs
from lbcert.core.database import db
from lbcert.core.words import Message

GROUP = "lbcert.plugins"
#: Registration hooks that give dataclasses → what no two of these may have in common.
REGISTRATIONS = {
    "lbcert_certificate_types": ("name", "kind"),
    "lbcert_migrations": ("name", "prefix"),
    "lbcert_rooms": ("name",),
    "lbcert_session_patterns": ("name",),
}
log = logging.getLogger(__name__)
T = TypeVar("T")


class PluginError(Exception):
    """A plugin that cannot be loaded, by name and with what to do about it."""


@dataclass
class Plugins:
    """The loaded plugins of one app. ``core`` ones (rooms that implement hooks themselves) are on for every brand."""

    manager: pluggy.PluginManager = field(default_factory=lambda: pluggy.PluginManager("lbcert"))
    core: set[str] = field(default_factory=set)
    #: Distribution and version of each shipped or installed plugin, by its name.
    origins: dict[str, str] = field(default_factory=dict)
    #: What was registered: hook → name → dataclass.
    registered: dict[str, dict[str, Any]] = field(default_factory=dict)
    _subsets: dict[frozenset[str], BrandHooks] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.manager.add_hookspecs(hookspecs)

    def add_core(self, module: ModuleType) -> None:
        """Register a room's own hook implementations."""
        self.core.add(module.__name__)
        self.manager.register(module, name=module.__name__)

    def load(self, points: Iterable[EntryPoint] | None = None) -> None:
        """Load the installed plugins in the order of their names; raises ``PluginError`` naming the one that fails."""
        found = entry_points(group=GROUP) if points is None else points
        for point in sorted(found, key=lambda point: point.name):
            origin = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
            if point.name in self.origins:
                raise PluginError(f"two plugins are named {point.name!r}: {self.origins[point.name]} and {origin}")
            try:
                self.manager.register(point.load(), name=point.name)
            except Exception as error:
                raise PluginError(f"plugin {point.name!r} of {origin} cannot be loaded: {error}") from error
            self.origins[point.name] = origin
        self.manager.check_pending()
        for hook, unique in REGISTRATIONS.items():
            self.registered[hook] = self._gather(hook, unique)

    def _gather(self, hook: str, unique: Iterable[str]) -> dict[str, Any]:
        """Collect what a registration hook gives; a duplicate stops the start and names both sources."""
        made: dict[str, Any] = {}
        taken: dict[tuple[str, Any], str] = {}
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            source = implementation.plugin_name
            for item in implementation.function():
                for key in ((attribute, getattr(item, attribute)) for attribute in unique):
                    if key in taken:
                        raise PluginError(f"{hook}: {taken[key]} and {source} both register {key[0]} {key[1]!r}")
                    taken[key] = source
                made[item.name] = item
        return made

    @property
    def names(self) -> list[str]:
        """The installed plugins."""
        return sorted(self.origins)

    def label(self, name: str) -> Message | str:
        """Give what people call a plugin: its ``LABEL``, or its name where it has none."""
        label: Message | str = getattr(self.manager.get_plugin(name), "LABEL", name)
        return label

    @property
    def folders(self) -> list[Path]:
        """Where the installed plugins lie, in the order of their names."""
        files = (getattr(self.manager.get_plugin(name), "__file__", None) for name in self.names)
        return [Path(file).parent for file in files if file]

    def for_brand(self, active: Iterable[str]) -> BrandHooks:
        """Give the hooks that reach the core and the plugins ``active`` for a brand, and no others."""
        chosen = frozenset(active) & frozenset(self.origins)
        if chosen not in self._subsets:
            off = [self.manager.get_plugin(name) for name in self.origins if name not in chosen]
            self._subsets[chosen] = BrandHooks(self.manager, off)
        return self._subsets[chosen]


class BrandHooks:
    """Hook callers of some of the plugins: ``hooks.lbcert_…(name=value)`` as pluggy's own relay."""

    def __init__(self, manager: pluggy.PluginManager, without: list[Any]) -> None:
        self._manager = manager
        self._without = without

    def __getattr__(self, name: str) -> pluggy.HookCaller:
        caller = self._manager.subset_hook_caller(name, remove_plugins=self._without)
        setattr(self, name, caller)
        return caller


def plugins() -> Plugins:
    """Give the running app's plugins."""
    loaded: Plugins = current_app.extensions["lbcert.plugins"]
    return loaded


def announce(caller: pluggy.HookCaller, **facts: Any) -> None:
    """Call an event hook, plugin by plugin: one that fails is logged by name and stops no other."""
    for implementation in caller.get_hookimpls():
        try:
            implementation.function(**{name: facts[name] for name in implementation.argnames})
        except Exception:
            log.exception("plugin %s failed in %s", implementation.plugin_name, caller.name)


def gather(caller: pluggy.HookCaller, kind: type[T], **facts: Any) -> list[T]:
    """Ask each plugin for more of a ``kind`` to show: one that fails is logged by name and shows nothing.

    What it breaks in the database's transaction is undone with it.
    """
    found: list[T] = []
    for implementation in caller.get_hookimpls():
        try:
            with db.session.begin_nested():
                found += _all_of(
                    kind, implementation.function(**{name: facts[name] for name in implementation.argnames})
                )
        except Exception:
            log.exception("plugin %s failed in %s", implementation.plugin_name, caller.name)
    return found


def _all_of(kind: type[T], answer: Any) -> list[T]:
    """Give what a plugin answered; raises ``TypeError`` for what is of another kind."""
    given = list(answer or ())
    for each in given:
        if not isinstance(each, kind):
            raise TypeError(f"{kind.__name__} expected, not {each!r}")
    return given


def init_app(app: Flask, core: Iterable[ModuleType] = (), points: Iterable[EntryPoint] | None = None) -> Plugins:
    """Make the app's plugin manager and load what is installed."""
    loaded = Plugins()
    for module in core:
        loaded.add_core(module)
    loaded.load(points)
    app.extensions["lbcert.plugins"] = loaded
    return loaded
