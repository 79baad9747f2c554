"""Which of eight masks a QR is drawn with: the choice of ISO/IEC 18004, 7.8.3.

`qrcode` draws a symbol eight times in Python to choose, a fifth of the time that a whole certificate takes. A symbol is a number
here, a bit a module and row after row, so that a mask is laid on by one XOR and a score counted by some thirty operations.
"""

from __future__ import annotations

from functools import cache

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM, QRData

#: A finder's dark and light modules with four light ones on a side, from either end.
_FINDERS = ("00001011101", "10111010000")
_AS_DIGITS = bytes.maketrans(b"\0\1", b"01")


def best_symbol(text: str, version: int) -> tuple[int, int]:
    """Draw an alphanumeric text at level M, in ``version`` at least: its modules as a number, and how many are on a side."""
    symbol, side = _drawn(text, version, 0)
    return min((symbol ^ change for change in _masks(side)), key=lambda masked: penalty(masked, side)), side


def penalty(symbol: int, side: int) -> int:
    """Score a symbol by what makes it hard to read: long runs, blocks, look-alikes of finders, too much dark or light."""
    across, down = (
        ~(symbol ^ symbol >> step) & _starts(side, 2, step) for step in (1, side)
    )  # a module like the next one
    points = 3 * (across & across >> side & down).bit_count()
    points += 10 * int(abs(symbol.bit_count() / side**2 - 0.5) * 20)
    for alike, step in ((across, 1), (down, side)):
        fives = alike & alike >> step & alike >> 2 * step & alike >> 3 * step
        points += fives.bit_count() + 2 * (fives & ~(fives << step)).bit_count()
        points += 40 * sum(_found(finder, symbol, side, step) for finder in _FINDERS)
    return points


def _found(pattern: str, symbol: int, side: int, step: int) -> int:
    """Count where a pattern stands along the rows (``step`` 1) or the columns (``step`` a side)."""
    places = _starts(side, len(pattern), step)
    for at, module in enumerate(pattern):
        places &= symbol >> at * step if module == "1" else ~(symbol >> at * step)
    return places.bit_count()


@cache
def _starts(side: int, length: int, step: int) -> int:
    """Give the modules from which so many fit into their row or column."""
    fit = side - length + 1
    return int(("0" * (side - fit) + "1" * fit) * side, 2) if step == 1 else (1 << side * fit) - 1


@cache
def _masks(side: int) -> list[int]:
    """Give what each mask changes in a symbol that has the first, format information included: the same for every text."""
    drawn = [_drawn("A", (side - 17) // 4, mask)[0] for mask in range(8)]
    return [symbol ^ drawn[0] for symbol in drawn]


def _drawn(text: str, version: int, mask: int) -> tuple[int, int]:
    code = QRCode(version=version, error_correction=ERROR_CORRECT_M, border=0, mask_pattern=mask)
    code.add_data(QRData(text, mode=MODE_ALPHA_NUM))
    code.make(fit=True)
    return int(b"".join(map(bytes, code.get_matrix())).translate(_AS_DIGITS), 2), code.modules_count
