"""What stays in a content stream of WeasyPrint's, whose letters change, and what moves with them.

It is found out from streams of pages that are alike. Nothing is taken on trust: they must be the same but for the letters that
were changed on purpose and the places at which a line's words begin; HarfBuzz must give the very glyphs that were drawn, none
of them moved otherwise than the others in its place; and where words begin must follow from how wide the letters are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lbcert.core.fonts import SmallFont

#: Each on a line of its own: a font and its size, where words begin, what is shown of them.
_TOKENS = re.compile(rb"^(/\w+ [\d.]+ Tf|1 0 0 -1 [\d.-]+ [\d.-]+ Tm|\[[^]]*\] TJ)$", re.MULTILINE)
#: What is shown: glyphs by their numbers, four digits each, and between them how far to move.
_SHOWN = re.compile(rb"<[0-9a-f]*>|[^<]+")
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
#: How far words move for each point by which the letters before them, and those of the whole line, are wider: not at all, or on a
#: line that is set from its left, from its middle, from its right.
_SETTINGS = ((0.0, 0.0), (1.0, 0.0), (1.0, -0.5), (1.0, -1.0))
#: Of WeasyPrint's and of Pango's, in CSS pixels.
_ROUNDING = 0.02

#: Letters that stay, and where on the page those that change are found.
Text = list[str | int]


class Unlike(Exception):
    """A page is not to be had from another by changing letters."""


@dataclass(frozen=True)
class Glyphs:
    """Glyphs of one font: the letters of each, and its width in thousandths of the font's size."""

    letters: dict[int, str] = field(default_factory=dict)
    widths: dict[int, Any] = field(default_factory=dict)

    def add(self, number: int, letters: str, width: Any) -> None:
        """Add one, where it is not there yet."""
        self.letters.setdefault(number, letters)
        self.widths.setdefault(number, width)

    def copy(self) -> Glyphs:
        """Give another one to add to."""
        return Glyphs(dict(self.letters), dict(self.widths))


@dataclass(frozen=True)
class Font:
    """A font that content streams use."""

    #: as it stands in the PDF
    written: Any
    small: SmallFont
    #: those that each of the pages compared has
    drawn: Sequence[Glyphs]
    #: those that stay
    kept: Glyphs = field(default_factory=Glyphs)


@dataclass(frozen=True, eq=False)
class _Run:
    """What is shown at once, some of its letters changing."""

    name: str
    size: float
    text: Text
    moved: list[tuple[int, ...]]
    #: what is written before, between and after the numbers of its glyphs
    gaps: list[bytes]
    #: on each of the pages compared
    widths: list[float]

    def written(self, numbers: Sequence[int]) -> bytes:
        """Write it with other glyphs."""
        return b"".join(gap + b"%04x" % number for gap, number in zip(self.gaps, numbers, strict=False)) + self.gaps[-1]


@dataclass(eq=False)
class _Words:
    """What begins at one place of a line; places and widths in CSS pixels, on each of the pages compared."""

    at: list[float]
    height: str
    runs: list[_Run] = field(default_factory=list)
    setting: tuple[float, float] = (0.0, 0.0)

    @property
    def widths(self) -> list[float]:
        """How wide the runs in it are that have letters changing."""
        return [sum(run.widths[page] for run in self.runs) for page in range(len(self.at))]

    def written(self, at: float) -> bytes:
        """Write where it begins."""
        return f"1 0 0 -1 {f'{at:f}'.rstrip('0').rstrip('.')} {self.height} Tm".encode()


class _Line:
    """Words at one height, from the left; raises `Unlike` where they do not move as words on a line do."""

    def __init__(self, words: list[_Words]) -> None:
        self._words = sorted(words, key=lambda each: each.at[0])
        widths = [each.widths for each in self._words]
        wholes = [sum(column) for column in zip(*widths, strict=True)]
        self._first, self._narrowest, self._widest = [column[0] for column in widths], min(wholes), max(wholes)
        befores = [0.0] * len(wholes)
        for each, wide in zip(self._words, widths, strict=True):
            each.setting = _setting(each.at, befores, wholes)
            befores = [sum(pair) for pair in zip(befores, wide, strict=True)]

    def placed(self, widths: Mapping[_Words, float]) -> Iterator[tuple[_Words, bytes]]:
        """Say where its words begin now that they are so wide; raises `Unlike` for a line wider or narrower than was tried."""
        wider = [widths[each] - first for each, first in zip(self._words, self._first, strict=True)]
        whole, before = sum(wider), 0.0
        if not self._narrowest - _ROUNDING <= sum(self._first) + whole <= self._widest + _ROUNDING:
            raise Unlike("narrower or wider than any that was tried")
        for each, by in zip(self._words, wider, strict=True):
            follows, draws = each.setting
            yield each, each.written(each.at[0] + follows * before + draws * whole)
            before += by


def _setting(at: Sequence[float], befores: Sequence[float], wholes: Sequence[float]) -> tuple[float, float]:
    for follows, draws in _SETTINGS:
        begins = [
            place - follows * before - draws * whole for place, before, whole in zip(at, befores, wholes, strict=True)
        ]
        if max(begins) - min(begins) < _ROUNDING:
            return follows, draws
    raise Unlike("moves otherwise than words on a line")


