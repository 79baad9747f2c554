"""The course table: checked into staging, then its good rows planned in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lbcert.cohorts.models import Cohort, ProviderPart
from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import Finding
from lbcert.core.operation import operation
from lbcert.core.staging import Checked, StagedSheet, discard, find, good_rows, importable, outdated, stage
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.teaching.models import Venue
from lbcert.teaching.operations.sessions import hold, plan
from lbcert.teaching.places import CLERK, TABLE_CLERK
from lbcert.teaching.queries.course_table import check_course_table, is_proposal, judge
from lbcert.teaching.sheets import KIND, Entry, without_rows


def receive_course_table(actor: Any, cohort_id: int, data: bytes, file_name: str) -> StagedSheet:
    """Check a course table that was sent and keep it in staging; the reading holds no lock.

    Raises ``Refused`` for a file that is no course table.
    """
    return stage_course_table(actor, cohort_id, check_course_table(cohort_id, data, file_name))


@operation("teaching.stage_course_table", say("上传课程表待检查"), allow=CLERK)
def stage_course_table(actor: Any, cohort_id: int, checked: Checked) -> StagedSheet:
    """Keep a checked course table: each row as it was sent (sealed) with its findings; nothing of it counts yet."""
    return stage(actor, KIND, f"cohort:{load(Cohort, cohort_id).id}", checked)


@operation("teaching.import_course_table", say("导入课程表"), allow=TABLE_CLERK)
def import_course_table(actor: Any, staged_id: int) -> StagedSheet:
    """Plan every good row of a staged course table, or none; places that are not on file are put there.

    Refused when it was imported or discarded before, when no row is good, and when what is planned has changed so that
    a good row is none any more.
    """
    staged = find(KIND, staged_id, lock=True)
    refuse_on(_said_of(staged, importable(staged)))
    cohort = load(Cohort, staged.subject_id, lock=True)
    rows = good_rows(staged)
    hold(cohort, [entry.lesson for entry in judge(cohort, rows)[0] if entry.lesson])
    entries, general = judge(cohort, rows)
    refuse_on(general, _said_of(staged, outdated(finding for entry in entries for finding in entry.findings)))
    venues = _new_venues(cohort, entries)
    lessons = [(entry.lesson, entry.new_venue) for entry in entries if entry.lesson]
    plan(cohort, (replace(one, venue_id=venues[new]) if new else one for one, new in lessons))
    staged.imported_at = clock.now()
    return staged


@operation("teaching.discard_course_table", say("丢弃已检查的课程表"), allow=TABLE_CLERK)
def discard_course_table(actor: Any, staged_id: int) -> StagedSheet:
    """Throw a staged course table away, its rows with it; nothing of it was planned."""
    return discard(find(KIND, staged_id, lock=True))


#: What is said otherwise of what a search came to: there is no sheet to be corrected and sent again.
_OF_A_PROPOSAL = {
    "sheets.decided": say("这份方案已经采用或放弃，请重新排课"),
    "sheets.no_good_rows": say("方案里没有可以排入的课，请改条件后重新排课"),
    "sheets.outdated": say("方案排好之后，在册信息有了变化，这些课不能再排入；请重新排课"),
}


def _said_of(staged: StagedSheet, findings: Sequence[Finding]) -> list[Finding]:
    if not findings or not is_proposal(staged):
        return [*findings]
    return [
        replace(finding, message=_OF_A_PROPOSAL.get(finding.rule, finding.message))
        for finding in without_rows(findings)
    ]


def _new_venues(cohort: Cohort, entries: list[Entry]) -> dict[str, int]:
    """Put the new places on file, at the cohort's site and as its lead provider's; their ids by name."""
    lead = next(row.organisation_id for row in cohort.providers if row.part is ProviderPart.LEAD)
    names = dict.fromkeys(entry.new_venue for entry in entries if entry.new_venue)
    venues = [Venue(name=name, region_code=cohort.site_region_code, organisation_id=lead) for name in names]
    db.session.add_all(venues)
    db.session.flush()
    return {venue.name: venue.id for venue in venues}
