"""Certificates on paper: read back as an examiner would, from the PDF alone."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw
from weasyprint.urls import FatalURLFetchingError

from lbcert.certificates import qr
from lbcert.certificates.rendering.bundle import one_pdf, one_zip
from lbcert.certificates.rendering.design import Paper, shipped_design
from lbcert.certificates.rendering.glyphs import check_glyphs
from lbcert.certificates.rendering.pdf import render
from lbcert.certificates.token import link
from lbcert.certificates.token.claims import Claims
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import Keys, Signer
from lbcert.certificates.token.reader import read_link
from lbcert.core import fonts
from lbcert.core.findings import Refused

RARE = "䮌䶮㛃𠮷𬭎㴴"

CLAIMS: dict[str, dict[str, Any]] = {
    "completion": {
        "number": "PX-530128-LQ01-2025-003-0017-K",
        "name": "葛曾䮌",
        "id_number_masked": "530128********0017",
        "item": "农作物植保员",
        "brand": "禄劝农技员",
        "cohort": "禄劝第3期",
        "start": "2025-07-24",
        "end": "2025-08-07",
        "hours": 84.5,
        "modules": [{"name": "农药安全使用", "hours": 44.5}, {"name": "棉田虫害识别", "hours": 40}],
        "providers": ["禄劝县职业技能培训学校", "阜康市丝路职业培训中心"],
        "issued_on": "2025-08-10",
    },
    "skill_level": {
        "number": "S000053000123255000001",
        "name": "古丽米热·艾比布力",
        "id_number_masked": "652302********0021",
        "occupation": {"name": "电工", "edition": 2022, "code": "6-31-01-03"},
        "specialty": "光伏电站运维",
        "brand": "禄劝技工",
        "level": "5",
        "marks": {"theory": 86, "practice": 78.5},
        "body": "云南滇新职业技能评价中心",
        "scheme": "social",
        "issued_on": "2025-08-20",
    },
}
PRINTED = {
    "completion": "培训合格证书 葛曾䮌 530128********0017 农作物植保员 禄劝农技员 禄劝第3期 2025年7月24日 2025年8月7日 84.5 "
    "农药安全使用 44.5 棉田虫害识别 40 禄劝县职业技能培训学校 阜康市丝路职业培训中心 2025年8月10日 PX-530128-LQ01-2025-003-0017-K",
    "skill_level": "职业技能等级证书 古丽米热·艾比布力 652302********0021 电工 6-31-01-03 2022 光伏电站运维 禄劝技工 五级/初级工 "
    "86 78.5 云南滇新职业技能评价中心 社会培训评价组织评价 2025年8月20日 S000053000123255000001",
}
CHECK_AT = "https://v.example.cn/check"


@pytest.fixture
def text(signer: Signer, claims: Claims) -> str:
    return link.write("https://cert.example.c", sign(claims, signer))


@pytest.fixture
def photo() -> bytes:
    """Give a telephone's photo: large, on its side, with the place where it was taken."""
    picture = Image.new("RGB", (1600, 1200), (90, 140, 210))
    ImageDraw.Draw(picture).ellipse((500, 300, 1100, 900), fill=(230, 200, 170))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "25.55N 102.45E"
    file = BytesIO()
    picture.save(file, "JPEG", exif=exif)
    return file.getvalue()


def paper(kind: str, text: str, photo: bytes | None = None, **changes: Any) -> Paper:
    own = {"own_code": "1234 5678", "own_at": "https://v.example.cn/my"}
    return Paper(CLAIMS[kind] | changes, text, CHECK_AT, photo, **own)


