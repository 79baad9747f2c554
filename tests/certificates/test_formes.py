"""Pages laid out once for many: they look as if each had been laid out by itself, and hold nothing of the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops
from weasyprint import HTML

from lbcert.certificates.rendering.alike import group_alike, probe
from lbcert.certificates.rendering.design import Paper, shipped_design
from lbcert.certificates.rendering.pdf import render
from tests.certificates.test_rendering import design, mapped, paper, printed

LINK = "HTTPS://CERT.EXAMPLE.C/V/" + "0123456789ABCDEFGHIJ" * 11
#: Names, numbers of the person, marks and codes of the person's own, with narrow digits and wide ones.
PEOPLE = [
    ("葛曾䮌", "530128********1111", {"theory": 61, "practice": 71}, "1111 1111"),
    ("赵钱孙", "652302********9999", {"theory": 99, "practice": 99}, "9899 9989"),
    ("李周吴", "110101********0017", {"theory": 80, "practice": 75}, "0123 4567"),
    ("郑王冯", "652302********3412", {"theory": 71, "practice": 91}, "8901 1019"),
    ("陈褚卫", "530128********8018", {"theory": 66, "practice": 88}, "4716 1118"),
]


@pytest.fixture
def layouts(monkeypatch):
    """Count what WeasyPrint lays out."""
    counted = []
    laid_out = HTML.render
    monkeypatch.setattr(HTML, "render", lambda *given, **named: counted.append(given) or laid_out(*given, **named))
    return counted


def papers() -> list[Paper]:
    return [
        replace(
            paper(
                "skill_level",
                LINK,
                name=name,
                number=f"S00005300012325500000{at}",
                id_number_masked=number,
                marks=marks,
            ),
            own_code=code,
        )
        for at, (name, number, marks, code) in enumerate(PEOPLE)
    ]


def picture(pdf: bytes) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[0].render(scale=150 / 72, grayscale=True).to_pil()
    finally:
        document.close()


def apart(one: bytes, other: bytes) -> int:
    """Count the points of which two pages differ by a third of black or more."""
    return sum(ImageChops.difference(picture(one), picture(other)).histogram()[85:])


def test_a_batch_looks_as_if_each_had_been_laid_out_alone_and_holds_its_own_letters(layouts):
    each_alone = [pdf for one in papers() for pdf in render([one], shipped_design("skill_level"))]
    layouts.clear()
    batch = list(render(papers(), shipped_design("skill_level")))
    assert len(layouts) < len(PEOPLE)
    for pdf, alone in zip(batch, each_alone, strict=True):
        assert printed(pdf) == printed(alone)
        assert sorted(mapped(pdf)) == sorted(mapped(alone))
        assert apart(pdf, alone) == 0
    assert apart(batch[0], batch[1]) > 500


@pytest.mark.parametrize(
    "style",
    [
        "p {text-decoration: underline}",
        "p {width: 11.8em}",  # a wide number sends the name to the next line
        "p, div {display: inline-block; vertical-align: top}",  # another line moves
        "b {display: none}",
    ],
)
def test_where_more_moves_than_a_line_each_is_laid_out_by_itself(style: str, tmp_path: Path, layouts):
    place = design(tmp_path, "<p>{{ claims.id_number_masked }}<b>{{ claims.name }}</b></p><div>{{ qr }}证书</div>", f"@page {{size: A4; margin: 2cm}} body {{font-family: 'Print Serif'}} {style}")  # fmt: skip
    each_alone = [pdf for one in papers() for pdf in render([one], place)]
    layouts.clear()
    batch = list(render(papers(), place))
    assert len(layouts) > len(PEOPLE)
    for pdf, alone in zip(batch, each_alone, strict=True):
        assert printed(pdf) == printed(alone)
        assert apart(pdf, alone) == 0


def test_pages_are_alike_where_their_text_differs_in_numbers_and_ideographs_alone():
    pages = [
        "<p class=a1>张伟 80</p>",
        "<p class=a1>李娜 91</p>",
        "<p class=a2>王芳 75</p>",
        "<p class=a1>阿木 100</p>",
        "<p class=a1>王&#39; 91</p>",
        "<p class=a1>李&#34; 91</p>",
    ]
    assert group_alike(pages) == [[0, 1], [2], [3], [4], [5]]


def test_each_place_has_letters_of_its_own_in_the_probes():
    numbers = [f"<p>{number:090}</p>" for number in (0, int("9" * 90))]
    probes = probe(numbers)
    assert len(set(zip(*probes.pages, strict=True))) == 90 + len(set("<p></p>"))
    assert sorted(probes.places.values()) == list(range(3, 93))
