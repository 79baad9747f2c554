"""The fonts of the machine: what they can print, and the small fonts that printed papers carry."""

from __future__ import annotations

import subprocess
import unicodedata
from functools import cache
from typing import NamedTuple

import uharfbuzz
from fontTools.ttLib import TTFont


class Face(NamedTuple):
    """One face of an installed font file."""

    path: str
    #: its place in a collection (.ttc)
    number: int


#: What templates call a font (family, CSS weight) → what fontconfig calls the installed one. Debian: fonts-noto-cjk.
PRINTED = {
    ("Print Serif", 400): "Noto Serif CJK SC:regular",
    ("Print Serif", 700): "Noto Serif CJK SC:bold",
    ("Print Sans", 400): "Noto Sans CJK SC:regular",
}
PACKAGE = "fonts-noto-cjk"

_OUTLINES = (".ttf", ".otf", ".ttc", ".otc")
#: Controls, format characters and white space, which have no shape.
_SHAPELESS = {"Cc", "Cf", "Zs", "Zl", "Zp"}
#: Tables for lines that run downwards, which no paper of ours has.
_DOWNWARDS = [int.from_bytes(tag) for tag in (b"vhea", b"vmtx", b"VORG")]
#: Private use: old systems kept rare names there, every font another character. Never printable.
_PRIVATE = "Co"


def missing_faces() -> list[str]:
    """Name the fonts that papers are set in and that the machine lacks; ``apt install fonts-noto-cjk`` cures it."""
    return [name for name in PRINTED.values() if not _installed(name)]


def missing_glyphs(text: str) -> list[str]:
    """List the characters of ``text`` that no installed font has, each once, in their order.

    Fonts are looked at once a process: a worker that runs while a font is installed must be started again.
    """
    wanted = dict.fromkeys(character for character in text if _has_shape(character))
    return [character for character in wanted if not _is_printable(character)]


def small_fonts(text: str) -> dict[tuple[str, int], bytes]:
    """Cut the fonts of `PRINTED` down to the characters of ``text``; an absent font is left out.

    WeasyPrint keeps the numbering of glyphs when it embeds a font: from a whole CJK font that leaves 60,000 empty places
    in each PDF.
    """
    codes = {ord(character) for character in text}
    found = ((name, _installed(wanted)) for name, wanted in PRINTED.items())
    return {name: _cut(face, codes) for name, face in found if face}


def _cut(face: Face, codes: set[int]) -> bytes:
    cut = uharfbuzz.SubsetInput()
    cut.unicode_set.update(codes)
    cut.drop_table_tag_set.update(_DOWNWARDS)
    cut.name_id_set.clear()  # it goes by the name that the stylesheet gives it
    cut.flags |= uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE
    whole = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(face.path), face.number)
    return bytes(uharfbuzz.subset(whole, cut).blob.data)


def _has_shape(character: str) -> bool:
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return not selector and unicodedata.category(character) not in _SHAPELESS


@cache
def _is_printable(character: str) -> bool:
    """Tell whether a font of ours has the character, or any other to which the layout falls back."""
    if unicodedata.category(character) == _PRIVATE:
        return False
    ours = filter(None, map(_installed, PRINTED.values()))
    return any(ord(character) in _characters(face) for face in ours) or bool(
        _ask("fc-list", f":charset={ord(character):x}")
    )


@cache
def _installed(name: str) -> Face | None:
    """Find an installed face by its fontconfig name; None where fontconfig would put another in its place."""
    listed = _ask("fc-list", name)
    return next((face for face in _ask("fc-match", name) if face in listed), None)


def _ask(command: str, name: str) -> list[Face]:
    """Ask fontconfig for faces with outlines."""
    answer = subprocess.run(  # noqa: S603 - fontconfig's own commands
        [command, "--format=%{file}\t%{index}\n", name], capture_output=True, text=True, check=True, timeout=60
    )
    lines = (line.split("\t") for line in answer.stdout.splitlines())
    return [Face(path, int(index)) for path, index in lines if path.lower().endswith(_OUTLINES)]


@cache
def _characters(face: Face) -> frozenset[int]:
    """Read which characters a face has."""
    with TTFont(face.path, fontNumber=face.number, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())
