"""The roster: checked into staging, then its good rows imported in one short transaction, or nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import insert

from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState
from lbcert.cohorts.operations.drafting import CLERK, note_change
from lbcert.cohorts.operations.enrolment import one_more
from lbcert.cohorts.places import roster_place
from lbcert.cohorts.queries.roster import against_file, check_roster, entry_of
from lbcert.cohorts.rules import states
from lbcert.cohorts.rules.roster import Entry
from lbcert.cohorts.sheets import KIND
from lbcert.core import clock
from lbcert.core.access import Role, holds
from lbcert.core.database import db, load
from lbcert.core.operation import operation
from lbcert.core.staging import Checked, StagedSheet, discard, find, good_rows, importable, outdated, stage
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.operations.persons import PersonData, register_people

#: people registered at once: 10,000 in one go would take 50 MB more
_AT_ONCE = 500
ITS_CLERK = holds(Role.PROVIDER_CLERK, at=roster_place)


def receive_roster(actor: Any, cohort_id: int, data: bytes, file_name: str) -> StagedSheet:
    """Check a roster that was sent and keep it in staging; the reading holds no lock.

    Raises ``Refused`` for a file that is no roster.
    """
    return stage_roster(actor, cohort_id, check_roster(cohort_id, data, file_name))


@operation("cohorts.stage_roster", say("上传学员名册待检查"), allow=CLERK)
def stage_roster(actor: Any, cohort_id: int, checked: Checked) -> StagedSheet:
    """Keep a checked roster: each row as it was sent (sealed) with its findings; nothing of it counts yet."""
    return stage(actor, KIND, f"cohort:{load(Cohort, cohort_id).id}", checked)


@operation("cohorts.import_roster", say("导入学员名册"), allow=ITS_CLERK)
def import_roster(
    actor: Any,
    roster_id: int,
    *,
    in_service: bool = False,
    job_before: str = "",
    promised_on: date | None = None,
    reason: str = "",
) -> StagedSheet:
    """Enrol everybody of a staged roster's good rows, or nobody; what is on file of them is completed, never overwritten.

    ``in_service``, ``job_before`` and ``promised_on`` hold for all. Refused when it was imported or discarded before,
    when no row is good, when the cohort lies with the bureau, after an approval without a reason or beyond the class
    size, and when what is on file has changed so that a good row is none any more.
    """
    roster = find(KIND, roster_id, lock=True)
    cohort = load(Cohort, roster.subject_id, lock=True)
    entries = [entry_of(row) for row in good_rows(roster)]
    refuse_on(
        importable(roster),
        states.change_with_reason(cohort.name, cohort.state, reason),
        one_more(cohort, len(entries)),
    )
    against_file(cohort, entries)
    refuse_on(outdated(finding for entry in entries for finding in entry.findings))
    ids = [key for first in range(0, len(entries), _AT_ONCE) for key in _register(actor, entries[first:][:_AT_ONCE])]
    values = {"in_service": in_service, "job_before": job_before.strip(), "promised_on": promised_on}
    _enrol(cohort, ids, {**values, "state": EnrolmentState.ENROLLED, "left_on": None, "left_reason": ""})
    note_change(actor, cohort, "enrolments", "", f"花名册导入 {len(ids)} 人：{roster.file_name}", reason)
    roster.imported_at = clock.now()
    return roster


@operation("cohorts.discard_roster", say("丢弃已检查的名册"), allow=ITS_CLERK)
def discard_roster(actor: Any, roster_id: int) -> StagedSheet:
    """Throw a staged roster away, its rows with it; nothing of it was imported."""
    return discard(find(KIND, roster_id, lock=True))


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


def _details(entry: Entry) -> PersonData:
    values = dict(entry.values)
    regions = {f"{key}_code": values.pop(key) for key in ("household_region", "residence_region") if key in values}
    return PersonData(entry.name, entry.id_number.text if entry.id_number else "", **values, **regions)  # type: ignore[arg-type]