class Content:
    """A content stream of which some letters change; raises `Unlike`, `KeyError` or `ValueError` where more than that does."""

    def __init__(
        self, streams: Sequence[bytes], fonts: Mapping[str, Font], text: Callable[[Sequence[tuple[str, ...]]], Text]
    ) -> None:
        """``streams`` are those of the pages compared, ``text`` tells what a place's letters on each of them stand for."""
        self._fonts, self._text = fonts, text
        self._pieces: list[bytes | _Words | _Run] = []
        self._words: list[_Words] = []
        self._read(streams)
        lines: dict[str, list[_Words]] = {}
        for words in self._words:
            lines.setdefault(words.height, []).append(words)
        self._lines = [_Line(line) for line in lines.values()]

    def printed(self, page: str, glyphs: Mapping[str, Glyphs]) -> bytes:
        """Write it with a page's letters, and add their glyphs to those of each font."""
        written: dict[_Words | _Run, bytes] = {}
        widths = dict.fromkeys(self._words, 0.0)
        for words in self._words:
            for run in words.runs:
                letters, small = letters_of(run.text, page), self._fonts[run.name].small
                numbers, moved = small.shape("".join(letters))
                if moved != run.moved or 0 in numbers:
                    raise Unlike("shaped otherwise")
                for number, letter in zip(numbers, letters, strict=True):
                    glyphs[run.name].add(number, letter, round(1000 * small.width(number)))
                widths[words] += _width(small, numbers, run.size)
                written[run] = run.written(numbers)
        for line in self._lines:
            written.update(line.placed(widths))
        return b"".join(each if isinstance(each, bytes) else written[each] for each in self._pieces)

    def _read(self, streams: Sequence[bytes]) -> None:
        name, size = "", 0.0
        for column in zip(*map(_TOKENS.split, streams), strict=True):
            match column[0].split()[-1:]:
                case [b"Tm"]:
                    *_, heights, _ = zip(*(token.decode().split() for token in column), strict=True)
                    self._words.append(_Words([float(token.split()[4]) for token in column], same(heights)))
                    self._pieces.append(self._words[-1])
                case [b"TJ"]:
                    self._pieces.append(self._shown(name, size, column))
                case _:
                    self._pieces.append(same(column))
                    if column[0].endswith(b" Tf"):
                        name, size = column[0].split()[0].decode(), float(column[0].split()[1])

    def _shown(self, name: str, size: float, arrays: Sequence[bytes]) -> bytes | _Run:
        rows, gaps = zip(*map(_opened, arrays), strict=True)
        font = self._fonts[name]
        letters = [[drawn.letters[number] for number in row] for drawn, row in zip(font.drawn, rows, strict=True)]
        text = self._text(list(zip(*letters, strict=True)))
        for number, letter in zip(rows[0], text, strict=True):
            if isinstance(letter, str):
                font.kept.add(number, letter, font.drawn[0].widths[number])
        if all(isinstance(letter, str) for letter in text):
            return bytes(same(arrays))
        shaped = [font.small.shape("".join(row)) for row in letters]
        if [numbers for numbers, _ in shaped] != list(rows):
            raise Unlike("shaped otherwise")
        run = _Run(
            name,
            size,
            text,
            same([moved for _, moved in shaped]),
            _nearly_same(gaps),
            [_width(font.small, row, size) for row in rows],
        )
        self._words[-1].runs.append(run)
        return run


def letters_of(text: Text, page: str) -> list[str]:
    """Give the letters that a text has on a page."""
    return [letter if isinstance(letter, str) else page[letter] for letter in text]


def same(column: Sequence[Any]) -> Any:
    """Give what is the same on all pages compared; raises `Unlike`."""
    if any(each != column[0] for each in column):
        raise Unlike("drawn otherwise")
    return column[0]


def _nearly_same(columns: Sequence[list[bytes]]) -> list[bytes]:
    """Give gaps that are the same on all pages compared, but for a thousandth that WeasyPrint's rounding adds."""
    for gaps in zip(*columns, strict=True):
        same([_NUMBER.sub(b"", gap) for gap in gaps])
        for numbers in zip(*(map(float, _NUMBER.findall(gap)) for gap in gaps), strict=True):
            if max(numbers) - min(numbers) > 1:
                raise Unlike("spaced otherwise")
    return columns[0]


def _width(small: SmallFont, numbers: Sequence[int], size: float) -> float:
    return size * sum(map(small.width, numbers))


def _opened(array: bytes) -> tuple[list[int], list[bytes]]:
    """Give the numbers of the glyphs that are shown, and what is written before, between and after them."""
    numbers: list[int] = []
    gaps = [b""]
    for part in _SHOWN.findall(array):
        if not part.startswith(b"<"):
            gaps[-1] += part
            continue
        gaps[-1] += b"<"
        for at in range(1, len(part) - 1, 4):
            numbers.append(int(part[at : at + 4], 16))
            gaps.append(b"")
        gaps[-1] += b">"
    return numbers, gaps
