"""Writing down what happens at an exam, and who was looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import incidents
from lbcert.exams.models import Batch, BatchState, Candidate, IdentityCheck, Incident, IncidentKind, Seen
from lbcert.exams.places import IDENTITY_CHECKERS, ON_DUTY


@operation("exams.record_incident", say("登记考场情况"), allow=ON_DUTY)
def record_incident(
    actor: Any, batch_id: int, kind: IncidentKind, happened_at: datetime, what: str, done: str, room: str = "", candidate_id: int | None = None
) -> Incident:  # fmt: skip
    """Write down what happened at an exam and what was done about it, as an invigilator or the supervisor saw it."""
    batch = load(Batch, batch_id)
    strange = candidate_id is not None and load(Candidate, candidate_id).batch_id != batch.id
    refuse_on(
        incidents.written(what, done),
        incidents.on_the_day(happened_at, batch.held_on, clock.now()),
        [refuse("exams.candidate_elsewhere", say("该考生不在本批次"))] if strange else [],
        [refuse("exams.state", say("批次已取消"))] if batch.state is BatchState.CANCELLED else [],
    )
    made = Incident(
        batch_id=batch.id, candidate_id=candidate_id, kind=kind, happened_at=happened_at, room=room.strip()[:60],
        what=what.strip(), done=done.strip(), account_id=actor.id, person_id=actor.person_id,
    )  # fmt: skip
    db.session.add(made)
    return made


@operation("exams.check_identity", say("核验考生身份"), allow=IDENTITY_CHECKERS)
def check_identity(actor: Any, candidate_id: int, seen: Seen, note: str = "") -> IdentityCheck:
    """Write down what the look at a candidate's face, photo and ID card gave, before any mark of his."""
    candidate = load(Candidate, candidate_id)
    refuse_on(incidents.explained(seen, note))
    made = IdentityCheck(
        batch_id=candidate.batch_id, candidate_id=candidate.id, seen=seen, note=note.strip(), account_id=actor.id,
        person_id=actor.person_id,
    )  # fmt: skip
    db.session.add(made)
    return made
