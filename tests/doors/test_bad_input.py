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


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
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


ODD_QUERIES = {
    "a page before the first": {"page": "-1", "per_page": "-1"},
    "a page of a million rows": {"page": str(10**9), "per_page": str(10**6)},
    "numbers beyond every integer": dict.fromkeys(
        ("page", "per_page", "cohort", "cohort_id", "region", "kind", "state", "item", "year", "of"), "9" * 40
    ),
    "no numbers": dict.fromkeys(("page", "per_page", "cohort", "since", "until", "signed_on", "year"), "²五\x1f"),
    "10,000 characters": dict.fromkeys(("q", "sort", "state", "operation", "region", "lang", "format"), "长" * 10_000),
    "control characters": dict.fromkeys(("q", "sort", "kind", "state"), "\x01\x1b[31m\x7f\u202e\r\n"),
    "half a pair": {"q": "\ud800"},
    "NUL": dict.fromkeys(("q", "sort", "kind", "of", "region", "state", "show"), "王\0明"),
    "a pattern": {"q": "%_\\%' OR 1=1 --"},
}


@pytest.mark.parametrize("kind", ODD_QUERIES)
def test_no_list_stumbles_over_what_is_asked(house, kind):
    query, wrong = ODD_QUERIES[kind], []
    before = house.contents()
    for door in house.lists:
        try:
            with door.client.get(door.url, query_string=query) as answer:
                if answer.status_code >= 500:
                    wrong.append((door.way, answer.status_code))
                elif answer.status_code >= 400 and not CHINESE.search(
                    str(answer.json) if answer.is_json else answer.text
                ):
                    wrong.append((door.way, "not in Chinese"))
        except UnicodeEncodeError:
            pytest.skip("no client can send it")
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


def test_no_form_breaks_over_10_000_characters(house):
    wrong, long = [], "长" * 10_000
    for door in house.forms:
        for each in door.fields:
            if each.is_text:
                before = house.contents()
                answer = door.send(**{each.name: long})
                if answer.status_code >= 500:
                    wrong.append((door.way, each.name, answer.status_code))
                elif answer.status_code >= 400 and house.contents() != before:
                    wrong.append((door.way, each.name, "changed something"))
    assert wrong == []


@pytest.mark.parametrize("number", ["9" * 40, "-1", "1e400", "NaN", "Infinity", "²", "x", str(2**31), str(2**63)])
def test_no_form_breaks_over_a_number(house, number):
    wrong = []
    for door in house.forms:
        for each in door.fields:
            if each.kind in {"number", "hidden", "select", "radio", "date", "time", "text"}:
                answer = door.send(**{each.name: number})
                if answer.status_code >= 500:
                    wrong.append((door.way, each.name, answer.status_code))
    assert wrong == []


def test_who_saves_a_form_that_somebody_saved_meanwhile_is_told_and_loses_nothing(house):
    before, wrong, tried = house.contents(), [], 0
    for door in house.forms:
        if any(each.name == "version" for each in door.fields):
            for version in ("0", "99"):
                tried += 1
                answer = door.send(version=version)
                if answer.status_code not in {409, 422} or not CHINESE.search(answer.text):
                    wrong.append((door.way, version, answer.status_code))
    assert tried > 5
    assert wrong == []
    assert house.contents() == before


def test_json_nested_deeper_than_anyone_reads_is_refused(house):
    for door in house.calls:
        answer = door.client.post(door.url, data=b"[" * 200_000, content_type="application/json")
        assert 400 <= answer.status_code < 500, door.way


class Endless:
    """A body that is sent without end, and counts what was read of it."""

    def __init__(self):
        self.taken = 0

    def read(self, size=-1):
        """Give as much as is asked for."""
        size = 65_536 if size < 0 else size
        self.taken += size
        return b"a" * size

    def readline(self, size=-1):
        """Give as much, for it has no line's end."""
        return self.read(size)


def test_100_mb_are_refused_before_they_are_read(house):
    for door in [door for door in house.forms if any(each.kind == "file" for each in door.fields)] + house.calls:
        body = Endless()
        answer = door.client.post(
            door.url, input_stream=body, content_length=100_000_000, content_type="multipart/form-data; boundary=a"
        )
        assert answer.status_code == 413, door.way
        assert "请把文件拆小" in (answer.json["message"] if answer.is_json else answer.text)
        assert body.taken < 1_000_000
