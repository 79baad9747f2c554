"""What the printed papers of an exam say, as plain data; in the order of domain: forms and columns."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.core.identity.masks import mask_name
from lbcert.core.jobs import Job, JobItem
from lbcert.core.papers import Paper, papers_of
from lbcert.core.policy import ruling
from lbcert.exams.models import Absence, Batch, BatchState, Candidate, Outcome, Part, Result, Seat, SeatDraw, Sitting
from lbcert.exams.printing import LATE, LEAVE, Printed, ready_to_print
from lbcert.exams.queries.candidates import candidates_by_name
from lbcert.exams.queries.results import results_by_name
from lbcert.exams.queries.rooms import sitting_part, sittings_of, unseated
from lbcert.exams.queries.rubrics import items_of, rubrics_at
from lbcert.exams.rules import parts_of
from lbcert.parties.models import Person

#: The kind of the job that prints admission tickets, and of the paper that comes of it.
TICKETS = "exams.tickets"
#: Pixels of a photo of 25 × 35 mm at 210 dots an inch.
_PHOTO = (206, 289)


def lacking(batch: Batch, paper: Printed) -> list[Finding]:
    """Find why a paper of a batch cannot be printed yet."""
    sittings = sittings_of(batch.id)
    parts = {one.part for one in sittings}
    return ready_to_print(
        paper,
        candidates=len(batch.candidates),
        unseated=sum(len(unseated(batch, sittings, part)) for part in parts),
        sittings=len(sittings),
        decided=batch.state in {BatchState.DECIDED, BatchState.PUBLISHED},
    )


def printing_of(batch_id: int) -> Job | None:
    """Give the last job that prints, or printed, the admission tickets of a batch."""
    query = select(Job).join(Job.items).where(Job.kind == TICKETS, JobItem.key == str(batch_id))
    return db.session.scalar(query.order_by(Job.id.desc()).limit(1))


def printed_tickets(batch_id: int) -> Paper | None:
    """Give the admission tickets of a batch as they were printed last."""
    found = papers_of(f"batch:{batch_id}", TICKETS)
    return found[-1] if found else None


def is_overtaken(batch: Batch, printing: Job) -> bool:
    """Tell whether seats were drawn anew, or candidates added, after the tickets were begun."""
    drawn = select(SeatDraw.created_at).where(SeatDraw.batch_id == batch.id)
    moments = [*db.session.scalars(drawn), *(one.created_at for one in batch.candidates)]
    return any(moment > printing.created_at for moment in moments)


def paper_of(batch: Batch, paper: Printed) -> tuple[str, dict[str, Any], dict[str, bytes]]:
    """Give a paper's template, what it says, and its pictures."""
    pictures: dict[str, bytes] = {}
    match paper:
        case Printed.TICKETS:
            found, pictures = _tickets(batch)
        case Printed.SIGN_IN | Printed.RECORD:
            found = {"rooms": [_room(one) for one in sittings_of(batch.id)]}
        case Printed.SCORING:
            found = {"sheets": _score_sheets(batch)}
        case Printed.SUMMARY | Printed.NOTICE:
            found = {"rows": _results(batch, named=paper is Printed.SUMMARY)}
    template = {Printed.SIGN_IN: "exam_sign_in"}.get(paper, f"exam_{paper}")
    return template, {**_head(batch), "title": str(paper.label), **found}, pictures


def _head(batch: Batch) -> dict[str, Any]:
    item = batch.cohort.item
    parts = [{"key": part.value, "name": str(part.label)} for part in parts_of(with_review=batch.with_review)]
    return {
        "number": batch.number,
        "cohort": batch.cohort.name,
        "body": batch.body.name,
        "trade": item.trade.name,
        "level": str(item.level.label) if item.level else "",
        "held_on": batch.held_on,
        "site": batch.site,
        "parts": parts,
    }


def _tickets(batch: Batch) -> tuple[dict[str, Any], dict[str, bytes]]:
    seats: dict[int, list[dict[str, Any]]] = {one.id: [] for one in batch.candidates}
    for sitting in sittings_of(batch.id):
        for seat in sitting.seats:
            seats[seat.candidate_id].append({**_times(sitting), "room": sitting.room.name, "seat": seat.number})
    candidates = candidates_by_name(batch.id)
    pictures = {
        f"photo-{one.id}": _small(one.enrolment.person.photo.read()) for one in candidates if one.enrolment.person.photo
    }
    late, leave = (ruling(key, batch.body.region_code, batch.held_on).value for key in (LATE, LEAVE))
    tickets = [
        {
            **_candidate(one),
            "photo": f"photo-{one.id}" if f"photo-{one.id}" in pictures else "",
            "seats": seats[one.id],
        }
        for one in candidates
    ]
    return {"tickets": tickets, "late": late, "leave": leave}, pictures


def _small(photo: bytes) -> bytes:
    file = BytesIO()
    picture = ImageOps.fit(Image.open(BytesIO(photo)).convert("RGB"), _PHOTO)
    picture.save(file, "JPEG", quality=75)
    return file.getvalue()


def _candidate(one: Candidate) -> dict[str, Any]:
    person: Person = one.enrolment.person
    return {"number": one.number, "name": person.name, "sex": str(person.sex.label), "id_number": person.id_masked}


def _times(sitting: Sitting) -> dict[str, Any]:
    starts, ends = clock.local(sitting.starts_at), clock.local(sitting.ends_at)
    return {"part": str(sitting.part.label), "day": starts.date(), "begins": _hour(starts), "ends": _hour(ends)}


def _hour(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _room(sitting: Sitting) -> dict[str, Any]:
    return {
        **_times(sitting),
        "room": sitting.room.name,
        "invigilators": [duty.staff.person.name for duty in sitting.duties],
        "rows": [_seated(seat) for seat in sitting.seats],
    }


def _seated(seat: Seat) -> dict[str, Any]:
    return {"seat": seat.number, **_candidate(seat.candidate)}


def _score_sheets(batch: Batch) -> list[dict[str, Any]]:
    """Give who sits each part by number and nothing else, in an order that is that of no list of names; and what is looked at."""
    rubrics = rubrics_at(batch)
    return [
        {
            "part": str(part.label),
            "numbers": sorted(one.number for one in people),
            "items": [asdict(item) for item in items_of(rubrics[part])] if part in rubrics else [],
            "edition": rubrics[part].edition if part in rubrics else None,
        }
        for part, people in sitting_part(batch).items()
        if people
    ]


def _results(batch: Batch, *, named: bool) -> list[dict[str, Any]]:
    """Give who has a result: all by name and number for the summary, who passed under a masked name for the notice."""
    results = [one for one in results_by_name(batch.id) if named or one.outcome is Outcome.PASSED]
    return [_result(one, batch, named=named) for one in results]


def _result(one: Result, batch: Batch, *, named: bool) -> dict[str, Any]:
    person = one.candidate.enrolment.person
    points = [_points(one, part) for part in parts_of(with_review=batch.with_review)]
    row = {"points": points, "outcome": str(one.outcome.label)}
    if not named:
        return {**row, "name": mask_name(person.name)}
    amended = "经批准更改" if one.replaces_id else ""
    return {**row, **_candidate(one.candidate), "remark": amended}


def _points(one: Result, part: Part) -> str:
    value = getattr(one, part.value)
    if value is not None:
        return str(value)
    return str((Absence.VOID if one.outcome is Outcome.VOID else Absence.ABSENT).label)
