"""The QR of a certificate: drawn as vector modules in a PDF, and read back from pictures and PDFs."""

from __future__ import annotations

from io import BytesIO
from threading import Lock
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image

from lbcert.core import qr
from lbcert.core.findings import Refused, refuse
from lbcert.core.qr import Modules
from lbcert.core.words import say

#: The smallest version drawn, so that all certificates under a host of up to 14 characters look alike.
VERSION = 9
#: A version 9 symbol is 53 modules; at 30 mm every phone tried in a simulated photograph read it.
MODULE_MM = 30 / 53
#: Points of a PDF in a millimetre.
POINTS_MM = 72 / 25.4

#: What is looked at, at most: bytes of a file, points of a picture, pages of a PDF; points along a drawn page's side.
MAX_BYTES = 20_000_000
MAX_POINTS = 50_000_000
MAX_PAGES = 10
PAGE_POINTS = 3000

_FORMATS = ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"]
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_PDFIUM = Lock()  # PDFium is not thread-safe


def modules(link: str, version: int = VERSION) -> Modules:
    """Give the dark modules of a link's QR, quiet zone included, of a certificate's version at least."""
    return qr.modules(link, version)


def drawing(matrix: Modules, left: float, top: float) -> bytes:
    """Draw `modules` on a PDF page as one path, the quiet zone white; ``left`` and ``top`` of that in points.

    In version 9 the symbol is 30 mm wide, with its quiet zone 34.5 mm.
    """
    side, unit = len(matrix), MODULE_MM * POINTS_MM
    path = " ".join(f"{x} {y} {width} 1 re" for y, row in enumerate(matrix) for x, width in qr.runs(row))
    return f"q {unit:.5f} 0 0 {-unit:.5f} {left:.3f} {top:.3f} cm 1 g 0 0 {side} {side} re f 0 g {path} f Q".encode()


def read_picture(data: bytes) -> list[str]:
    """Read the texts of all QR codes in a picture (a photograph, a screenshot), none or several.

    Raises `Refused` (``qr.not_a_picture``, ``qr.too_large``).
    """
    _bounded(data)
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_POINTS:
                raise _too_large()
            picture.draft("L", (PAGE_POINTS, PAGE_POINTS))
            grey = _on_white(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise Refused([refuse("qr.not_a_picture", say("这个文件不是能打开的图片（JPEG、PNG、WebP）"))]) from None
    return _codes(grey)


def read_pdf(data: bytes) -> list[str]:
    """Read the texts of all QR codes on the first ten pages of a PDF.

    Raises `Refused` (``qr.not_a_pdf``, also where a password is asked for; ``qr.too_large``).
    """
    _bounded(data)
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError:
            raise Refused([refuse("qr.not_a_pdf", say("这个文件不是能打开的 PDF，或设有密码"))]) from None
        try:
            pages = [_rasterise(document[number]) for number in range(min(len(document), MAX_PAGES))]
        finally:
            document.close()
    return [text for page in pages for text in _codes(page)]


def _bounded(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise _too_large()


def _too_large() -> Refused:
    message = say(
        "文件太大：最多 {megabytes} MB、{points} 万像素；请拍近一些，或只截取二维码",
        megabytes=MAX_BYTES // 10**6,
        points=MAX_POINTS // 10**4,
    )
    return Refused([refuse("qr.too_large", message)])


def _on_white(picture: Image.Image) -> Image.Image:
    """Make a picture grey, what is transparent white."""
    if not picture.has_transparency_data:
        return picture.convert("L")
    coloured = picture.convert("RGBA")
    white = Image.new("L", coloured.size, 255)
    white.paste(coloured.convert("L"), mask=coloured.getchannel("A"))
    return white


def _rasterise(page: Any) -> Image.Image:
    """Draw a page grey, at most `PAGE_POINTS` along its longer side; 260 dpi for A4."""
    scale = PAGE_POINTS / max(*page.get_size(), 1)
    picture: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
    return picture


def _codes(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=_QR)]
