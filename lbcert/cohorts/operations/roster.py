"""The roster: checked into staging, then its good rows imported in one short transaction, or nothing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select

from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState, StagedRoster, StagedRow
from lbcert.cohorts.operations.drafting import CLERK, note_change
from lbcert.cohorts.operations.enrolment import one_more
from lbcert.cohorts.places import roster_place
from lbcert.cohorts.queries.roster import Checked, against_file, check_roster, entry_of
from lbcert.cohorts.rules import states
from lbcert.cohorts.rules.roster import Entry
from lbcert.core import clock
from lbcert.core.access import Role, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Level, Refused, kept, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.operations.persons import PersonData, register_people

#: people registered at once: 10,000 in one go would take 50 MB more
_AT_ONCE = 500
ITS_CLERK = holds(Role.PROVIDER_CLERK, at=roster_place)


def receive_roster(actor: Any, cohort_id: int, data: bytes, file_name: str) -> StagedRoster:
    """Check a roster that was sent and keep it in staging; the reading holds no lock.

    Raises ``Refused`` for a file that is no roster.
    """
    return stage_roster(actor, cohort_id, check_roster(cohort_id, data, file_name))


@operation("cohorts.stage_roster", allow=CLERK)
def stage_roster(actor: Any, cohort_id: int, checked: Checked) -> StagedRoster:
    """Keep a checked roster: each row as it was sent (sealed) with its findings; nothing of it counts yet."""
    cohort = load(Cohort, cohort_id)
    if checked.cohort_id != cohort.id:
        raise ValueError("checked for another cohort")
    sheet = checked.sheet
    form = {
        "name": sheet.name,
        "places": dict(sheet.places),
        "heading": [[[cell.text, cell.kind.value] for cell in cells] for cells in sheet.heading],
    }
    roster = StagedRoster(
        cohort_id=cohort.id,
        file_name=checked.file_name[:200],
        sha256=checked.sha256,
        account_id=actor.id,
        form=_json(form),
        findings=_json([kept(finding) for finding in checked.findings]),
        total=len(checked.entries),
        good=sum(entry.is_good for entry in checked.entries),
    )
    db.session.add(roster)
    db.session.flush()
    rows = [
        {
            "roster_id": roster.id,
            "row_number": row.number,
            "cells": _json([[cell.text, cell.kind.value] for cell in row.cells]),
            "findings": _json([kept(finding) for finding in entry.findings]),
            "good": entry.is_good,
            "remarked": any(finding.level is not Level.NOTE for finding in entry.findings),
        }
        for row, entry in zip(sheet.rows, checked.entries, strict=True)
    ]
    db.session.execute(insert(StagedRow), rows)
    return roster


@operation("cohorts.import_roster", allow=ITS_CLERK)
def import_roster(
    actor: Any,
    roster_id: int,
    *,
    in_service: bool = False,
    job_before: str = "",
    promised_on: date | None = None,
    reason: str = "",
) -> StagedRoster:
    """Enrol everybody of a staged roster's good rows, or nobody; what is on file of them is completed, never overwritten.

    ``in_service``, ``job_before`` and ``promised_on`` hold for all. Refused when it was imported or discarded before,
    when no row is good, when the cohort lies with the bureau, after an approval without a reason or beyond the class
    size, and when what is on file has changed so that a good row is none any more.
    """
    roster = load(StagedRoster, roster_id, lock=True)
    cohort = load(Cohort, roster.cohort_id, lock=True)
    places = json.loads(roster.form)["places"]
    good = select(StagedRow.row_number, StagedRow.cells).where(StagedRow.roster_id == roster_id, StagedRow.good)
    rows = db.session.execute(good.order_by(StagedRow.row_number))
    entries = [entry_of(number, cells, places) for number, cells in rows]
    refuse_on(
        _still_staged(roster, entries),
        states.change_with_reason(cohort.name, cohort.state, reason),
        one_more(cohort, len(entries)),
    )
    against_file(cohort, entries)
    changed = [finding for entry in entries for finding in entry.findings if finding.stops]
    if changed:
        message = say("检查之后，在册信息有了变化，这些行不能再导入；请重新上传花名册检查")
        raise Refused([refuse("cohorts.roster_outdated", message), *changed])
    ids = [key for first in range(0, len(entries), _AT_ONCE) for key in _register(actor, entries[first:][:_AT_ONCE])]
    values = {"in_service": in_service, "job_before": job_before.strip(), "promised_on": promised_on}
    _enrol(cohort, ids, {**values, "state": EnrolmentState.ENROLLED, "left_on": None, "left_reason": ""})
    note_change(actor, cohort, "enrolments", "", f"花名册导入 {len(ids)} 人：{roster.file_name}", reason)
    roster.imported_at = clock.now()
    return roster


@operation("cohorts.discard_roster", allow=ITS_CLERK)
def discard_roster(actor: Any, roster_id: int) -> StagedRoster:
    """Throw a staged roster away, its rows with it; nothing of it was imported."""
    roster = load(StagedRoster, roster_id, lock=True)
    refuse_on(_undecided(roster))
    db.session.execute(delete(StagedRow).where(StagedRow.roster_id == roster.id))
    roster.discarded_at = clock.now()
    return roster


def _register(actor: Any, entries: list[Entry]) -> list[int]:
    return [person.id for person in register_people(actor, [_details(entry) for entry in entries])]


def _enrol(cohort: Cohort, person_ids: list[int], values: dict[str, Any]) -> None:
    """Put people in class: who applied or had left by the row there is, all others by new ones."""
    present = {row.person_id: row for row in cohort.enrolments}
    for person_id in present.keys() & set(person_ids):
        for field, value in values.items():
            setattr(present[person_id], field, value)
    new = [{"cohort_id": cohort.id, "person_id": key, **values} for key in person_ids if key not in present]
    if new:
        db.session.execute(insert(Enrolment), new)
    db.session.expire(cohort, ["enrolments"])


def _still_staged(roster: StagedRoster, entries: list[Entry]) -> list[Finding]:
    findings = _undecided(roster)
    if not findings and not entries:
        findings.append(refuse("cohorts.no_good_rows", say("没有可以导入的行，请按检查结果改正后重新上传")))
    return findings


def _undecided(roster: StagedRoster) -> list[Finding]:
    if roster.imported_at or roster.discarded_at:
        return [refuse("cohorts.roster_decided", say("这份花名册已经导入或放弃，请重新上传"))]
    return []


def _details(entry: Entry) -> PersonData:
    values = dict(entry.values)
    regions = {f"{key}_code": values.pop(key) for key in ("household_region", "residence_region") if key in values}
    return PersonData(entry.name, entry.id_number.text if entry.id_number else "", **values, **regions)  # type: ignore[arg-type]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
