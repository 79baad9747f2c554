"""What people wrote, as an export gives it: whatever it begins with, no cell starts a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest

from lbcert.core.database import db
from tests.doors.rows import begun_with

MARKS = "=+-@\t"
#: what a spreadsheet takes for a formula in a CSV, save for a plain number and for our own codes behind a tab
FORMULA = re.compile(r"\s*[=+@-](?![0-9.]+\Z)|\t(?![0-9]+[0-9Xx]?\Z)")


def texts(answer):
    """Give all text in a file, and each cell that starts a formula."""
    if answer.mimetype == "text/csv":
        cells = [cell for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))) for cell in row]
        return "\n".join(cells), [cell for cell in cells if FORMULA.match(cell)]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        parts = [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
    return "\n".join(parts), [found for part in parts for found in re.findall("<f[ >].{0,80}", part)]


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
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
