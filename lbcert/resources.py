"""Where the folders lie that are no code, in a checkout and in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """Give the path of ``templates`` or ``certs_schema``: inside the package (wheel), else beside it (checkout)."""
    for place in (_PACKAGE / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the folder {name!r} is neither in {_PACKAGE} nor beside it: the installation is broken")
