"""A design tried before it is put in force: what its texts ask for, and what becomes of made-up certificates.

An issuer wrote the texts, so all of this runs in a process of its own (`lbcert.certificates.rendering.bounds`).
"""

from __future__ import annotations

import re
import signal
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pypdfium2
from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from markupsafe import Markup
from weasyprint.urls import FatalURLFetchingError

from lbcert.certificates import qr
from lbcert.certificates.rendering.bounds import TOO_LARGE, Trial, Tried
from lbcert.certificates.rendering.design import PHOTO_ADDRESS, QR_PLACE, Paper, Sandbox, Source, load_design
from lbcert.certificates.rendering.pdf import render
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.fonts import missing_glyphs
from lbcert.core.words import Message, say

#: What a template is given.
GIVEN = frozenset({"claims", "qr", "check_at", "own_code", "own_at", "photo", "demo"})
#: Processor seconds in which a template has to fill one page; a shipped one needs a thousandth of it.
FILLING_SECONDS = 1.0
#: Points along the longer side of a preview, 150 dpi of A4: the QR is read from it.
PREVIEW = 1754

#: Of a picture: half its bytes, and nothing that an eye misses.
_COLOURS = 64
#: Characters of an address.
_SHOWN = 80
_PARTS = {"template": say("模板"), "style": say("样式"), "frame": say("底图")}
_LOADS = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
#: ``url(…)`` and ``@import "…"`` of CSS, and the attributes of HTML and SVG that load something.
_ADDRESS = re.compile(
    r"""url\(\s*["']?(?P<url>[^"')]*)|@import\s+["'](?P<sheet>[^"']*)"""
    r"""|<(?P<tag>[a-z:]+)\b[^<>]*?\s(?P<name>(?:xlink:)?href|src|srcset|data|poster|background)\s*=\s*["']?(?P<value>[^"'\s>]*)""",
    re.IGNORECASE,
)


class _OutOfTime(Exception):
    """A template did not come to its end."""


def try_design(source: Source, names: Sequence[str], papers: Sequence[tuple[Message, Paper]]) -> Trial:
    """Try a design with made-up papers, each under its label; ``names`` are those of the type's claims.

    Where its texts alone are refused, nothing is drawn.
    """
    findings = check_texts(source, names)
    if findings:
        return Trial(tuple(findings), tuple(None for _ in papers))
    tried = [_try_one(source, label, paper) for label, paper in papers]
    found = dict.fromkeys(finding for each, _ in tried for finding in each)
    return Trial(tuple(found), tuple(sample for _, sample in tried))


def draw(source: Source, papers: Sequence[Paper]) -> list[bytes]:
    """Render papers; raises `Refused` for whatever is wrong."""
    try:
        return list(render(papers, source))
    except FatalURLFetchingError as error:
        raise Refused([_fetched(source, error)]) from None
    except Refused:
        raise
    except Exception as error:  # noqa: BLE001 (whatever an issuer's design raises is said)
        raise Refused([_failed(error)]) from None


def check_texts(source: Source, names: Sequence[str]) -> list[Finding]:
    """Check what a design asks for, without running it: its form, its names, its addresses, each with its line."""
    return [*_template(source.template, names), *_frame(source.frame), *_addresses(source)]


def _at(part: str, line: int | None, rule: str, problem: Message) -> Finding:
    where = _PARTS[part]
    if line is None:
        return refuse(rule, say("{part}：{problem}", part=where, problem=problem))
    return refuse(rule, say("{part}第 {line} 行：{problem}", part=where, line=line, problem=problem))


def _template(text: str, names: Sequence[str]) -> Iterator[Finding]:
    sandbox = Sandbox()
    try:
        tree = sandbox.parse(text)
    except TemplateSyntaxError as error:
        yield _syntax(error)
        return
    except RecursionError:
        yield _at("template", None, "certificates.design_syntax", say("括号或循环套得太深"))
        return
    for node in tree.find_all(_LOADS):
        yield _at("template", node.lineno, "certificates.design_load", say("模板不能引用别的文件（include、import、extends）"))  # fmt: skip
    for power in tree.find_all(nodes.Pow):
        yield _at("template", power.lineno, "certificates.design_failed", say("模板不能用乘方（**）"))
    unknown = meta.find_undeclared_variables(tree) - GIVEN - set(sandbox.globals)
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in unknown:
            yield _unknown(name.lineno, name.name)
    for part in tree.find_all(nodes.Getattr):
        if isinstance(part.node, nodes.Name) and part.node.name == "claims" and part.attr not in names:
            yield _unknown(part.lineno, f"claims.{part.attr}")


def _syntax(error: TemplateSyntaxError) -> Finding:
    problem = say("写法有错（{problem}）", problem=error.message or "")
    return _at("template", error.lineno, "certificates.design_syntax", problem)


def _unknown(line: int | None, name: str) -> Finding:
    return _at("template", line, "certificates.design_name", say("没有“{name}”这个名称", name=name))


