"""The fonts of the machine: what they can print, and the small fonts that printed papers carry."""

from __future__ import annotations

import subprocess
import unicodedata
from collections.abc import Iterable
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

_BOLD = 700
_OUTLINES = (".ttf", ".otf", ".ttc", ".otc")
#: Controls, format characters and white space, which have no shape.
_SHAPELESS = {"Cc", "Cf", "Zs", "Zl", "Zp"}
#: Tables for lines that run downwards, which no paper of ours has.
_DOWNWARDS = [int.from_bytes(tag) for tag in (b"vhea", b"vmtx", b"VORG")]
#: Tables by which text is shaped, of no use once it is.
_SHAPING = [int.from_bytes(tag) for tag in (b"BASE", b"GPOS", b"GSUB")]
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


def pdf_name(name: tuple[str, int]) -> str:
    """Give the name by which WeasyPrint writes a font of `PRINTED` into a PDF, without its tag."""
    family, weight = name
    return f"{family.replace(' ', '-')}{'-Bold' if weight == _BOLD else ''}"


class SmallFont:
    """A font with a few characters, as a file for WeasyPrint and for HarfBuzz to shape text with."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._face = uharfbuzz.Face(data)
        self._font = uharfbuzz.Font(self._face)

    def shape(self, text: str) -> tuple[list[int], list[tuple[int, ...]]]:
        """Give the glyphs of a text, and how far each is moved (as by kerning) from where its own width would have it."""
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(self._font, buffer)
        glyphs = [each.codepoint for each in buffer.glyph_infos]
        moved = [
            (*each.position[:2], each.x_advance - self._font.get_glyph_h_advance(glyph))
            for glyph, each in zip(glyphs, buffer.glyph_positions, strict=True)
        ]
        return glyphs, moved

    def width(self, glyph: int) -> float:
        """Give a glyph's width, where the font's size is 1."""
        return float(self._font.get_glyph_h_advance(glyph) / self._face.upem)

    def cut(self, glyphs: Iterable[int]) -> bytes:
        """Cut it down to some glyphs, which keep their numbers, for a PDF."""
        cut = uharfbuzz.SubsetInput()
        cut.glyph_set.update(glyphs)
        cut.drop_table_tag_set.update(_SHAPING)
        cut.flags |= uharfbuzz.SubsetFlags.RETAIN_GIDS | uharfbuzz.SubsetFlags.DESUBROUTINIZE
        return bytes(uharfbuzz.subset(self._face, cut).blob.data)


def small_fonts(text: str) -> dict[tuple[str, int], SmallFont]:
    """Cut the fonts of `PRINTED` down to the characters of ``text``; an absent font is left out.

    WeasyPrint keeps the numbering of glyphs when it embeds a font: from a whole CJK font that leaves 60,000 empty places
    in each PDF.
    """
    codes = {ord(character) for character in text}
    found = ((name, _installed(wanted)) for name, wanted in PRINTED.items())
    return {name: SmallFont(_cut(face, codes)) for name, face in found if face}


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
