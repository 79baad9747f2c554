"""Bad input at every door: a clear answer, and nothing is changed. The doors are found by walking the house."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO, StringIO

import openpyxl
import pytest

from lbcert.certificates.token import base36, link
from lbcert.core import throttle
from lbcert.core.database import STALE, db
from lbcert.core.sheets import Column, Table, write_workbook
from lbcert.testing.fixtures import Visitor, running
from tests.access.certificates import certificate
from tests.doors.bad_files import BAD_FILES, BAD_PICTURES, png
from tests.doors.house import COUNTED, House
from tests.doors.rows import begun_with

CHINESE = re.compile(r"[\u4e00-\u9fff]")
GOOD_PAPER = ("签字.png", png(10, 10, bytes(110)))
#: all but one of them ASCII: the test itself takes seconds to write 10,000 others into addresses and forms
LONG, HUGE = "长" + "a" * 9_999, "9" * 40


@pytest.fixture(scope="module")
def scene(sqlite_databases, tmp_path_factory) -> Iterator[House]:
    """Make the house and find all its doors, which takes most of the time; nobody there tries too often."""
    with ExitStack() as stack:
        url = stack.enter_context(sqlite_databases.fresh())
        app = stack.enter_context(running(url, tmp_path_factory.mktemp("home")))
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(throttle.limiter, "enabled", False)
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
        app.test_client_class = Visitor
        made = House(app)
        assert len(made.lists) > 50
        assert len(made.forms) > 50
        assert made.calls
        yield made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request, scene) -> Iterator[House]:
    """Set the house upon each database; nothing is saved in it, and nothing may be."""
    with ExitStack() as stack:
        if request.param == "postgresql":
            postgresql_databases = request.getfixturevalue("postgresql_databases")
            stack.enter_context(scene.upon(stack.enter_context(postgresql_databases.fresh())))
        before = scene.contents()
        with scene.closed():
            yield scene
        assert scene.contents() == before


#: What is refused before a database is asked is tried on one of them; what SQLite keeps and PostgreSQL does not, on that.
on_sqlite, on_postgresql = (
    pytest.mark.parametrize("house", [kind], indirect=True) for kind in ("sqlite", "postgresql")
)


def sent(file):
    name, data = file
    return BytesIO(data), name


def is_clear(answer):
    """Tell whether a refusal says why, in the words of whoever reads it."""
    assert answer.status_code != 429, "who tries too often is told nothing about what he sent"
    return 400 <= answer.status_code < 500 and CHINESE.search(str(answer.json) if answer.is_json else answer.text)


@on_sqlite
def test_no_upload_form_takes_a_bad_file(house):
    uploads = [(door, each.name) for door in house.forms for each in door.fields if each.kind == "file"]
    assert len({door.way for door, _ in uploads}) >= 5, [door.way for door, _ in uploads]
    before, saved, wrong = house.contents(), house.saved, []
    for door, field in uploads:
        papers = {each.name: GOOD_PAPER for each in door.fields if each.kind == "file"}
        for kind, file in (BAD_FILES | (BAD_PICTURES if "photo" in field else {})).items():
            files = {name: sent(each) for name, each in {**papers, field: file}.items()}
            if not is_clear(answer := door.send(**files)):
                wrong.append((door.way, field, kind, answer.status_code))
    assert wrong == []
    assert (house.contents(), house.saved) == (before, saved)


@on_sqlite
def test_no_call_takes_a_bad_file(house):
    uploads = [door for door in house.calls if re.search("rosters$|transcriptions$", door.url)]
    assert len(uploads) == 2
    saved, wrong = house.saved, []
    for door in uploads:
        for kind, file in BAD_FILES.items():
            data = {"file": sent(file), "sheet": sent(file), "paper": sent(GOOD_PAPER), "examiner_id": "1"}
            answer = door.client.post(door.url, data=data)
            said = [finding["message"] for finding in answer.json["findings"]] or [str(answer.json["fields"])]
            if answer.status_code != 422 or not all(CHINESE.search(text) for text in said):
                wrong.append((door.way, kind, answer.status_code, answer.json))
    assert wrong == []
    assert house.saved == saved


#: what is odd about a query → it, for every list
ODD_QUERIES = {
    "beyond all bounds": {
        **dict.fromkeys(("cohort", "cohort_id", "region", "item", "year", "edition", "level", "since", "until"), HUGE),
        **dict.fromkeys(("sort", "state", "kind", "operation", "show", "lang"), LONG[:300]),
        "q": LONG,
        "page": "-1",
        "per_page": "1000000",
    },
    "no numbers, and patterns": {
        **dict.fromkeys(("page", "per_page", "cohort", "since", "until", "year", "edition", "level"), "²五\x1f"),
        **dict.fromkeys(("q", "sort", "state", "kind", "region", "show"), "%_\\' OR 1=1 --\x1b[31m\u202e\r\n"),
    },
}


@pytest.mark.parametrize(
    ("house", "kind"),
    [("sqlite", "beyond all bounds"), *(("postgresql", kind) for kind in ODD_QUERIES)],
    indirect=["house"],
)
def test_no_page_stumbles_over_what_is_asked(house, kind):
    saved, wrong = house.saved, []
    for door in house.lists:
        saved += door.way in COUNTED
        with door.client.get(door.url, query_string=ODD_QUERIES[kind]) as answer:
            if answer.status_code >= 400 and not is_clear(answer):
                wrong.append((door.way, answer.status_code))
    assert wrong == []
    assert house.saved == saved


@on_postgresql
def test_an_id_beyond_every_integer_is_a_page_that_is_not_there(house):
    found = {}
    for rule in house.app.url_map.iter_rules():
        if "<int:" in rule.rule:
            url = re.sub("<int:[^>]*>", str(2**31), rule.rule)
            url = re.sub("<any[(]([a-z_]*)[^>]*>", r"\1", url)
            url = re.sub("<[^>]*>", "x", url)
            for method in rule.methods & {"GET", "POST"}:
                client = house.calls[0].client if url.startswith("/api/") else house.forms[0].client
                with client.open(url, method=method) as answer:
                    if answer.status_code not in {302, 403, 404}:
                        found[f"{method} {rule.rule}"] = answer.status_code
    assert found == {}


ODD_VALUES = {
    "number": (HUGE, "NaN", "-1"),
    "select": (HUGE,),
    "radio": ("x",),
    "date": ("9999-12-31",),
    "time": ("25:00",),
    "hidden": (HUGE,),
    "checkbox": ("²",),
}


#: A field of a form, and whether the form says that it is wrong.
CONTROL = re.compile("<(?:input|select|textarea)[^>]*>")


def blamed(answer):
    """Give the fields that a form refuses by their shape, before anything is asked of the database."""
    wrong = [tag for tag in CONTROL.findall(answer.text) if 'aria-invalid="true"' in tag]
    return {name for tag in wrong for name in re.findall(' name="([^"]*)"', tag)}


def odd_values(door):
    """Give, in rounds, each field's odd values."""
    odd = {
        each.name: ODD_VALUES.get(each.kind, (LONG,) if each.is_text and not each.is_code else ())
        for each in door.fields
    }
    odd.pop("csrf_token", None)
    for turn in range(max(map(len, odd.values()), default=0)):
        yield {name: values[turn] for name, values in odd.items() if turn < len(values)}