def printed(pdf: bytes) -> str:
    """Read a PDF's text, without white space."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join("".join(page.get_textpage().get_text_range() for page in document).split())
    finally:
        document.close()


def rasterised(pdf: bytes, dpi: int) -> bytes:
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=dpi / 72).to_pil()
    finally:
        document.close()
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.rule for finding in refused.value.findings]


@pytest.mark.parametrize("kind", CLAIMS)
def test_every_field_is_printed_and_the_address_where_to_check(kind: str, text: str, photo: bytes) -> None:
    (pdf,) = render([paper(kind, text, photo)], shipped_design(kind))
    words = printed(pdf)
    assert [
        field
        for field in [*PRINTED[kind].split(), CHECK_AT, "本人查询码12345678", "https://v.example.cn/my"]
        if field not in words
    ] == []


@pytest.mark.parametrize("kind", CLAIMS)
@pytest.mark.parametrize("dpi", [150, 300])
def test_the_qr_of_a_printed_certificate_is_read_back(
    kind: str, dpi: int, text: str, photo: bytes, keys: Keys, claims: Claims
) -> None:
    (pdf,) = render([paper(kind, text, photo)], shipped_design(kind))
    assert qr.read_pdf(pdf) == [text]
    (scanned,) = qr.read_picture(rasterised(pdf, dpi))
    assert read_link(scanned, keys).claims == claims


def test_a_certificate_is_one_page_of_a4_with_small_fonts_in_it(text: str, photo: bytes) -> None:
    (pdf,) = render([paper("skill_level", text, photo)], shipped_design("skill_level"))
    with pikepdf.open(BytesIO(pdf)) as document:
        (page,) = document.pages
        assert [round(float(side) * 25.4 / 72) for side in page.mediabox] == [0, 0, 297, 210]
        faces = [item for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/FontFile3" in item]
        assert {str(face.FontName).split("+")[1] for face in faces} == {"Print-Serif", "Print-Serif-Bold"}
        assert all(len(face.FontFile3.read_raw_bytes()) < 40_000 for face in faces)
        assert document.docinfo["/Title"] == "职业技能等级证书 S000053000123255000001"
    assert len(pdf) < 100_000


def test_the_rare_characters_of_the_rosters_print(text: str) -> None:
    assert fonts.missing_glyphs(RARE) == []
    (pdf,) = render([paper("skill_level", text, name=f"葛{RARE}")], shipped_design("skill_level"))
    assert f"葛{RARE}" in printed(pdf)
    with pikepdf.open(BytesIO(pdf)) as document:
        names = [
            str(item.FontName)
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and "/FontFile3" in item
        ]
    assert len(names) == 2  # no other font had to help out


def test_a_character_that_no_font_has_stops_the_certificate_and_is_named_with_the_person() -> None:
    claims = CLAIMS["completion"] | {"name": "王\ue123", "providers": ["\U000323af职业培训学校"]}
    findings = check_glyphs(claims)
    assert [finding.rule for finding in findings] == ["certificates.missing_glyph"] * 2
    assert all("王\ue123" in str(finding.message) and finding.stops for finding in findings)
    assert "U+E123" in str(findings[0].message)
    assert "U+323AF" in str(findings[1].message)
    assert check_glyphs(CLAIMS["completion"]) == []


def test_white_space_and_variation_selectors_need_no_glyph() -> None:
    assert fonts.missing_glyphs("葛\U000e0100 \t\n\u3000·") == []


def test_the_fonts_of_the_house_are_installed() -> None:
    assert fonts.missing_faces() == []


def test_a_batch_gives_each_person_a_certificate_of_their_own_without_the_others_characters(text: str) -> None:
    names = ["张伟", "葛曾䮌", "阿木·日洛"]
    pdfs = list(render([paper("skill_level", text, name=name) for name in names], shipped_design("skill_level")))
    assert [[name in printed(pdf) for name in names] for pdf in pdfs] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    for pdf, others in zip(pdfs, ("䮌", "伟", "䮌"), strict=True):
        assert others not in mapped(pdf)


def mapped(pdf: bytes) -> str:
    """Give the characters that a PDF's fonts hold, by their ToUnicode maps."""
    with pikepdf.open(BytesIO(pdf)) as document:
        maps = [
            item.ToUnicode.read_bytes().decode()
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and "/ToUnicode" in item
        ]
    codes = [
        line.split("> <")[1].rstrip(">")
        for text in maps
        for line in text.splitlines()
        if "> <" in line[1:] and "ffff" not in line
    ]
    return "".join(bytes.fromhex(code).decode("utf-16-be") for code in codes)


def test_a_photo_is_cut_upright_and_without_the_place_where_it_was_taken(text: str, photo: bytes) -> None:
    (pdf,) = render([paper("completion", text, photo)], shipped_design("completion"))
    assert b"25.55N" in photo
    with pikepdf.open(BytesIO(pdf)) as document:
        (picture,) = [
            item for item in document.objects if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"
        ]
        assert (int(picture.Width), int(picture.Height)) == (256, 354)
        assert b"25.55N" not in picture.read_raw_bytes()


def test_without_a_photo_there_is_a_place_to_paste_one(text: str) -> None:
    (pdf,) = render([paper("completion", text)], shipped_design("completion"))
    assert "照片" in printed(pdf)


