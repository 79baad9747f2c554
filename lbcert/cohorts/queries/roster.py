"""Checking a roster against the sheet itself and against what is on file; nothing is written here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from lbcert.cohorts.models import Cohort, EnrolmentState, StagedRoster
from lbcert.cohorts.queries.filing import learners_in, ruling
from lbcert.cohorts.queries.learners import Limits, Record, findings_of, records
from lbcert.cohorts.rules import filing, learners
from lbcert.cohorts.rules.learners import Learner
from lbcert.cohorts.rules.roster import (
    Entry,
    on_file_under,
    one_person_one_row,
    read_entry,
    shared_between_people,
)
from lbcert.cohorts.sheets import ROSTER
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.findings import Finding, Level, Refused, from_kept
from lbcert.core.sheets import Cell, Kind, Row, Sheet, marked_copy, read_sheet
from lbcert.parties.models import Person
from lbcert.parties.queries.persons import known_numbers


class Checked:
    """A roster as it was read and judged; no dataclass, so that the audit log names it and does not copy it."""

    def __init__(self, cohort_id: int, file_name: str, data: bytes, sheet: Sheet, entries: list[Entry]) -> None:
        self.cohort_id = cohort_id
        self.file_name = file_name
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.sheet = sheet
        self.entries = entries
        self.findings = sheet.findings


def check_roster(cohort_id: int, data: bytes, file_name: str) -> Checked:
    """Read a roster (.xlsx, .xls or .csv) and find everything about every row.

    Raises ``Refused`` (``Unreadable``) for a file that is no roster at all, or lacks a column that is needed.
    """
    sheet = read_sheet(data, ROSTER)
    if any(finding.stops for finding in sheet.findings):
        raise Refused(sheet.findings)
    today = clock.today()
    entries = [
        read_entry(row.number, {column.key: row[column.key] for column in ROSTER}, row.findings, today)
        for row in sheet.rows
    ]
    one_person_one_row(entries)
    shared_between_people(entries)
    cohort = db.session.get_one(Cohort, cohort_id)
    against_file(cohort, entries)
    checked = Checked(cohort_id, file_name, data, sheet, entries)
    checked.findings += tuple(_size_findings(cohort, entries))
    return checked


def against_file(cohort: Cohort, entries: Sequence[Entry]) -> dict[str, Person]:
    """Add what is on file to the findings of each row that has a number; give who is on file, by number."""
    known = known_numbers([entry.id_number.text for entry in entries if entry.id_number])
    found, limits = records(cohort, [person.id for person in known.values()]), Limits.of(cohort)
    for entry in entries:
        if entry.id_number is None:
            continue
        person = known.get(entry.id_number.text)
        record = found[person.id] if person else Record()
        number = entry.id_number
        learner = Learner(entry.who, number.sex, number.birth_date, entry.subject)
        if person:
            entry.findings += on_file_under(entry, person.name)
        entry.findings += learners.place_in_cohort(learner, record.here)
        if record.here is not EnrolmentState.ENROLLED:
            entry.findings += findings_of(cohort, learner, record, limits)
    return known


def entry_of(row_number: int, cells: str, places: Mapping[str, int]) -> Entry:
    """Read a staged row again, as it was sent."""
    sent = _row(row_number, cells, places)
    return read_entry(row_number, {column.key: sent[column.key] for column in ROSTER}, (), clock.today())


def marked(roster: StagedRoster) -> bytes:
    """Write the sender's sheet as .xlsx with the findings beside each row."""
    form = json.loads(roster.form)
    rows = tuple(_row(row.row_number, row.cells, form["places"]) for row in roster.rows)
    heading = tuple(tuple(_cell(cell) for cell in cells) for cells in form["heading"])
    findings = {row.row_number: findings_in(row.findings) for row in roster.rows}
    return marked_copy(Sheet(form["name"], rows, form["places"], heading), findings)


def latest_rosters(cohort_id: int, most: int = 10) -> list[StagedRoster]:
    """List the rosters that were sent for a cohort, the newest first."""
    query = select(StagedRoster).where(StagedRoster.cohort_id == cohort_id).order_by(StagedRoster.id.desc())
    return list(db.session.scalars(query.limit(most)))


def findings_in(text: str) -> list[Finding]:
    """Read findings that were kept as JSON."""
    return [from_kept(plain) for plain in json.loads(text)]


def _row(row_number: int, cells: str, places: Mapping[str, int]) -> Row:
    return Row(row_number, tuple(_cell(cell) for cell in json.loads(cells)), places)


def _cell(plain: Sequence[str]) -> Cell:
    return Cell(plain[0], Kind(plain[1]))


def _size_findings(cohort: Cohort, entries: Sequence[Entry]) -> list[Finding]:
    """Say beforehand that the class will be too large; the filing is where that stops."""
    size = len(learners_in(cohort)) + sum(entry.is_good for entry in entries)
    found = filing.class_size(cohort.name, f"cohort:{cohort.id}", size, ruling(cohort, filing.MAX_SIZE))
    return [Finding(finding.rule, Level.WARN, finding.message, finding.source, finding.subject) for finding in found]
