"""Who closes a batch's file, and who lets whom read it."""

from __future__ import annotations

from lbcert.core.access import Actor, Gate, Place, Role, holds, only
from lbcert.core.database import load
from lbcert.dossiers.models import Dossier, Reading
from lbcert.exams.places import batch_place


def dossier_place(dossier_id: int) -> Place:
    """Give the place of a dossier's batch."""
    return batch_place(load(Dossier, dossier_id).batch_id)


def reading_place(reading_id: int) -> Place:
    """Give the place of the batch whose dossier somebody wants to read."""
    return dossier_place(load(Reading, reading_id).dossier_id)


def _asked(actor: Actor, reading_id: int) -> bool:
    return actor.id is not None and load(Reading, reading_id).reader_id == actor.id


_KEEPERS = (Role.BUREAU_OFFICER, Role.ASSESSMENT_CLERK)
_READERS = (*_KEEPERS, Role.RESULT_OFFICER, Role.AUDITOR)

KEEPERS: Gate = holds(*_KEEPERS, at=batch_place)
VISITORS: Gate = holds(*_READERS, at=batch_place)
ASKERS: Gate = holds(*_READERS, at=dossier_place)
ANSWERERS: Gate = holds(Role.BUREAU_OFFICER, Role.RESULT_OFFICER, at=reading_place)
OPENERS: Gate = only("whoever asked to read it", _asked)
