"""Many certificates in one file: a PDF for the printer, a ZIP for the school."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import pikepdf

#: A fixed time, so that the same certificates give the same file.
_TIME = (1980, 1, 1, 0, 0, 0)


def one_pdf(pdfs: Iterable[bytes]) -> bytes:
    """Put certificates behind one another in one PDF, in their order."""
    file = BytesIO()
    with pikepdf.new() as merged:
        for pdf in pdfs:
            with pikepdf.open(BytesIO(pdf)) as single:
                for page in single.pages:
                    _drop_signature(page)
                    merged.pages.append(page)
        merged.remove_unreferenced_resources()
        merged.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return file.getvalue()


def _drop_signature(page: pikepdf.Page) -> None:
    """Take a page's signature field off: it speaks for the file that the page comes from, and would be called broken in another."""
    if "/Annots" in page:
        page.Annots = pikepdf.Array([each for each in page.Annots if each.Subtype != pikepdf.Name.Widget])


def one_zip(named: Iterable[tuple[str, bytes]]) -> bytes:
    """Put certificates into a ZIP under their file names; raise ValueError when two share one or one is a path.

    They are stored as they are, for a PDF is compressed already.
    """
    file = BytesIO()
    seen: set[str] = set()
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for name, data in named:
            if name in seen or "/" in name or "\\" in name:
                raise ValueError(f"not a file name of its own: {name!r}")
            seen.add(name)
            archive.writestr(ZipInfo(name, _TIME), data)
    return file.getvalue()
