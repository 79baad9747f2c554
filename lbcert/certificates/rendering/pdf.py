"""From papers to PDFs, by WeasyPrint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from itertools import zip_longest

import pikepdf
from weasyprint import CSS, HTML, Document
from weasyprint.html import get_html_metadata
from weasyprint.pdf.metadata import DocumentMetadata
from weasyprint.text.fonts import FontConfiguration

from lbcert.certificates import qr
from lbcert.certificates.rendering.design import (
    PHOTO_ADDRESS,
    QR_PLACE,
    Attached,
    Design,
    Look,
    Paper,
    load_design,
    printed_photo,
)
from lbcert.core.findings import Refused, refuse
from lbcert.core.typesetting import Given, pdf_of, stylesheet
from lbcert.core.words import say

_A_BODY_A_PAGE = "body {break-before: page}"
#: A CSS pixel in points.
_POINT = 0.75


def render(papers: Sequence[Paper], design: Look) -> Iterator[bytes]:
    """Render papers of one design, one PDF each, in their order; a batch of some hundreds at most.

    What costs time is done once a batch: the small fonts (see `lbcert.core.fonts`), the stylesheet, the layout of all pages
    as one document; the frame once a process. Each PDF is written from its own page, so its fonts hold the glyphs of its own
    text alone; frame and QR are put on it afterwards. Raises `Refused` for a photo that cannot be opened
    (``certificates.photo``) and for text that does not fit on the page (``certificates.overflow``), naming the person; and
    whatever the template does wrong.
    """
    codes = [qr.modules(paper.link) for paper in papers]
    documents = _laid_out(papers, codes, load_design(design))
    if len(documents) != len(papers):
        _refuse_overflow(papers, design)
    with pikepdf.open(BytesIO(_frame(design))) as frame:
        for number, (paper, code, document) in enumerate(zip(papers, codes, documents, strict=True)):
            room = document.pages[0].anchors.get(f"{QR_PLACE}{number}")
            yield _finished(document, frame, code, room, paper.attached)


@cache
def _frame(design: Look) -> bytes:
    """Draw a design's frame on a page of its own, once a process."""
    look = load_design(design)
    style = CSS(string=look.style + "@page {margin: 0} svg {display: block}", url_fetcher=Given({}))
    return pdf_of(HTML(string=look.frame, url_fetcher=Given({})).write_pdf(stylesheets=[style]))


def _laid_out(papers: Sequence[Paper], codes: Sequence[qr.Modules], look: Design) -> list[Document]:
    """Lay papers out as one document with a body each, as styles of a document are computed once; give a document a page."""
    texts = [look.page(paper, code) for paper, code in zip(papers, codes, strict=True)]
    photos = {f"photo{number}": paper for number, paper in enumerate(papers) if paper.photo is not None}
    given = Given({name: printed_photo(paper) for name, paper in photos.items()})
    fonts = FontConfiguration()
    style = stylesheet(look.style + _A_BODY_A_PAGE, (look.style, *texts), fonts)
    parsed = [_numbered(HTML(string=text, url_fetcher=given), number) for number, text in enumerate(texts)]
    parsed[0].etree_element.extend([each.etree_element.find("body") for each in parsed[1:]])
    whole = parsed[0].render(font_config=fonts, stylesheets=[style])
    about = [DocumentMetadata(**get_html_metadata(each)) for each in parsed]
    return [
        Document([page], metadata, given, fonts, whole.color_profiles, whole.output_intent)
        for page, metadata in zip_longest(whole.pages, about)
    ]


def _numbered(page: HTML, number: int) -> HTML:
    """Give a page's QR and photo names of their own in the batch."""
    for element in page.etree_element.iter():
        if element.get("id") == QR_PLACE:
            element.set("id", f"{QR_PLACE}{number}")
        if element.get("src") == PHOTO_ADDRESS:
            element.set("src", f"{PHOTO_ADDRESS}{number}")
    return page


def _refuse_overflow(papers: Sequence[Paper], design: Look) -> None:
    """Raise `Refused` for the first paper that takes more than a page, which shows when it is laid out alone."""
    if len(papers) > 1:
        for paper in papers:
            list(render([paper], design))
    name = papers[0].claims.get("name", "")
    message = say("{name} 的证书内容太长，一页放不下：请缩短课程名称或机构名称", name=name)
    raise Refused([refuse("certificates.overflow", message)])


def _finished(
    document: Document, frame: pikepdf.Pdf, code: qr.Modules, room: Sequence[float] | None, attached: Sequence[Attached]
) -> bytes:
    """Lay the frame under a certificate's page and its QR into the room kept for it, and attach its files."""
    file = BytesIO()
    with pikepdf.open(BytesIO(pdf_of(document.write_pdf()))) as certificate:
        page = certificate.pages[0]
        page.add_underlay(frame.pages[0], None)
        if room:
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
