"""From papers to PDFs, by WeasyPrint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO

import pikepdf
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from lbcert.certificates import qr
from lbcert.certificates.rendering.alike import group_alike, probe
from lbcert.certificates.rendering.content import Unlike
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
from lbcert.certificates.rendering.forme import Forme, Laid
from lbcert.core.findings import Refused, refuse
from lbcert.core.fonts import pdf_name
from lbcert.core.typesetting import Given, fonts_of, pdf_of, stylesheet
from lbcert.core.words import say

#: As a design asks for the photo.
_PHOTO = PHOTO_ADDRESS.partition(":")[2]
#: So many pages at least are worth a forme, for which some are laid out that nobody gets.
_WORTH = 4
_A_BODY_A_PAGE = "body {break-before: page}"
#: A CSS pixel in points.
_POINT = 0.75


def render(papers: Sequence[Paper], design: Look) -> Iterator[bytes]:
    """Render papers of one design, one PDF each, in their order; a batch of some hundreds at most.

    What costs time is done once a batch: the small fonts (see `lbcert.core.fonts`), the stylesheet, and the layout of all papers
    that differ in numbers and ideographs alone; the frame once a process. Each PDF holds the glyphs of its own text alone; frame
    and QR are put on it afterwards. Raises `Refused` for a photo that cannot be opened (``certificates.photo``) and for text that
    does not fit on the page (``certificates.overflow``), naming the person; and whatever the template does wrong.
    """
    look = load_design(design)
    codes = [qr.modules(paper.link) for paper in papers]
    photos = [None if paper.photo is None else printed_photo(paper) for paper in papers]
    pages = [look.page(paper, code) for paper, code in zip(papers, codes, strict=True)]
    press = _Press(look, pages)
    formes: dict[int, Forme] = {}
    for group in group_alike(pages):
        if len(group) >= _WORTH and (forme := press.forme([pages[number] for number in group], photos[group[0]])):
            formes |= dict.fromkeys(group, forme)
    with pikepdf.open(BytesIO(_frame(design))) as frame:
        for number, paper in enumerate(papers):
            laid = press.printed(pages[number], photos[number], formes.get(number))
            if laid is None:
                raise _overflow(paper)
            yield _finished(laid, frame, codes[number], paper.attached)


@cache
def _frame(design: Look) -> bytes:
    """Draw a design's frame on a page of its own, once a process."""
    look = load_design(design)
    style = CSS(string=look.style + "@page {margin: 0} svg {display: block}", url_fetcher=Given({}))
    return pdf_of(HTML(string=look.frame, url_fetcher=Given({})).write_pdf(stylesheets=[style]))


class _Press:
    """What the pages of a batch are laid out with: fonts of their letters, a stylesheet."""

    def __init__(self, look: Design, pages: Sequence[str]) -> None:
        small = fonts_of((look.style, *pages))
        self._fonts = FontConfiguration()
        self._style = stylesheet(look.style, small, self._fonts)
        self._small = {pdf_name(name): font for name, font in small.items()}

    def forme(self, pages: Sequence[str], photo: bytes | None) -> Forme | None:
        """Lay out pages that are alike as one; None where that will not do."""
        probes = probe(pages)
        laid = [self._laid_out(page, photo) for page in probes.pages]
        try:
            return Forme(probes, [each for each in laid if each], self._small, photo) if all(laid) else None
        except Unlike:
            return None

    def printed(self, page: str, photo: bytes | None, forme: Forme | None) -> Laid | None:
        """Give a page's PDF, by the forme of its group where there is one and it will do; None where a page is not enough."""
        try:
            return forme.printed(page, photo) if forme else self._laid_out(page, photo)
        except Unlike:
            return self._laid_out(page, photo)

    def _laid_out(self, page: str, photo: bytes | None) -> Laid | None:
        given = Given({} if photo is None else {_PHOTO: photo})
        document = HTML(string=page, url_fetcher=given).render(font_config=self._fonts, stylesheets=[self._style])
        if len(document.pages) > 1:
            return None
        return Laid(pdf_of(document.write_pdf()), document.pages[0].anchors.get(QR_PLACE))


def _overflow(paper: Paper) -> Refused:
    name = paper.claims.get("name", "")
    message = say("{name} 的证书内容太长，一页放不下：请缩短课程名称或机构名称", name=name)
    return Refused([refuse("certificates.overflow", message)])


def _finished(laid: Laid, frame: pikepdf.Pdf, code: qr.Modules, attached: Sequence[Attached]) -> bytes:
    """Lay the frame under a certificate's page and its QR into the room kept for it, and attach its files."""
    file = BytesIO()
    with pikepdf.open(BytesIO(laid.pdf)) as certificate:
        page = certificate.pages[0]
        page.add_underlay(frame.pages[0], None)
        if laid.room:
            left, top = (_POINT * side for side in laid.room[:2])
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