@on_postgresql
def test_no_form_breaks_over_what_is_typed(house):
    """Each field is wrong or 10,000 characters long; what is refused would not have changed anything.

    The fields that a form itself refuses are tried together, each of the others alone: nothing else stops it.
    """
    wrong = []
    for door in house.forms:
        for odd in odd_values(door):
            refused = blamed(door.send(**odd)) if len(odd) > 1 else set()
            for name in odd.keys() - refused:
                saved, answer = house.saved, door.send(**{name: odd[name]})
                if answer.status_code >= 500 or (odd[name] is LONG and house.saved > saved and LONG in answer.text):
                    wrong.append((door.way, name, odd[name][:20], answer.status_code))
    assert wrong == []


@on_postgresql
def test_no_form_takes_a_nul_character(house):
    saved, wrong = house.saved, []
    for door in house.forms:
        texts = [each.name for each in door.fields if each.is_text or each.kind == "hidden"][:1]
        wrong += [(door.way, name) for name in texts if not is_clear(door.send(**{name: "王\0小明"}))]
    assert wrong == []
    assert house.saved == saved


#: Forms that show a figure to begin with, and add a row: nobody's change can be lost.
NOTHING_TO_LOSE = {
    "POST /teaching/sessions/<int:session_id>/log",
    "POST /teaching/sessions/<int:session_id>/make-up",
    "POST /teaching/cohorts/<int:cohort_id>/solving",
}


