"""Taking over an examiner's own sheet by candidate number: shown first, then all of it or nothing."""

from __future__ import annotations

from typing import Any

from lbcert.core import clock, staging
from lbcert.core.database import load
from lbcert.core.operation import operation
from lbcert.core.sheets import Sheet, read_sheet
from lbcert.core.staging import Checked, StagedSheet
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import own_sheet, rules
from lbcert.exams.models import Batch
from lbcert.exams.operations.marks import may_mark, write_mark
from lbcert.exams.places import OWN_SHEET, SCORERS
from lbcert.exams.queries.marks import own_sheets, schemes_of


@operation("exams.stage_own_sheet", say("上传本人的评分表待检查"), allow=SCORERS)
def stage_own_sheet(actor: Any, batch_id: int, data: bytes, file_name: str) -> StagedSheet:
    """Check an examiner's own sheet of candidate numbers and keep it for a look; no mark is written.

    Refused where it cannot be read, outside the marking, and to who may not mark the batch.
    """
    batch = load(Batch, batch_id)
    parts = rules.parts_of(with_review=batch.with_review)
    refuse_on(finding for part in parts for finding in may_mark(actor, batch, part))
    sheet = read_sheet(data, own_sheet.columns(parts, schemes_of(batch.id)))
    checked = Checked(f"batch:{batch.id}", file_name, data, sheet, _judged(actor, batch, sheet))
    return staging.stage(actor, own_sheet.KIND, f"batch:{batch.id}", checked)


@operation("exams.take_over_own_sheet", say("写入本人的评分表"), allow=OWN_SHEET)
def take_over_own_sheet(actor: Any, staged_id: int) -> StagedSheet:
    """Write the marks of a staged sheet, checked again as the batch stands now: all of them, or none."""
    staged = staging.find(own_sheet.KIND, staged_id, lock=True)
    batch = load(Batch, staged.subject_id, lock=True)
    parts = rules.parts_of(with_review=batch.with_review)
    entries = _judged(actor, batch, staging.sheet_of(staged))
    refuse_on(
        staging.importable(staged),
        dict.fromkeys(finding for part in parts for finding in may_mark(actor, batch, part)),
        staging.findings_of(staged),
        [finding for entry in entries for finding in entry.findings],
    )
    candidates = {candidate.number: candidate for candidate in batch.candidates}
    for entry in entries:
        for part, given in entry.marks.items():
            candidate, seat = candidates[entry.number], entry.seats[part]
            write_mark(actor, candidate, part, given, scorer_id=actor.person_id, seat=seat)
    staging.forget_rows(staged)
    staged.imported_at = clock.now()
    return staged


@operation("exams.discard_own_sheet", say("放弃本人的评分表"), allow=OWN_SHEET)
def discard_own_sheet(actor: Any, staged_id: int) -> StagedSheet:
    """Throw a staged sheet away; that it was sent stays on file."""
    return staging.discard(staging.find(own_sheet.KIND, staged_id, lock=True))


def _judged(actor: Any, batch: Batch, sheet: Sheet) -> list[own_sheet.Entry]:
    own = {one.number: one for one in own_sheets(batch, actor.person_id)}
    return own_sheet.judge(sheet, own, rules.parts_of(with_review=batch.with_review))
