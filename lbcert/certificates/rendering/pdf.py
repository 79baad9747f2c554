"""From papers to PDFs, by WeasyPrint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO

import pikepdf
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration

from lbcert.certificates import qr
from lbcert.certificates.rendering.design import QR_PLACE, Attached, Look, Paper, load_design, printed_photo
from lbcert.core.findings import Refused, refuse
from lbcert.core.typesetting import Given, pdf_of, stylesheet
from lbcert.core.words import say

_PHOTO = "photo"
#: A CSS pixel in points.
_POINT = 0.75


def render(papers: Sequence[Paper], design: Look) -> Iterator[bytes]:
    """Render papers of one design, one PDF each, in their order; a batch of some hundreds at most.

    What costs time is done once a batch: the small fonts (see `lbcert.core.fonts`) and the stylesheet; the frame once a process.
    Each PDF is written from its own layout, so its fonts hold the glyphs of its own text alone; frame and QR are put on
    it afterwards. Raises `Refused` for a photo that cannot be opened (``certificates.photo``) and for text that does not
    fit on the page (``certificates.overflow``), naming the person; and whatever the template does wrong.
    """
    look = load_design(design)
    codes = [qr.modules(paper.link) for paper in papers]
    pages = [look.page(paper, code) for paper, code in zip(papers, codes, strict=True)]
    fonts = FontConfiguration()
    style = stylesheet(look.style, (look.style, *pages), fonts)
    with pikepdf.open(BytesIO(_frame(design))) as frame:
        for paper, page, code in zip(papers, pages, codes, strict=True):
            yield _finished(_laid_out(paper, page, style, fonts), frame, code, paper.attached)


@cache
def _frame(design: Look) -> bytes:
    """Draw a design's frame on a page of its own, once a process."""
    look = load_design(design)
    style = CSS(string=look.style + "@page {margin: 0} svg {display: block}", url_fetcher=Given({}))
    return pdf_of(HTML(string=look.frame, url_fetcher=Given({})).write_pdf(stylesheets=[style]))


def _laid_out(paper: Paper, page: str, style: CSS, fonts: FontConfiguration) -> Document:
    given = Given({} if paper.photo is None else {_PHOTO: printed_photo(paper)})
    document = HTML(string=page, url_fetcher=given).render(font_config=fonts, stylesheets=[style])
    if len(document.pages) != 1:
        name = paper.claims.get("name", "")
        message = say("{name} 的证书内容太长，一页放不下：请缩短课程名称或机构名称", name=name)
        raise Refused([refuse("certificates.overflow", message)])
    return document


def _finished(document: Document, frame: pikepdf.Pdf, code: list[list[bool]], attached: Sequence[Attached]) -> bytes:
    """Lay the frame under a certificate's page and its QR into the room kept for it, and attach its files."""
    file = BytesIO()
    with pikepdf.open(BytesIO(pdf_of(document.write_pdf()))) as certificate:
        page = certificate.pages[0]
        page.add_underlay(frame.pages[0], None)
        if room := document.pages[0].anchors.get(QR_PLACE):
            left, top = (_POINT * side for side in room[:2])
            page.contents_add(b"q", prepend=True)
            page.contents_add(b"Q " + qr.drawing(code, left, float(page.mediabox[3]) - top))
        _attach(certificate, attached)
        certificate.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return file.getvalue()


def _attach(pdf: pikepdf.Pdf, attached: Sequence[Attached]) -> None:
    """Attach files as PDF/A-3 does: embedded, and named as associated files of the whole document (ISO 32000-2, 14.13)."""
    for each in attached:
        inside = pikepdf.AttachedFileSpec(
            pdf, each.data, description=each.description, filename=each.name, mime_type=each.media_type,
            creation_date="", mod_date="",
        )  # fmt: skip
        inside.relationship = pikepdf.Name.Data
        pdf.attachments[each.name] = inside
    if attached:
        pdf.Root.AF = pikepdf.Array([pdf.attachments[each.name].obj for each in attached])
