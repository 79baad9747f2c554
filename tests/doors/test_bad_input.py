"""Bad input at every door: a clear answer, and nothing is changed. The doors are found by walking the house."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import pytest

from lbcert.testing.fixtures import Visitor, running
from tests.doors.bad_files import BAD_FILES, BAD_PICTURES, png
from tests.doors.house import Door, House

CHINESE = re.compile(r"[\u4e00-\u9fff]")
GOOD_PAPER = ("签字.png", png(10, 10, bytes(110)))


@pytest.fixture(scope="module", params=["sqlite"])
def house(request, tmp_path_factory) -> Iterator[House]:
    databases = request.getfixturevalue(f"{request.param}_databases")
    with databases.fresh() as url, running(url, tmp_path_factory.mktemp("home")) as app:
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
        app.test_client_class = Visitor
        made = House(app)
        assert len(made.lists) > 50
        assert len(made.forms) > 50
        yield made


def sent(file):
    name, data = file
    return BytesIO(data), name


def with_file(door: Door, field: str, file):
    """Send a form with one bad file; its other files are good papers."""
    good = {each.name: sent(GOOD_PAPER) for each in door.fields if each.kind == "file"}
    return door.send(**{**good, field: sent(file)})


def test_no_upload_form_takes_a_bad_file(house):
    uploads = [(door, each.name) for door in house.forms for each in door.fields if each.kind == "file"]
    assert len({door.way for door, _ in uploads}) >= 5, [door.way for door, _ in uploads]
    before, wrong = house.contents(), []
    for door, field in uploads:
        files = BAD_FILES | (BAD_PICTURES if "photo" in field else {})
        for kind, file in files.items():
            answer = with_file(door, field, file)
            if not (400 <= answer.status_code < 500 and CHINESE.search(answer.text)):
                wrong.append((door.way, field, kind, answer.status_code))
            if (after := house.contents()) != before:
                wrong.append((door.way, field, kind, {k: after[k] for k in after if after[k] != before[k]}))
                before = after
    assert wrong == []


def test_no_call_takes_a_bad_file(house):
    uploads = [door for door in house.calls if re.search("rosters$|transcriptions$", door.url)]
    assert len(uploads) == 2
    before, wrong = house.contents(), []
    for door in uploads:
        for kind, file in BAD_FILES.items():
            data = {"file": sent(file), "sheet": sent(file), "paper": sent(GOOD_PAPER), "examiner_id": "1"}
            answer = door.client.post(door.url, data=data)
            said = [finding["message"] for finding in answer.json["findings"]] or [str(answer.json["fields"])]
            if answer.status_code != 422 or not all(CHINESE.search(text) for text in said):
                wrong.append((door.way, kind, answer.status_code, answer.json))
    assert wrong == []
    assert house.contents() == before


@pytest.mark.parametrize("number", [2**31, 2**63, 10**40])
def test_an_id_beyond_every_integer_is_a_page_that_is_not_there(house, number):
    found = {}
    for rule in house.app.url_map.iter_rules():
        numbers = [name for name in rule.arguments if f"<int:{name}>" in rule.rule]
        if numbers:
            url = re.sub("<int:[^>]*>", str(number), rule.rule)
            url = re.sub("<any[(]([a-z_]*)[^>]*>", r"\1", url)
            url = re.sub("<[^>]*>", "x", url)
            for method in rule.methods & {"GET", "POST"}:
                client = house.calls[0].client if url.startswith("/api/") else house.forms[0].client
                with client.open(url, method=method) as answer:
                    if answer.status_code not in {302, 403, 404}:
                        found[f"{method} {rule.rule}"] = answer.status_code
    assert found == {}


BAD_TEXTS = {"NUL": "王\0小明", "only NUL": "\0"}


@pytest.mark.parametrize("kind", BAD_TEXTS)
def test_no_form_takes_a_nul_character(house, kind):
    before, wrong = house.contents(), []
    for door in house.forms:
        for each in door.fields:
            if each.kind in {"file", "checkbox", "submit"}:
                continue
            answer = door.send(**{each.name: BAD_TEXTS[kind]})
            if not (400 <= answer.status_code < 500 and CHINESE.search(answer.text)):
                wrong.append((door.way, each.name, answer.status_code))
    assert wrong == []
    assert house.contents() == before


@pytest.mark.parametrize("text", ["王\0小明", "\ud800"])
def test_no_call_takes_text_that_no_database_keeps(house, text):
    before = house.contents()
    for door in house.calls:
        for body in ({"reason": text}, {"lines": [{"post": [text]}]}, {text: 1}, text):
            answer = door.client.post(door.url, json=body)
            assert answer.status_code == 422, door.way
            assert [finding["rule"] for finding in answer.json["findings"]] == ["core.unwritable_text"], door.way
    assert house.contents() == before
