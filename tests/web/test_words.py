"""The English of the frame is whole, and its gaps are those of the Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "lbcert/web/translations/en/LC_MESSAGES/messages.po"
KEYWORDS = {"_": None, "_l": None, "say": None, "gettext": None}
GAP = re.compile(r"%\(\w+\)s|\{\w+\}")


@pytest.fixture(scope="module")
def catalogue():
    with CATALOGUE.open("rb") as written:
        return read_po(written)


def words(paths, method, **options):
    for path in paths:
        for _line, message, *_ in extract_from_file(method, path, keywords=KEYWORDS, options=options):
            yield path.relative_to(ROOT), message


def test_every_word_of_the_frame_has_its_english(catalogue):
    said = [
        *words((ROOT / "lbcert/web").glob("*.py"), "python"),
        *words([ROOT / "lbcert/core/access.py"], "python"),
        *words((ROOT / "templates/pages").glob("*.html"), "jinja2.ext:babel_extract", silent="false"),
    ]
    assert len(said) > 100
    assert [(str(path), text) for path, text in said if text not in catalogue or not catalogue[text].string] == []


def test_a_translation_has_the_gaps_of_its_original(catalogue):
    assert [m.id for m in catalogue if m.id and sorted(GAP.findall(m.id)) != sorted(GAP.findall(m.string))] == []