def _frame(text: str) -> Iterator[Finding]:
    if found := re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        line = _line(text, found.start())
        yield _at("frame", line, "certificates.design_frame", say("底图不能有 DOCTYPE 或 ENTITY"))
        return
    try:
        root = ET.fromstring(text)  # noqa: S314 (declares no entity, as was just seen; expat fetches nothing)
    except ET.ParseError as error:
        problem = say("底图不是完整的 SVG（{problem}）", problem=str(error))
        yield _at("frame", error.position[0], "certificates.design_frame", problem)
        return
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        yield _at("frame", 1, "certificates.design_frame", say("底图须是一幅 SVG"))


def _addresses(source: Source) -> Iterator[Finding]:
    for part in _PARTS:
        text = getattr(source, part)
        for found in _ADDRESS.finditer(text):
            address = (found["url"] or found["sheet"] or found["value"] or "").strip()
            is_link = (found["tag"] or "").lower() == "a"
            if address and address != PHOTO_ADDRESS and not address.startswith("#") and not is_link:
                at = found.start("name") if found["name"] else found.start()
                yield _asked_for(part, _line(text, at), address)


def _asked_for(part: str, line: int | None, address: str) -> Finding:
    problem = say(
        "版式不能读取文件或网址，只能用给定的照片（{photo}）：{address}", photo=PHOTO_ADDRESS, address=address[:_SHOWN]
    )
    return _at(part, line, "certificates.design_load", problem)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _try_one(source: Source, label: Message, paper: Paper) -> tuple[list[Finding], Tried | None]:
    try:
        with _in_time(FILLING_SECONDS):
            page = load_design(source).page(paper, qr.modules(paper.link))
    except Exception as error:  # noqa: BLE001 (whatever an issuer's template raises is said)
        return [_failed(error)], None
    try:
        (pdf,) = draw(source, [paper])
    except Refused as refusal:
        return [_of_sample(label, finding) for finding in refusal.findings], None
    picture = _picture(pdf)
    return [*_glyphs(source, label, page), *_qr(label, page, paper.link, picture)], Tried(pdf, picture)


def _failed(error: BaseException) -> Finding:
    """Say why a template broke off, and in which line of it."""
    if isinstance(error, TemplateSyntaxError):
        return _syntax(error)
    frames = traceback.extract_tb(error.__traceback__)
    line = next((frame.lineno for frame in reversed(frames) if frame.filename == "<template>"), None)
    match error:
        case _OutOfTime():
            return _at("template", line, "certificates.design_bounds", say("模板在规定的时间内没有填完：请检查循环"))
        case MemoryError():
            return _at("template", line, "certificates.design_bounds", TOO_LARGE)
        case SecurityError():
            problem = say("模板不能这样做（{problem}）", problem=error.message or "")
            return _at("template", line, "certificates.design_sandbox", problem)
        case UndefinedError():
            problem = say("没有这个名称（{problem}）", problem=error.message or "")
            return _at("template", line, "certificates.design_name", problem)
    problem = say("这里运行失败（{problem}）", problem=f"{type(error).__name__}: {error}"[:200])
    return _at("template", line, "certificates.design_failed", problem)


def _fetched(source: Source, error: BaseException) -> Finding:
    """Say which address was asked for that no text spells out."""
    quoted = re.search(r'"(.*?)"', str(error))
    address = quoted[1] if quoted else str(error)
    part = next((part for part in _PARTS if address in getattr(source, part)), "template")
    text = getattr(source, part)
    return _asked_for(part, _line(text, text.find(address)) if address in text else None, address)


def _of_sample(label: Message, finding: Finding) -> Finding:
    return refuse(finding.rule, say("样张“{sample}”：{problem}", sample=label, problem=finding.message))


def _glyphs(source: Source, label: Message, page: str) -> Iterator[Finding]:
    words = "".join(Markup(text).striptags() for text in (page, source.frame))  # noqa: S704 (read, never shown)
    for character in missing_glyphs(words):
        problem = say("字库里没有“{character}”（U+{code}）", character=character, code=f"{ord(character):04X}")
        yield _of_sample(label, refuse("certificates.design_glyph", problem))


def _qr(label: Message, page: str, link: str, picture: bytes) -> Iterator[Finding]:
    if QR_PLACE not in page:
        yield _at("template", None, "certificates.design_qr", say("没有放二维码的地方：请在模板中写上 qr 这个名称"))
    elif link not in qr.read_picture(picture):
        problem = say("印出来的二维码读不出：请不要遮挡，四周留白")
        yield _of_sample(label, refuse("certificates.design_qr", problem))


def _picture(pdf: bytes) -> bytes:
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        picture = page.render(scale=PREVIEW / max(*page.get_size(), 1)).to_pil().quantize(_COLOURS)
    finally:
        document.close()
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


@contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    """Break off what takes longer, counted in processor time; the main thread alone."""

    def stop(_signal: int, _frame: Any) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
