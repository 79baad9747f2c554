"""Every hook a plugin may implement.

Four kinds. *Registration* hooks are called once at start and give frozen dataclasses with a unique name. *Check* hooks
give findings for a list, never one call a row. *Consequence* hooks run inside the transaction: a failure rolls it
back. *Event* hooks run after the commit: a failure is logged under the plugin's name and stops nothing. A hook about a
brand's object reaches only the plugins that are on for that brand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lbcert.core.room import Room

hookspec = pluggy.HookspecMarker("lbcert")
hookimpl = pluggy.HookimplMarker("lbcert")


@hookspec
def lbcert_rooms() -> Sequence[Room]:  # type: ignore[empty-body]  # a specification
    """Registration: pages of the plugin.

    Called once at start, after the core's rooms. Return rooms whose names bear the plugin's prefix; each route names
    its gate. A name used twice stops the start and names both plugins.
    """
