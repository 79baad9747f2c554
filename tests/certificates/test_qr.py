"""The QR: small, plain, and readable after a bad photograph."""

from __future__ import annotations

import re
from io import BytesIO

import pikepdf
import pytest
from PIL import Image, ImageChops
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM, QRData, lost_point

from lbcert.certificates import qr
from lbcert.certificates.token import link
from lbcert.certificates.token.claims import Claims
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import Signer
from lbcert.core.findings import Refused
from lbcert.core.qr import QUIET


@pytest.fixture
def text(signer: Signer, claims: Claims) -> str:
    return link.write("https://cert.example.c", sign(claims, signer))


def draw(text: str, points: int = 4) -> Image.Image:
    rows = qr.modules(text)
    picture = Image.frombytes("L", (len(rows),) * 2, bytes(0 if dark else 255 for row in rows for dark in row))
    return picture.resize((len(rows) * points,) * 2, Image.Resampling.NEAREST)


def saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    file = BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def refusal(read: object, data: bytes) -> str:
    assert callable(read)
    with pytest.raises(Refused) as refused:
        read(data)
    (finding,) = refused.value.findings
    return finding.rule


def test_a_certificate_fits_version_9_with_four_modules_of_quiet_zone(text: str) -> None:
    rows = qr.modules(text)
    assert len(rows) == 53 + 2 * 4
    assert not any(any(row) for row in rows[:4] + rows[-4:])
    assert not any(any(row[:4] + row[-4:]) for row in rows)


def test_a_longer_host_takes_version_10_in_32_millimetres(signer: Signer, claims: Claims) -> None:
    rows = qr.modules(link.write("https://a-much-longer-host.example.gov.cn", sign(claims, signer)))
    assert len(rows) == 57 + 2 * 4
    assert pytest.approx(32, abs=0.3) == 57 * qr.MODULE_MM


def test_text_that_is_not_alphanumeric_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="not alphanumeric"):
        qr.modules("https://v.example.cn/v/abc")


def test_of_the_eight_masks_that_with_the_lowest_penalty_is_drawn(text: str) -> None:
    drawn = []
    for mask in range(8):
        code = QRCode(qr.VERSION, ERROR_CORRECT_M, border=QUIET, mask_pattern=mask)
        code.add_data(QRData(text, mode=MODE_ALPHA_NUM))
        code.make()
        drawn.append((lost_point(code.modules), code.get_matrix()))
    assert qr.modules(text) == min(drawn)[1]


def test_the_drawing_is_the_modules_and_nothing_else(text: str) -> None:
    rows = qr.modules(text)
    drawing = qr.drawing(rows, 0, 0).decode()
    assert float(drawing.split()[1]) * 61 == pytest.approx(34.53 * 72 / 25.4, abs=0.01)
    picture = Image.new("1", (61, 61), 1)
    for x, y, width in re.findall(r"(\d+) (\d+) (\d+) 1 re", drawing):
        picture.paste(0, (int(x), int(y), int(x) + int(width), int(y) + 1))
    assert [[not picture.getpixel((x, y)) for x in range(61)] for y in range(61)] == rows


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_a_picture_is_read(kind: str, text: str) -> None:
    assert qr.read_picture(saved(draw(text), kind)) == [text]


def test_a_picture_with_transparency_is_read(text: str) -> None:
    dark = draw(text)
    clear = Image.new("RGBA", dark.size, (0, 0, 0, 0))
    clear.putalpha(ImageChops.invert(dark))
    assert qr.read_picture(saved(clear)) == [text]


def test_a_pdf_is_read_page_by_page(text: str) -> None:
    pages = [draw(text), Image.new("L", (200, 200), 255), draw(text.replace("CERT", "ELSE"))]
    file = BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:])
    assert qr.read_pdf(file.getvalue()) == [text, text.replace("CERT", "ELSE")]


def test_a_picture_without_a_code_has_none() -> None:
    assert qr.read_picture(saved(Image.new("L", (300, 300), 255))) == []


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"%PDF-1.7", bytes(1000)])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refusal(qr.read_picture, data) == "qr.not_a_picture"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"\x89PNG"])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    assert refusal(qr.read_pdf, data) == "qr.not_a_pdf"


def test_a_pdf_behind_a_password_is_refused(text: str) -> None:
    with pikepdf.open(BytesIO(saved(draw(text), "PDF"))) as pdf:
        locked = BytesIO()
        pdf.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))
    assert refusal(qr.read_pdf, locked.getvalue()) == "qr.not_a_pdf"


@pytest.mark.parametrize("side", [8_000, 20_000])
def test_a_picture_of_too_many_points_is_refused_before_it_is_unpacked(side: int) -> None:
    bomb = saved(Image.new("1", (side, side)))
    assert len(bomb) < 100_000
    assert refusal(qr.read_picture, bomb) == "qr.too_large"


def test_a_file_of_too_many_bytes_is_refused() -> None:
    for read in (qr.read_picture, qr.read_pdf):
        assert refusal(read, bytes(qr.MAX_BYTES + 1)) == "qr.too_large"


def test_a_pdf_with_a_huge_page_is_drawn_small() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(14_400, 14_400))
        file = BytesIO()
        pdf.save(file)
    assert qr.read_pdf(file.getvalue()) == []
