"""Where a bank stands, and who acts on it, for the gates of operations and pages."""

from __future__ import annotations

from lbcert.core.access import Actor, Gate, Place, Role, holds, only
from lbcert.core.database import load
from lbcert.core.staging import find
from lbcert.exams.models import Blueprint, Post, QuestionBank, Sitting
from lbcert.exams.places import ON_DUTY, SCORERS, WATCHERS, holds_post
from lbcert.exams.theory.question_sheet import KIND
from lbcert.parties.models import Organisation


def body_alone(body_id: int) -> Place:
    """Give a body and no region: no bureau looks into its questions."""
    return Place(organisations=(load(Organisation, body_id).id,))


def bank_place(bank_id: int) -> Place:
    """Give the body whose bank it is."""
    return Place(organisations=(load(QuestionBank, bank_id).body_id,))


def blueprint_place(blueprint_id: int) -> Place:
    """Give the body in whose bank a blueprint is."""
    return bank_place(load(Blueprint, blueprint_id).bank_id)


def _sent(actor: Actor, staged_id: int) -> bool:
    staged = find(KIND, staged_id)
    keeps = BANK_KEEPERS.admits(actor, {"bank_id": staged.subject_id})
    return actor.id is not None and staged.account_id == actor.id and keeps


def _watches_over(actor: Actor, sitting_id: int) -> bool:
    return holds_post(actor, load(Sitting, sitting_id).batch_id, Post.INVIGILATOR)


LISTERS: Gate = holds(Role.ASSESSMENT_CLERK)
BANK_FOUNDERS: Gate = holds(Role.ASSESSMENT_CLERK, at=body_alone)
BANK_KEEPERS: Gate = holds(Role.ASSESSMENT_CLERK, at=bank_place)
BLUEPRINT_KEEPERS: Gate = holds(Role.ASSESSMENT_CLERK, at=blueprint_place)
#: Who sees how theory by computer goes, by candidate number alone: whoever watches over the batch, is in the room, or marks.
THEORY_READERS: Gate = WATCHERS | ON_DUTY | SCORERS
#: Who watches over a hall; the supervisor sees it all and changes nothing.
HALL_STAFF: Gate = only("invigilator of the sitting's batch", _watches_over)
#: A sheet of questions is the sender's alone, as long as he is of the body.
SENDER: Gate = only("the clerk who sent the questions", _sent)
