"""From papers to PDFs, by WeasyPrint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pikepdf
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from lbcert.certificates.rendering.design import Design, Paper, load_design, printed_photo
from lbcert.core.findings import Refused, refuse
from lbcert.core.typesetting import Given, pdf_of, stylesheet
from lbcert.core.words import say

_PHOTO = "photo"


def render(papers: Sequence[Paper], design: Path) -> Iterator[bytes]:
    """Render papers of one design, one PDF each, in their order; a batch of some hundreds at most.

    What costs time is done once a batch: the small fonts (see `lbcert.core.fonts`), the stylesheet, the drawing of the frame.
    Raises `Refused` for a photo that cannot be opened (``certificates.photo``) and for text that does not fit on the page
    (``certificates.overflow``), naming the person; and whatever the template does wrong.
    """
    look = load_design(design)
    pages = [look.page(paper) for paper in papers]
    fonts = FontConfiguration()
    style = stylesheet(look.style, (look.style, *pages), fonts)
    with pikepdf.open(BytesIO(_frame(look))) as frame:
        for paper, page in zip(papers, pages, strict=True):
            yield _under(frame, _write(paper, page, style, fonts))


def _frame(look: Design) -> bytes:
    """Draw the frame on a page of its own."""
    style = CSS(string=look.style + "@page {margin: 0} svg {display: block}", url_fetcher=Given({}))
    return pdf_of(HTML(string=look.frame, url_fetcher=Given({})).write_pdf(stylesheets=[style]))


def _under(frame: pikepdf.Pdf, pdf: bytes) -> bytes:
    """Lay the frame under a certificate's page."""
    file = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as certificate:
        certificate.pages[0].add_underlay(frame.pages[0], None)
        certificate.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return file.getvalue()


def _write(paper: Paper, page: str, style: CSS, fonts: FontConfiguration) -> bytes:
    given = Given({} if paper.photo is None else {_PHOTO: printed_photo(paper)})
    document = HTML(string=page, url_fetcher=given).render(font_config=fonts, stylesheets=[style])
    if len(document.pages) != 1:
        name = paper.claims.get("name", "")
        message = say("{name} 的证书内容太长，一页放不下：请缩短课程名称或机构名称", name=name)
        raise Refused([refuse("certificates.overflow", message)])
    return pdf_of(document.write_pdf())
