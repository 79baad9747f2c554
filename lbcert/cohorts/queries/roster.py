"""Checking a roster against the sheet itself and against what is on file; nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence

from lbcert.cohorts.models import Cohort, EnrolmentState
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
from lbcert.core.findings import Finding, Level, Refused
from lbcert.core.sheets import Row, read_sheet
from lbcert.core.staging import Checked
from lbcert.parties.models import Person
from lbcert.parties.queries.persons import known_numbers


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
    return Checked(f"cohort:{cohort_id}", file_name, data, sheet, entries, _size_findings(cohort, entries))


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


def entry_of(row: Row) -> Entry:
    """Read a staged row again, as it was sent."""
    return read_entry(row.number, {column.key: row[column.key] for column in ROSTER}, (), clock.today())


def _size_findings(cohort: Cohort, entries: Sequence[Entry]) -> list[Finding]:
    """Say beforehand that the class will be too large; the filing is where that stops."""
    size = len(learners_in(cohort)) + sum(entry.is_good for entry in entries)
    found = filing.class_size(cohort.name, f"cohort:{cohort.id}", size, ruling(cohort, filing.MAX_SIZE))
    return [Finding(finding.rule, Level.WARN, finding.message, finding.source, finding.subject) for finding in found]
