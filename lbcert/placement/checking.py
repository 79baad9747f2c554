"""Sheets of outcomes checked against what is on file, and the rows that are written for a cohort to fill in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.core.database import db, load
from lbcert.core.findings import Missing, Refused, refuse
from lbcert.core.identity.credit_code import tidy_credit_code
from lbcert.core.reference import Region
from lbcert.core.sheets import Row, read_sheet
from lbcert.core.staging import Checked, StagedSheet
from lbcert.core.words import say
from lbcert.parties.models import Organisation, OrganisationKind
from lbcert.placement.queries import against_job, against_promotion, graduates, jobs_after, promotions_of
from lbcert.placement.rules import JobDetails
from lbcert.placement.sheets import SHEETS, Entry, Known, Learner, OutcomeSheet, half_width, one_row_each, read_entry

#: Brackets as names of firms are registered with.
_FULL_WIDTH = str.maketrans("()", "（）")


def find_sheet(staged_id: int, *, lock: bool = False) -> tuple[StagedSheet, OutcomeSheet]:
    """Give a staged sheet of outcomes and which it is; raises ``Missing`` for any other."""
    staged = load(StagedSheet, staged_id, lock=lock)
    for sheet in SHEETS.values():
        if staged.kind == sheet.kind:
            return staged, sheet
    raise Missing(f"outcomes {staged_id}")


def check_outcomes(cohort_id: int, what: str, data: bytes, file_name: str) -> Checked:
    """Read a sheet of outcomes (.xlsx, .xls or .csv) and find everything about every row.

    ``what`` is *jobs* or *promotions*. Raises ``Refused`` (``Unreadable``) for a file that is no such sheet.
    """
    form = SHEETS[what]
    sheet = read_sheet(data, form.columns)
    if any(finding.stops for finding in sheet.findings):
        raise Refused(sheet.findings)
    entries = judge(form, load(Cohort, cohort_id), sheet.rows)
    return Checked(f"cohort:{cohort_id}", file_name, data, sheet, entries)


def judge(form: OutcomeSheet, cohort: Cohort, rows: Sequence[Row]) -> list[Entry]:
    """Read rows and find everything that speaks against each."""
    learners = {learner.id: learner for learner in graduates(cohort.id)}
    known = _known(list(learners.values()), rows)
    entries = [read_entry(form, row, known) for row in rows]
    one_row_each(entries)
    promoted = promotions_of(list(learners))
    for entry in entries:
        if entry.enrolment_id is None or entry.outcome is None:
            continue
        learner = learners[entry.enrolment_id]
        if isinstance(entry.outcome, JobDetails):
            entry.outcome = _promised(learner, entry.outcome)
            entry.add(against_job(learner, entry.outcome))
        else:
            entry.add(against_promotion(learner, entry.outcome))
            if learner.id in promoted:
                message = say("{who} 的在岗提升已经登记，更正请到其登记页面", who=entry.name)
                entry.add([refuse("placement.promoted_already", message)])
    return entries


def rows_to_fill(form: OutcomeSheet, cohort_id: int) -> Iterator[dict[str, Any]]:
    """Give a row for each learner who waits for an outcome of this sheet, with what is on file; numbers are masked."""
    learners = graduates(cohort_id)
    ids = [learner.id for learner in learners]
    settled = jobs_after(ids).keys() | promotions_of(ids).keys()
    for learner in learners:
        if learner.id in settled or learner.in_service is not (form.name == "promotions"):
            continue
        row: dict[str, Any] = {
            "name": learner.person.name,
            "id_number": learner.person.id_masked,
            "post_before": learner.job_before,
        }
        if learner.line is not None:
            party = learner.line.order.party
            row |= {"employer": party.name, "credit_code": party.credit_code}
            row |= {"place": learner.line.place_region_code, "post": learner.line.post, "channel": "集中输出"}
        yield row


def _known(learners: Sequence[Enrolment], rows: Sequence[Row]) -> Known:
    written = {" ".join(row["employer"].text.split()) for row in rows}
    names = {name for text in written for name in (text, half_width(text), text.translate(_FULL_WIDTH))}
    codes = {tidy_credit_code(row["credit_code"].text).text for row in rows} - {""}
    found = db.session.scalars(
        select(Organisation).where(or_(Organisation.name.in_(names), Organisation.credit_code.in_(codes)))
    )
    named: dict[str, dict[str, Organisation]] = defaultdict(dict)
    # a firm that is also a school or an assessment body has a row for each; here it is an employer
    for body in sorted(found, key=lambda body: body.kind is OrganisationKind.EMPLOYER):
        named[half_width(body.name)][body.own_code] = body
        named[body.own_code][body.own_code] = body
    places_written = {" ".join(row["place"].text.split()) for row in rows}
    places: dict[str, list[str]] = defaultdict(list)
    for region in db.session.scalars(
        select(Region).where(or_(Region.code.in_(places_written), Region.name.in_(places_written)))
    ):
        places[region.code].append(region.code)
        places[region.name].append(region.code)
    return Known(
        [Learner(row.id, row.person.name, row.person.id_number, row.person.id_masked) for row in learners],
        {key: [body.id for body in bodies.values()] for key, bodies in named.items()},
        places,
    )


def _promised(learner: Enrolment, job: JobDetails) -> JobDetails:
    """Put a job on the learner's order line when it is that order's employer."""
    line = learner.line
    return replace(job, line_id=line.id) if line and line.order.party_id == job.employer_id else job
