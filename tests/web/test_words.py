"""The English is whole: of the core and of each shipped plugin, with the gaps of the Chinese and nothing left in it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from flask_babel import gettext

from tests.web.gallery import gallery_app

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(folder.parent for folder in ROOT.glob("plugins/*/__init__.py"))
#: Who brings a catalogue: the folders that its words are in.
HOUSES = {ROOT / "lbcert/web": [ROOT / "lbcert", ROOT / "templates"], **{plugin: [plugin] for plugin in PLUGINS}}
KEYWORDS = {"_": None, "_l": None, "say": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
METHODS = {".py": ("python", {}), ".html": ("jinja2.ext:babel_extract", {"silent": "false"})}
GAP = re.compile(r"%\(\w+\)s|\{\w*\}|%%")
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
#: What a reader of English still writes in Chinese: titles of columns, what stands in their cells, a document's number.
QUOTED = re.compile(
    r"课别\(上课内容\)|培训项目|模块|类型|课时|可线上|必修|等级|选修组|先修模块|大典年版|职业编码|职业名称|类别|订单类型|到岗日期|上课地点"
    "|姓名|身份证号码|理论成绩|实操成绩|综合成绩|理论|实操|缺考|成绩无效|线上|田间：|田间|岗位：|安全用电：触电急救|是|否"
    "|五级|四级|三级|二级|一级|初级工|中级工|高级工|高级技师|技师|本局设定|云人社发〔2023〕12号 第五条"
)


@pytest.fixture(params=HOUSES, ids=lambda house: house.name)
def house(request):
    return request.param


@pytest.fixture
def catalogue(house):
    with (house / "translations/en/LC_MESSAGES/messages.po").open("rb") as written:
        return read_po(written)


@cache
def said(folder):
    """Give each string for people in a folder's code and templates, with the file that says it; plurals as pairs."""
    words = []
    for path in sorted(file for ending in METHODS for file in folder.rglob(f"*{ending}")):
        if "tests" in path.relative_to(folder).parts:
            continue
        method, options = METHODS[path.suffix]
        for _line, message, *_ in extract_from_file(method, path, keywords=KEYWORDS, options=options):
            words.append((str(path.relative_to(ROOT)), message))
    return words


def forms(text):
    return [text] if isinstance(text, str) else list(text)


def test_every_word_has_its_english(house, catalogue):
    words = [entry for folder in HOUSES[house] for entry in said(folder)]
    assert len(words) > 20
    assert [
        (path, text) for path, text in words if text not in catalogue or not all(forms(catalogue[text].string))
    ] == []


def test_no_english_is_kept_for_what_nobody_says(house, catalogue):
    words = {message for folder in HOUSES[house] for _path, message in said(folder)}
    assert [message.id for message in catalogue if message.id and message.id not in words] == []
    assert not catalogue.obsolete


def test_a_translation_has_the_gaps_of_its_original(catalogue):
    gaps = [(forms(message.id)[0], english) for message in catalogue if message.id for english in forms(message.string)]
    assert [pair for pair in gaps if sorted(GAP.findall(pair[0])) != sorted(GAP.findall(pair[1]))] == []


def test_no_translation_is_a_guess_or_holds_chinese_that_is_not_quoted(catalogue):
    entries = [message for message in catalogue if message.id]
    assert [message.id for message in entries if message.fuzzy] == []
    assert [text for m in entries for text in forms(m.string) if CHINESE.search(QUOTED.sub("", text))] == []


def test_a_plugin_brings_its_words_and_those_of_the_core_stand(tmp_path):
    brought = tmp_path / "translations/en/LC_MESSAGES/messages.po"
    brought.parent.mkdir(parents=True)
    brought.write_text('msgid "插件的话"\nmsgstr "its word"\n\nmsgid "保存"\nmsgstr "Keep"\n', "utf-8")
    plugin = ModuleType("sample")
    plugin.__file__ = str(tmp_path / "__init__.py")
    point = SimpleNamespace(name="sample", value="sample", dist=None, load=lambda: plugin)
    with gallery_app([point]).test_request_context(headers={"Accept-Language": "en"}):
        assert (gettext("插件的话"), gettext("保存")) == ("its word", "Save")
