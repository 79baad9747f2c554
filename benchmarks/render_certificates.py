"""Renders 149 certificates as the house does, and one by one as WeasyPrint's manual does, in the same run.

``python -m benchmarks.render_certificates.py`` prints seconds, certificates a second, kB each and peak memory. Each way runs in
a process of its own; the QR's link, the photo and the text are the same.
"""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from qrcode import make
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathImage
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from benchmarks.published import name_of, points_of, portrait
from lbcert.certificates import qr
from lbcert.certificates.rendering.bundle import one_pdf
from lbcert.certificates.rendering.design import Paper, load_design, printed_photo, shipped_design
from lbcert.certificates.rendering.pdf import render
from lbcert.certificates.token import link
from lbcert.core.qr import QUIET
from lbcert.core.typesetting import Given

COUNT = 149
_ROOM = re.compile(r'(?<=<div class="qr">).*?</div>')


def papers() -> list[Paper]:
    """Make 149 skill-level certificates of people with a photo."""
    photo = portrait()
    return [
        Paper(
            {
                "number": f"S000053000123255{number:06}",
                "name": name_of(number),
                "id_number_masked": "530128********0017",
                "occupation": {"name": "电工", "edition": 2022, "code": "6-31-01-03"},
                "level": "5",
                "marks": dict(zip(("theory", "practice"), points_of(number), strict=True)),
                "body": "云南滇新职业技能评价中心",
                "scheme": "social",
                "issued_on": "2025-08-20",
            },
            link.write("https://cert.example.c", bytes([number]) * 147),
            "https://cert.example.c/check",
            photo,
        )
        for number in range(1, COUNT + 1)
    ]


def house(batch: Sequence[Paper]) -> Iterator[bytes]:
    """Render as lbcert does."""
    return render(batch, shipped_design("skill_level"))


def one_by_one(batch: Sequence[Paper]) -> Iterator[bytes]:
    """Render each by itself, from the installed fonts, with the frame as a picture on the page."""
    design = load_design(shipped_design("skill_level"))
    families = design.style.replace("Print Serif", "Noto Serif CJK SC")
    frame = "#frame { position: absolute; left: 0; top: 0; z-index: -1; width: 297mm; height: 210mm }"
    for paper in batch:
        fonts = FontConfiguration()
        given = Given({"photo": printed_photo(paper), "frame.svg": design.frame.encode()})
        code = design.page(paper, qr.modules(paper.link))
        drawn = make(paper.link, image_factory=SvgPathImage, error_correction=ERROR_CORRECT_M, border=QUIET).to_string()
        page = _ROOM.sub(drawn.decode(), code).replace("<body>", '<body><img id="frame" src="given:frame.svg">')
        style = CSS(string=families + frame, font_config=fonts)
        yield HTML(string=page, url_fetcher=given).write_pdf(stylesheets=[style], font_config=fonts)


def measure(way: str) -> tuple[str, float, float, int, float]:
    """Time one way: its name, seconds, kB each, peak MB, seconds to merge for the printer."""
    batch = papers()
    start = time.perf_counter()
    pdfs = list({"house": house, "one by one": one_by_one}[way](batch))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start = time.perf_counter()
    one_pdf(pdfs)
    return way, seconds, sum(map(len, pdfs)) / COUNT / 1000, peak, time.perf_counter() - start


def main() -> None:
    """Print a line for each way."""
    for way in ("house", "one by one"):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            name, seconds, size, peak, merge = pool.submit(measure, way).result()
        print(
            f"{name:11} {COUNT} certificates: {seconds:6.1f} s, {COUNT / seconds:5.1f} a second, {size:5.1f} kB each, "
            f"peak {peak} MB; one PDF for the printer in {merge:.1f} s"
        )


if __name__ == "__main__":
    main()
