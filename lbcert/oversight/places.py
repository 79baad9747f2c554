"""Where a notice stands, for the gates of operations and pages."""

from __future__ import annotations

from lbcert.core.access import Gate, Place, Role, holds
from lbcert.core.database import load
from lbcert.oversight.models import Notice, Objection


def notice_place(notice_id: int) -> Place:
    """Give the organisation that put a notice up, and the region whose bureau answers for it."""
    notice = load(Notice, notice_id)
    return Place(regions=(notice.region_code,), organisations=(notice.organisation_id,))


def objection_place(objection_id: int) -> Place:
    """Give the place of the notice that is objected to."""
    return notice_place(load(Objection, objection_id).notice_id)


_LOOKING = (
    Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER,
)  # fmt: skip
#: The bureau answers, never the body whose work is objected to.
ANSWERERS: Gate = holds(Role.BUREAU_OFFICER, at=objection_place)
OFFICERS: Gate = holds(Role.BUREAU_OFFICER, at=notice_place)
READERS: Gate = holds(*_LOOKING)
LOOKING = _LOOKING