@pytest.mark.parametrize("wrong", [b"", b"not a picture", b"\xff\xd8\xff\xe0"])
def test_a_photo_that_cannot_be_opened_is_refused_with_the_persons_name(wrong: bytes, text: str) -> None:
    with pytest.raises(Refused, match="葛曾䮌") as refused:
        list(render([paper("completion", text, wrong)], shipped_design("completion")))
    assert rules(refused) == ["certificates.photo"]


def test_what_does_not_fit_on_the_page_is_refused_with_the_persons_name(text: str) -> None:
    modules = [{"name": "很长的课程名称" * 8, "hours": 1}] * 24
    with pytest.raises(Refused, match="葛曾䮌") as refused:
        list(render([paper("completion", text, modules=modules)], shipped_design("completion")))
    assert rules(refused) == ["certificates.overflow"]


def test_the_longest_ordinary_certificates_fit(text: str) -> None:
    name = "古丽米热·艾比布力·阿卜杜热合曼·买买提明江"
    long: dict[str, dict[str, Any]] = {
        "completion": {
            "modules": [{"name": f"第{number}模块·电工仪表安全操作", "hours": 4.5} for number in range(24)],
            "providers": ["禄劝彝族苗族自治县职业技能培训学校"] * 4,
        },
        "skill_level": {
            "marks": {"theory": 86, "practice": 78.5, "comprehensive": 100},
            "body": "内蒙古霍煤鸿骏铝电有限责任公司职业技能等级认定中心",
        },
    }
    for kind, changes in long.items():
        (pdf,) = render([paper(kind, text, name=name, **changes)], shipped_design(kind))
        assert name in printed(pdf)
        assert qr.read_pdf(pdf) == [text]


@pytest.mark.parametrize("kind", CLAIMS)
def test_papers_of_the_demo_say_so(kind: str, text: str) -> None:
    real, demo = (
        next(render([replace(paper(kind, text), demo=is_demo)], shipped_design(kind))) for is_demo in (False, True)
    )
    assert "演示" not in printed(real)
    assert "演示" in printed(demo)
    assert qr.read_picture(rasterised(demo, 150)) == [text]


def test_a_name_is_never_markup(text: str) -> None:
    (pdf,) = render([paper("skill_level", text, name="<b>王</b>{{ 7 * 7 }}")], shipped_design("skill_level"))
    assert "<b>王</b>{{7*7}}" in printed(pdf)


def design(folder: Path, template: str, style: str = "@page {size: A4}") -> Path:
    for name, content in {"template.html": template, "style.css": style, "frame.svg": "<svg></svg>"}.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1/x.png", "data:image/png;base64,AAAA", "given:other", "x.png"]
)
def test_a_design_loads_nothing_but_what_it_is_given(address: str, tmp_path: Path, text: str) -> None:
    place = design(tmp_path, f'<html lang="zh"><base href="http://127.0.0.1/"><img src="{address}"></html>')
    with pytest.raises(FatalURLFetchingError):
        list(render([paper("completion", text)], place))


def test_a_design_cannot_reach_into_python(tmp_path: Path, text: str) -> None:
    place = design(tmp_path, "<p>{{ claims.__class__.__mro__ }}</p>")
    with pytest.raises(Exception, match="unsafe"):
        list(render([paper("completion", text)], place))


def test_a_cohort_is_one_pdf_for_the_printer_in_its_order(text: str, photo: bytes) -> None:
    names = ["张伟", "王芳", "李娜"]
    pdfs = list(render([paper("skill_level", text, photo, name=name) for name in names], shipped_design("skill_level")))
    document = pypdfium2.PdfDocument(one_pdf(pdfs))
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    assert [name in page for name, page in zip(names, pages, strict=True)] == [True] * 3


def test_a_cohort_is_a_zip_with_one_pdf_a_person() -> None:
    named = [("S000053000123255000001.pdf", b"%PDF one"), ("S000053000123255000002.pdf", b"%PDF two")]
    assert one_zip(named) == one_zip(named)
    with ZipFile(BytesIO(one_zip(named))) as archive:
        assert [(name, archive.read(name)) for name in archive.namelist()] == named


@pytest.mark.parametrize("names", [["a.pdf", "a.pdf"], ["../a.pdf"], ["a\\b.pdf"]])
def test_a_zip_holds_plain_names_once(names: list[str]) -> None:
    with pytest.raises(ValueError, match="file name"):
        one_zip((name, b"") for name in names)
