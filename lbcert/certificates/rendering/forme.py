"""A page laid out once and printed with the letters of many, as a compositor changes letters in locked-up type: a forme.

Where a letter gives way to another, the words of its line move as far as it is wider, and nothing else on the page does: that,
and no more, is asked of the probes and of each page that is printed (see `lbcert.certificates.rendering.content`). What needs
more is `Unlike`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import Any

import pikepdf

from lbcert.certificates.rendering.alike import Probes
from lbcert.certificates.rendering.content import Content, Font, Glyphs, Text, Unlike, letters_of, same
from lbcert.core.fonts import SmallFont

_MAPPED = re.compile(rb"<([0-9a-f]{4})> <((?:[0-9a-f]{4})+)>")
_TO_UNICODE = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
{}
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""
#: Streams that hold objects which are seen by themselves.
_WRAPPING = ("/ObjStm", "/XRef")
#: A CMap lists so many at a time (ISO 32000-2, 9.7.5.3).
_LISTED = 100


@dataclass(frozen=True)
class Laid:
    """A page laid out: its PDF, and where on it is the room for the QR, in CSS pixels."""

    pdf: bytes
    room: Sequence[float] | None


class Forme:
    """A page to be printed with the letters of any page of its group; made once a group."""

    def __init__(
        self, probes: Probes, laid: Sequence[Laid], fonts: Mapping[str, SmallFont], photo: bytes | None
    ) -> None:
        """``laid`` are the probes with this photo, in ``fonts`` by their names in a PDF; raises `Unlike`."""
        self._places, self._found = probes.places, set[int]()
        pdfs = [pikepdf.open(BytesIO(each.pdf)) for each in laid]
        self._pdf, self._room = pdfs[0], laid[0].room
        self._contents: list[tuple[pikepdf.Stream, Content]] = []
        self._photos: list[pikepdf.Stream] = []
        try:
            self._compare(pdfs, fonts, photo)
        except (AttributeError, KeyError, ValueError) as error:
            raise Unlike(str(error)) from error
        if self._found != set(probes.places.values()):
            raise Unlike("a letter that changes is not printed")

    def printed(self, page: str, photo: bytes | None) -> Laid:
        """Give a page of the group, with a photo of the same size; raises `Unlike` where it needs more than other letters."""
        glyphs = {name: font.kept.copy() for name, font in self._fonts.items()}
        for stream, content in self._contents:
            _write(stream, content.printed(page, glyphs))
        for name, text in self._about.items():
            self._pdf.docinfo[name] = pikepdf.String("".join(letters_of(text, page)))
        for name, font in self._fonts.items():
            _write_font(font, glyphs[name])
        for image in self._photos:
            image.write(photo or b"", filter=pikepdf.Name.DCTDecode)
        file = BytesIO()
        self._pdf.save(file, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return Laid(file.getvalue(), self._room)

    def _compare(self, pdfs: Sequence[pikepdf.Pdf], fonts: Mapping[str, SmallFont], photo: bytes | None) -> None:
        """Compare the probes object by object; what is no font, no content and nothing that a PDF says of itself is the same."""
        written = [{str(name): font for name, font in pdf.pages[0].Resources.Font.items()} for pdf in pdfs]
        self._fonts = {
            name: Font(font, fonts[str(font.BaseFont).partition("+")[2]], [_glyphs(each[name]) for each in written])
            for name, font in written[0].items()
        }
        about = [{str(name): str(text) for name, text in pdf.docinfo.items()} for pdf in pdfs]
        self._about = {name: self._text(list(zip(*(each[name] for each in about), strict=True))) for name in about[0]}
        seen = {part.objgen for font in written[0].values() for part in _parts(font)} | {pdfs[0].docinfo.objgen}
        for objects in zip(*(pdf.objects for pdf in pdfs), strict=True):
            first = objects[0]
            if first.objgen in seen:
                continue
            if not isinstance(first, pikepdf.Stream):
                same([each.unparse(resolved=True) for each in objects])
            elif first.get("/Subtype") == "/Image":
                if same([each.read_raw_bytes() for each in objects]) == photo:
                    self._photos.append(first)
            elif first.get("/Type") not in _WRAPPING:
                content = Content([each.read_bytes() for each in objects], self._fonts, self._text)
                self._contents.append((first, content))

    def _text(self, columns: Sequence[tuple[str, ...]]) -> Text:
        """Tell letters that stay from those that change."""
        text = [letters[0] if len(set(letters)) == 1 else self._places[letters] for letters in columns]
        self._found.update(each for each in text if isinstance(each, int))
        return text


def _glyphs(font: Any) -> Glyphs:
    """Read which glyphs a font of a PDF has."""
    glyphs, widths = Glyphs(), list(font.DescendantFonts[0].W)
    for number, text in _MAPPED.findall(font.ToUnicode.read_bytes()):
        glyphs.letters[int(number, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for first, listed in zip(widths[::2], widths[1::2], strict=True):
        glyphs.widths.update(enumerate(listed, int(first)))
    return glyphs


def _parts(font: Any) -> list[Any]:
    inside = font.DescendantFonts[0]
    return [font, font.ToUnicode, inside, inside.FontDescriptor, inside.FontDescriptor.FontFile3]


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Give numbers that follow one another."""
    apart = groupby(enumerate(sorted(numbers)), lambda each: each[1] - each[0])
    return [[number for _, number in run] for _, run in apart]


def _write(stream: Any, data: bytes) -> None:
    stream.write(zlib.compress(data, 9), filter=pikepdf.Name.FlateDecode)


def _write_font(font: Font, glyphs: Glyphs) -> None:
    """Leave these glyphs alone in a font."""
    inside = font.written.DescendantFonts[0]
    inside.W = pikepdf.Array(
        [part for run in _runs(glyphs.widths) for part in (run[0], [glyphs.widths[each] for each in run])]
    )
    _write(inside.FontDescriptor.FontFile3, font.small.cut(glyphs.letters))
    lines = [f"<{number:04x}> <{letters.encode('utf-16-be').hex()}>" for number, letters in glyphs.letters.items()]
    lists = [lines[start : start + _LISTED] for start in range(0, len(lines), _LISTED)]
    listed = "\n".join("\n".join([f"{len(each)} beginbfchar", *each, "endbfchar"]) for each in lists)
    _write(font.written.ToUnicode, _TO_UNICODE.format(listed).encode())
