"""A link as a QR: its modules, and the path of a picture of them."""

from __future__ import annotations

from itertools import groupby
from string import ascii_uppercase, digits

from lbcert.core.qr_mask import best_symbol

#: Modules of quiet zone on each side (ISO/IEC 18004).
QUIET = 4
#: A symbol with its quiet zone, row by row, the dark modules true.
Modules = list[list[bool]]

_ALPHANUMERIC = frozenset(digits + ascii_uppercase + " $%*+-./:")


def modules(link: str, version: int) -> Modules:
    """Give the dark modules of a link's QR, quiet zone included; one alphanumeric segment at level M, of ``version`` at least.

    Raises ``ValueError`` for text outside the alphanumeric alphabet, which would be a larger symbol.
    """
    if not _ALPHANUMERIC.issuperset(link):
        raise ValueError(f"not alphanumeric: {link!r}")
    symbol, side = best_symbol(link, version)
    dark = f"{symbol:0{side**2}b}"
    margin, border = [False] * QUIET, [[False] * (side + 2 * QUIET)] * QUIET
    rows = [dark[start : start + side] for start in range(0, side**2, side)]
    return [*border, *([*margin, *(module == "1" for module in row), *margin] for row in rows), *border]


def svg_path(matrix: Modules) -> str:
    """Draw `modules` as the path of an SVG whose view box is as many units wide and high as there are modules."""
    return "".join(f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(matrix) for x, width in runs(row))


def runs(row: list[bool]) -> list[tuple[int, int]]:
    """Give start and width of each run of dark modules."""
    found, at = [], 0
    for dark, group in groupby(row):
        width = len(list(group))
        if dark:
            found.append((at, width))
        at += width
    return found