@on_sqlite
def test_every_form_that_shows_what_somebody_typed_knows_which_version_it_shows(house):
    edits = {door.way for door in house.forms if door.is_edit}
    versioned = {door.way for door in house.forms if any(each.name == "version" and each.shown for each in door.fields)}
    assert edits - versioned == NOTHING_TO_LOSE
    assert len(versioned) > 15


def test_who_saves_a_form_that_somebody_saved_meanwhile_is_told_what_to_do(house):
    told, wrong = 0, []
    for door in house.forms:
        shown = next((each.shown for each in door.fields if each.name == "version"), "")
        for version in (str(int(shown) + 1), "x") if shown not in {"", "0"} else ():  # 0: nobody saved one yet
            saved, answer = house.saved, door.send(version=version)
            told += str(STALE) in answer.text
            if answer.status_code not in {409, 422} or house.saved > saved:
                wrong.append((door.way, version, answer.status_code))
            if str(STALE) not in answer.text:
                wrong.append((door.way, version, "not told"))
    assert wrong == []
    assert told > 25


@on_postgresql
@pytest.mark.parametrize("text", ["王\0小明", "\ud800"])
def test_no_call_takes_text_that_no_database_keeps(house, text):
    saved = house.saved
    for door in house.calls:
        for body in ({"reason": text}, {"lines": [{"post": [text]}]}, {text: 1}, text):
            answer = door.client.post(door.url, json=body)
            assert answer.status_code == 422, door.way
            assert [finding["rule"] for finding in answer.json["findings"]] == ["core.unwritable_text"], door.way
    assert house.saved == saved


