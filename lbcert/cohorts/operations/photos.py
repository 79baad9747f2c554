"""The photos of a cohort from one ZIP: checked into staging, then the good ones kept in one transaction, or none."""

from __future__ import annotations

from typing import Any

from lbcert.cohorts.models import Cohort
from lbcert.cohorts.operations.drafting import CLERK
from lbcert.cohorts.places import photos_place
from lbcert.cohorts.queries.photos import check_photos, picture_of, sitters_of
from lbcert.cohorts.sheets import PHOTOS
from lbcert.core import clock
from lbcert.core.access import Role, holds
from lbcert.core.database import load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.staging import (
    Checked,
    StagedSheet,
    discard,
    find,
    forget_rows,
    good_rows,
    importable,
    outdated,
    stage,
)
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.operations.persons import keep_photos

ITS_CLERK = holds(Role.PROVIDER_CLERK, at=photos_place)


def receive_photos(actor: Any, cohort_id: int, data: bytes, file_name: str) -> StagedSheet:
    """Check a ZIP of photos that was sent and keep it in staging; the reading holds no lock.

    Raises ``Refused`` for what is no ZIP, or none of photos.
    """
    return stage_photos(actor, cohort_id, check_photos(cohort_id, data, file_name))


@operation("cohorts.stage_photos", say("上传照片待检查"), allow=CLERK)
def stage_photos(actor: Any, cohort_id: int, checked: Checked) -> StagedSheet:
    """Keep checked photos: each sealed in its row with its findings; nothing of them counts yet."""
    return stage(actor, PHOTOS, f"cohort:{load(Cohort, cohort_id).id}", checked)


@operation("cohorts.import_photos", say("导入照片"), allow=ITS_CLERK)
def import_photos(actor: Any, photos_id: int) -> StagedSheet:
    """Make every good photo its learner's, or none.

    Refused when they were kept or discarded before, when none is good, and when one of the learners has left since.
    """
    staged = find(PHOTOS, photos_id, lock=True)
    refuse_on(importable(staged))
    here = {sitter.person_id for sitter in sitters_of(staged.subject_id)}
    pictures = {person_id: (row, picture) for row in good_rows(staged) for person_id, picture in [picture_of(row)]}
    refuse_on(
        outdated(
            refuse(
                "cohorts.photo_stranger", say("“{file}”：此人已不在本班", file=row["file"].text), subject=row.subject
            )
            for person_id, (row, _) in pictures.items()
            if person_id not in here
        )
    )
    keep_photos(actor, {person_id: picture for person_id, (_, picture) in pictures.items()})
    forget_rows(staged)
    staged.imported_at = clock.now()
    return staged


@operation("cohorts.discard_photos", say("丢弃已检查的照片"), allow=ITS_CLERK)
def discard_photos(actor: Any, photos_id: int) -> StagedSheet:
    """Throw checked photos away; none was kept."""
    return discard(find(PHOTOS, photos_id, lock=True))
