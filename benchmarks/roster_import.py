"""Imports a roster of 10,000 rows beside a plain openpyxl loop over the same file, in the same run.

``python benchmarks/roster_import.py`` prints seconds and peak memory. *check* is from the file's bytes to staged rows with
all findings, sealed and committed; *import* from there to persons and enrolments, with the check against what is on file
repeated, ID numbers, phones, addresses and accounts encrypted, and the audit row. 1,000 of the people are on file before,
every 50th row is bad in one of five ways; the database is SQLite. The peer does far less: it reads the cells with openpyxl and looks at
length and check digit in a loop. Each runs in a process of its own; its peak is of the whole process, and its
processor time, which a busy machine leaves alone, includes setting the database up.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import openpyxl

from lbcert.cohorts.operations.drafting import Details, create_cohort
from lbcert.cohorts.operations.roster import import_roster, receive_roster
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.identity.id_number import check_character
from lbcert.parties.operations.persons import PersonData, register_people
from lbcert.testing import factories as make
from lbcert.testing.fixtures import running
from lbcert.testing.rosters import people, workbook

ROWS, ON_FILE, BAD_EACH = 10_000, 1_000, 50


def roster(rows: list[dict[str, str]]) -> bytes:
    """Write the file: every 50th row with a wrong check digit, an impossible date, 15 digits, no name, or a neighbour's number."""
    for turn, place in enumerate(range(0, len(rows), BAD_EACH)):
        row, number = rows[place], rows[place]["id_number"]
        wrong_check = "0" if number[-1] != "0" else "1"
        row |= (
            {"id_number": number[:17] + wrong_check},
            {"id_number": number[:6] + "19990230" + number[14:]},
            {"id_number": number[:6] + number[8:17]},
            {"name": ""},
            {"id_number": rows[place + 1]["id_number"]},
        )[turn % 5]
    return workbook(rows)


def house(data: bytes) -> str:
    """Check and import as lbcert does."""
    with tempfile.TemporaryDirectory() as folder, running(f"sqlite:///{folder}/lbcert.db", Path(folder)):
        db.create_all()
        provider = make.organisation()
        clerk = make.account(Role.PROVIDER_CLERK, provider)
        cohort_id = _cohort(clerk, provider.id)
        register_people(clerk, [PersonData(row["name"], row["id_number"]) for row in people(ON_FILE)])
        start = time.perf_counter()
        staged = receive_roster(clerk, cohort_id, data, "花名册.xlsx")
        staged_id, total, good = staged.id, staged.total, staged.good
        checked = time.perf_counter()
        import_roster(clerk, staged_id)
        imported = time.perf_counter()
    return (
        f"check {checked - start:.2f} s, import {imported - checked:.2f} s, together {imported - start:.2f} s "
        f"({total:,} rows, {good:,} good)"
    )


def plain_loop(data: bytes) -> str:
    """Read the cells with openpyxl, and look at each number."""
    start = time.perf_counter()
    rows = openpyxl.load_workbook(BytesIO(data)).active.iter_rows(min_row=2, values_only=True)
    good = sum(len(str(number)) == 18 and check_character(number[:17]) == number[17] for number, *_ in rows)
    return f"{time.perf_counter() - start:.2f} s ({good:,} good by check digit)"


def measured(way: Callable[[bytes], str], data: bytes) -> str:
    """Run one way and give what it says, with the peak of its process."""
    before = time.process_time()
    said = way(data)
    return f"{said}, {time.process_time() - before:.2f} s of processor time in all, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def _cohort(clerk: Any, provider_id: int) -> int:
    item = make.item()
    details = Details(
        name="一万人的班",
        brand_id=make.brand(items=[item]).id,
        item_id=item.id,
        menu_id=item.menus[-1].id,
        home_region_code=make.NINGLANG,
        site_region_code=make.NINGLANG,
        starts_on=date(2025, 7, 24),
        ends_on=date(2025, 8, 7),
    )
    return create_cohort(clerk, provider_id, details).id


if __name__ == "__main__":
    file = roster(people(int(sys.argv[1]) if sys.argv[1:] else ROWS))
    print(f"file {len(file) / 1e6:.1f} MB")
    for name, way in (("lbcert", house), ("openpyxl and a loop", plain_loop)):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
            print(f"{name}: {own.submit(measured, way, file).result()}", flush=True)
