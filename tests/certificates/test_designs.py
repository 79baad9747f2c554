"""An issuer's own design: what it may not do, who puts it in force, and which certificate is printed in it."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from lbcert.certificates.rendering import bounds
from lbcert.certificates.rendering.design import Paper, Source, shipped_design
from lbcert.certificates.rendering.trial import try_design
from lbcert.certificates.samples import SKILL_LEVEL_SAMPLES
from lbcert.certificates.schemas import check_claims
from lbcert.certificates.token import link
from lbcert.certificates.types import all_types
from lbcert.core.database import STALE
from lbcert.core.findings import Refused
from lbcert.testing.fixtures import browser_of
from tests.certificates.scene import published
from tests.certificates.test_public_page import words_of

SHIPPED = Source.read(shipped_design("skill_level"))
NAMES = ["number", "name", "id_number_masked", "occupation", "specialty", "brand", "level", "marks", "body", "scheme", "issued_on", "valid_to"]  # fmt: skip
#: The line before </body>, where each case is put in.
LINE = SHIPPED.template.count("\n", 0, SHIPPED.template.index("</body>")) + 1
SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'


def with_line(line):
    """Give the shipped design with a line more at the end of its page."""
    return replace(SHIPPED, template=SHIPPED.template.replace("</body>", f"{line}\n</body>"))


def papers(count=1):
    text = link.write("https://cert.example.c", bytes(range(1, 142)))
    return [(each.label, Paper(each.claims, text, "v.example.cn/verify")) for each in SKILL_LEVEL_SAMPLES[:count]]


def tried(source):
    return [(finding.rule.removeprefix("certificates.design_"), str(finding.message)) for finding in try_design(source, NAMES, papers()).findings]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "rule", "words"),
    [
        ("{{ ''.__class__.__mro__ }}", "sandbox", "__class__"),
        ("{{ claims|attr('__init__') }}", "sandbox", "__init__"),
        ("{{ '{0.__class__}'.format(qr) }}", "sandbox", "__class__"),
        ("{{ claims.update(name='x') }}", "name", "update"),
        ("{% include 'style.css' %}", "load", "include"),
        ("{% import '/etc/passwd' as x %}", "load", "import"),
        ("{{ lipsum }}{{ cycler }}", "name", "lipsum"),
        ("{{ claims.id_number }}", "name", "claims.id_number"),
        ("{{ claims.occupation.nope }}", "name", "nope"),
        ("{% if %}", "syntax", "写法有错"),
        ("{{ 1 // 0 }}", "failed", "ZeroDivisionError"),
        ("{{ 10 ** 10 ** 10 }}", "failed", "乘方"),
        ("{% for i in range(10 * 1000000000) %}{% endfor %}", "failed", "Range too big"),
        ("{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}", "bounds", "没有填完"),
        ("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}", "failed", "RecursionError"),
        ("<img src='file:///etc/passwd'>", "load", "file:///etc/passwd"),
        ('<img src="logo.png">', "load", "logo.png"),
        ('<object data="data:image/svg+xml,%3Csvg/%3E">', "load", "data:image/svg+xml"),
        ('<link rel="attachment" href="http://10.0.0.1/x">', "load", "http://10.0.0.1/x"),
        ('<style>@import "http://10.0.0.1/x"</style>', "load", "http://10.0.0.1/x"),
        ("<style>@font-face {font-family: x; src: url( 'http://10.0.0.1/f' )}</style>", "load", "http://10.0.0.1/f"),
        # spelt so that only the fetcher sees it
        ("<style>@import u\\72l(http://10.0.0.1/x)</style>", "load", "http://10.0.0.1/x"),
        ("<style>@font-face {font-family: x; src: u\\72l(file:///etc/passwd)} h1 {font-family: x}</style>", "load", "file:///etc/passwd"),
    ],
)  # fmt: skip
def test_a_template_reads_no_file_reaches_no_host_and_comes_to_an_end(line, rule, words):
    found = tried(with_line(line))
    assert rule in [each for each, _ in found]
    assert words in found[0][1]
    assert f"第 {LINE} 行" in found[0][1]


@pytest.mark.parametrize(
    ("frame", "rule", "words"),
    [
        (SVG.format('\n<image href="http://10.0.0.1/x"/>'), "load", "第 2 行"),
        (SVG.format('<use href="file:///etc/passwd#x"/>'), "load", "file:///etc/passwd#x"),
        ('<!DOCTYPE svg [\n<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG.format("&x;"), "frame", "ENTITY"),
        (SVG.format("<g>"), "frame", "不是完整的 SVG"),
        ("<p/>", "frame", "须是一幅 SVG"),
    ],
)
def test_a_frame_reads_no_file_and_reaches_no_host(frame, rule, words):
    ((first, message), *_) = tried(replace(SHIPPED, frame=frame))
    assert first == rule
    assert words in message


def test_the_trial_finds_what_a_holder_would_miss():
    assert tried(replace(SHIPPED, template=SHIPPED.template.replace("{{ qr }}", "")))[0][0] == "qr"
    assert tried(replace(SHIPPED, style=f"{SHIPPED.style} .qr {{display: none}}"))[0][0] == "qr"
    two_pages = tried(with_line("<p style='height: 200mm'>满</p>"))
    assert "一页放不下" in two_pages[0][1]
    glyphs = tried(with_line("<p style='position: absolute; top: 0'>\ue123</p>"))
    assert [rule for rule, _ in glyphs] == ["glyph"]
    assert "U+E123" in glyphs[0][1]
    several = tried(with_line("{{ nope }}<img src='x.png'>"))
    assert [rule for rule, _ in several] == ["name", "load"]


def test_the_process_of_a_design_is_told_no_secret(monkeypatch):
    told = []
    monkeypatch.setenv("LBCERT_DATA_KEY", "secret")
    monkeypatch.setattr(
        bounds.subprocess, "run", lambda *_, env, **__: told.append(env) or SimpleNamespace(returncode=-9)
    )
    assert [each.rule for each in bounds.try_apart(SHIPPED, NAMES, papers()).findings] == ["certificates.design_bounds"]
    assert "secret" not in str(told)


def test_what_takes_all_memory_or_all_time_ends_with_its_process(monkeypatch):
    large = bounds.try_apart(with_line("{{ 'x' * 4000000000 }}"), NAMES, papers())
    assert [str(each.message) for each in large.findings] == [f"模板第 {LINE} 行：{bounds.TOO_LARGE}"]
    unfolds = "".join(f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 12 + "</g>" for n in range(1, 9))
    slow = replace(SHIPPED, frame=SVG.format(f'<g id="g0"><path d="M0 0h1"/></g>{unfolds}'))
    monkeypatch.setattr(bounds, "START", 1)
    monkeypatch.setattr(bounds, "EACH", 0)
    with pytest.raises(Refused) as refused:
        bounds.render_apart([paper for _, paper in papers()], slow)
    assert "certificates.design_bounds" in refused.value


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_each_shipped_design_passes_its_own_trial_and_the_samples_their_schema(app):
    for kind in all_types().values():
        for sample in kind.samples:
            assert check_claims(sample.claims, kind.schema()) == []
        fullest = (kind.samples[1].label, replace(papers()[0][1], claims=kind.samples[1].claims))
        names = json.loads(kind.schema().read_text(encoding="utf-8"))["properties"]
        assert try_design(Source.read(kind.design), list(names), [fullest]).findings == ()


def test_the_page_says_what_is_wrong_keeps_what_was_typed_and_shows_samples(app):
    scene = published()
    browser = browser_of(app, scene.issuer)
    begun = browser.post(
        "/certificates/designs", data={"organisation_id": scene.body.id, "type": "skill_level", "start": "shipped"}
    )
    where = begun.location
    page = browser.get(where)
    assert "提请启用" in page.text
    assert browser.get(f"{where}/1.png").data.startswith(b"\x89PNG")
    assert browser.get(f"{where}/1.pdf").data.startswith(b"%PDF")
    assert browser.get(f"{where}/9.pdf").status_code == 404
    texts = {"template": with_line("{{ nope }}").template, "style": SHIPPED.style, "frame": SHIPPED.frame}
    wrong = browser.post(where, data={**texts, "version": 1}, follow_redirects=True)
    assert f"模板第 {LINE} 行：没有“nope”这个名称" in words_of(wrong.text)
    assert "提请启用" not in wrong.text
    stale = browser.post(where, data={**texts, "remark": "别丢", "version": 1})
    assert stale.status_code == 422
    assert str(STALE) in stale.text
    assert 'value="别丢"' in stale.text
    assert browser.post(f"{where}/ask").status_code == 422
