"""The photos of a cohort: who has one, and a ZIP of them checked against the roster; nothing is written here."""

from __future__ import annotations

from base64 import b64decode, b64encode

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Enrolment, EnrolmentState
from lbcert.cohorts.rules.photos import Entry, Sitter, one_photo_each, read_name, still_missing
from lbcert.core import clock
from lbcert.core.archive import open_archive
from lbcert.core.database import db
from lbcert.core.findings import Finding, Level
from lbcert.core.sheets import Cell, Kind, Row, Sheet
from lbcert.core.staging import Checked
from lbcert.core.words import say, some
from lbcert.parties.models import Person
from lbcert.parties.photos import read_photo

ENDINGS = (".jpg", ".jpeg", ".png")
#: A staged photo waits sealed in its row and not in the file store, whose files nobody can throw away.
_PLACES = {"file": 0, "person_id": 1, "name": 2, "id_number": 3, "picture": 4}


def sitters_of(cohort_id: int) -> list[Sitter]:
    """List who is or was in class and has not left, by name."""
    query = (
        select(Enrolment)
        .join(Enrolment.person)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state != EnrolmentState.LEFT)
        .options(joinedload(Enrolment.person))
        .order_by(Person.pinyin, Person.id)
    )
    return [
        Sitter(
            row.person_id, row.person.name, row.person.id_number, row.person.id_masked, row.person.photo_id is not None
        )
        for row in db.session.scalars(query)
    ]


def check_photos(cohort_id: int, data: bytes, file_name: str) -> Checked:
    """Read a ZIP of photos and find whose each is and whether it can be printed.

    Raises ``Refused`` for what is no ZIP, or none of photos. A photo is encoded anew without what a camera wrote into it.
    """
    sitters, today = sitters_of(cohort_id), clock.today()
    entries: list[Entry] = []
    rows: list[Row] = []
    for number, sent in enumerate(open_archive(data, ENDINGS), start=1):
        entry = read_name(number, sent.path, sitters, today)
        picture = read_photo(sent.content) if isinstance(sent.content, bytes) else sent.content
        if isinstance(picture, Finding):
            entry.add(picture)
        entries.append(entry)
        rows.append(_row(entry, picture))
    one_photo_each(entries)
    missing = still_missing(sitters, entries)
    general = []
    if missing:
        message = say("还有 {count} 名学员没有照片：{names}", count=len(missing), names=some(missing))
        general.append(Finding("cohorts.photos_missing", Level.NOTE, message))
    return Checked(f"cohort:{cohort_id}", file_name, data, Sheet("", tuple(rows), _PLACES, ()), entries, general)


def picture_of(row: Row) -> tuple[int, bytes]:
    """Give the person and the photo of a good staged row."""
    return int(row["person_id"].text), b64decode(row["picture"].text)


def _row(entry: Entry, picture: bytes | Finding) -> Row:
    who = entry.sitter
    is_photo = who and isinstance(picture, bytes)
    texts = [entry.file, str(who.person_id) if who else "", who.name if who else "", who.masked if who else ""]
    texts.append(b64encode(picture).decode() if is_photo and isinstance(picture, bytes) else "")
    return Row(entry.row, tuple(Cell(text, Kind.TEXT) for text in texts), _PLACES)
