"""Pages that differ in letters alone, and pages that show where each of these letters is drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, product

#: What may stand for one another, as lines are broken (UAX #14, NU and ID): numbers, and ideographs. Of these any is as wide as
#: the others; of numbers 1 is narrow in many fonts, and 9 wide.
_KINDS = ((re.compile("[0-9]"), "19"), (re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003fffd]"), ""))
#: What is no text of a page: tags with all that they say, and references to characters.
_MARKUP = re.compile("(<[^>]*>|&[^;]*;)")
#: Letters of a kind by which places are told apart.
_ALPHABET = 10


def group_alike(pages: Sequence[str]) -> list[list[int]]:
    """Group pages that differ in numbers and ideographs of their text alone; gives their places in the sequence."""
    groups: dict[str, list[int]] = {}
    for number, page in enumerate(pages):
        groups.setdefault(_outline(page), []).append(number)
    return list(groups.values())


def _outline(page: str) -> str:
    pieces = _MARKUP.split(page)
    for (kind, _), letter in zip(_KINDS, "0一", strict=True):
        pieces[::2] = [kind.sub(letter, text) for text in pieces[::2]]
    return "".join(pieces)


@dataclass(frozen=True)
class Probes:
    """Pages in which each place that differs has letters of its own; in the first two they are narrow, and wide."""

    pages: list[str]
    #: the letters that a place has in these pages, one after the other → where it is
    places: Mapping[tuple[str, ...], int]


def probe(pages: Sequence[str]) -> Probes:
    """Make probes for pages of one group, as many as it takes to tell all places apart."""
    columns = {at: letters for at, letters in enumerate(zip(*pages, strict=True)) if len(set(letters)) > 1}
    places = next(coded for length in count(1) if len(coded := _coded(columns, length)) == len(columns))
    made = [list(pages[0]) for _ in next(iter(places), "*")]
    for code, at in places.items():
        for page, letter in zip(made, code, strict=True):
            page[at] = letter
    return Probes(["".join(page) for page in made], places)


def _coded(columns: Mapping[int, Sequence[str]], length: int) -> dict[tuple[str, ...], int]:
    """Give places codes of the letters that they may have; to no more than there are codes for."""
    coded: dict[tuple[str, ...], int] = {}
    for kind, ends in _KINDS:
        places = [at for at, letters in columns.items() if kind.match(letters[0])]
        alphabet = list(dict.fromkeys([*ends, *(letter for at in places for letter in columns[at])]))
        codes = product(alphabet[:1], alphabet[1:2], *[alphabet[:_ALPHABET]] * length)
        coded |= zip(codes, places)  # noqa: B905 (whichever are fewer)
    return coded