@on_sqlite
@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"lines": [', b"\xff\xfe{}", b"{1: NaN,}"])
def test_json_that_cannot_be_read_is_said_to_be_so(house, body):
    for door in house.calls:
        answer = door.client.post(door.url, data=body, content_type="application/json")
        assert answer.status_code == 422, door.way
        assert [finding["rule"] for finding in answer.json["findings"]] == ["core.unreadable_json"], door.way


class Endless:
    """A body that is sent without end, and counts what was read of it."""

    def __init__(self):
        self.taken = 0

    def read(self, size=-1):
        """Give as much as is asked for."""
        size = 65_536 if size < 0 else size
        self.taken += size
        return b"a" * size

    readline = read


@on_sqlite
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=a", "application/json"])
def test_100_mb_are_refused_before_they_are_read(house, kind):
    for door in [door for door in house.forms if any(each.kind == "file" for each in door.fields)] + house.calls:
        body = Endless()
        answer = door.client.post(
            door.url, content_type=kind, environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": "100000000"}
        )
        assert answer.status_code == 413, door.way
        assert "请把文件拆小" in (answer.json["message"] if answer.is_json else answer.text)
        assert body.taken < 1_000_000


MARKS = "=+-@\t"
#: what a spreadsheet takes for a formula in a CSV, save for a plain number and for our own codes behind a tab
FORMULA = re.compile(r"\s*[=+@-](?![0-9.]+\Z)|\t(?![0-9]+[0-9Xx]?\Z)")


def texts(answer):
    """Give all text in a file, and each cell that starts a formula."""
    if answer.mimetype == "text/csv":
        cells = [cell for row in csv.reader(StringIO(answer.data.decode("utf-8-sig"))) for cell in row]
        return "\n".join(cells), [cell for cell in cells if FORMULA.match(cell)]
    with zipfile.ZipFile(BytesIO(answer.data)) as book:
        parts = [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
    return "\n".join(parts), [found for part in parts for found in re.findall("<f[ >].{0,80}", part)]


@on_postgresql
def test_no_cell_of_any_export_starts_a_formula(house):
    ways, shown, wrong = set(), set(), []
    with begun_with(MARKS, db.engine):
        for door in house.exports:
            with door.client.get(door.url) as answer:
                assert answer.status_code == 200, door.url
                text, formulas = texts(answer)
                wrong += [(door.url, formula) for formula in formulas]
                ways.add(door.way)
                if re.search(f"[{MARKS}][一-龥]", text):
                    shown.add(door.way)
    assert wrong == []
    assert len(shown) > 15, sorted(ways - shown)


REFUSED = "不是有效证书"


@pytest.fixture
def visitor(house):
    return house.app.test_client()


@pytest.fixture
def flipped(house):
    """Give the token with one bit turned over: some forty bits, in each of its parts."""
    token = certificate(house.stage).token
    bits = range(0, 8 * len(token), len(token) // 5)
    return [token[: bit // 8] + bytes([token[bit // 8] ^ 1 << bit % 8]) + token[bit // 8 + 1 :] for bit in bits]


@pytest.fixture
def genuine(house):
    return certificate(house.stage).token


@on_sqlite
def test_the_public_page_and_the_call_refuse_a_flipped_bit_with_its_reason(visitor, flipped, genuine):
    def asked(token):
        page = visitor.get(f"/V/{base36.encode(token)}")
        said = visitor.get(f"/api/v1/verify/code/{base36.encode(token)}")
        assert (page.status_code, said.status_code) == (200, 200)
        return page.text, said.json

    page, said = asked(genuine)
    assert said["refusal"] is None
    assert REFUSED not in page
    assert len(flipped) > 30
    for token in flipped:
        page, said = asked(token)
        assert (said["outcome"], said["number"], said["fields"]) == ("broken", "", [])
        assert REFUSED in page
        assert said["explanation"] in page
        assert said["refusal"]


@on_sqlite
def test_the_form_refuses_a_flipped_bit_with_its_reason(visitor, flipped):
    for token in flipped[::6]:
        answer = visitor.post("/verify", data={"number": link.write("https://localhost", token)})
        assert answer.status_code == 200
        assert REFUSED in answer.text


@on_sqlite
def test_the_bulk_check_refuses_a_flipped_bit_with_its_reason(visitor, flipped, genuine):
    tokens = [*flipped, genuine]
    links = [{"n": link.write("https://localhost", token)} for token in tokens]
    sheet = write_workbook(Table("名单", [Column("n", "证书编号")], links))
    answer = visitor.post("/verify/bulk", data={"file": (BytesIO(sheet), "名单.xlsx")})
    rows = list(openpyxl.load_workbook(BytesIO(answer.data)).active.iter_rows(min_row=2, values_only=True))
    assert [row[1] for row in rows] == [REFUSED] * len(flipped) + [rows[-1][1]]
    assert rows[-1][1] != REFUSED
    assert all(row[2] for row in rows)
    results = visitor.post("/api/v1/verify/bulk", data={"file": (BytesIO(sheet), "名单.xlsx")}).json["results"]
    assert [each["verdict"]["refusal"] is None for each in results] == [False] * len(flipped) + [True]
