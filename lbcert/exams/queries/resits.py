"""What learners sat before, and what of it counts again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.core.database import db
from lbcert.core.policy import ruling
from lbcert.exams import resits, rules
from lbcert.exams.models import (
    Appeal,
    Batch,
    BatchState,
    Candidate,
    CarriedPart,
    Effect,
    Mark,
    Outcome,
    PaperForm,
    Part,
    Result,
)
from lbcert.exams.queries.results import standing_results
from lbcert.exams.resits import Carried, Earlier


def carried_into(batch_id: int) -> dict[int, dict[Part, CarriedPart]]:
    """Give the parts that candidates of a batch carry, by candidate id."""
    found: dict[int, dict[Part, CarriedPart]] = defaultdict(dict)
    query = select(CarriedPart).where(CarriedPart.batch_id == batch_id)
    for row in db.session.scalars(query.options(joinedload(CarriedPart.result).joinedload(Result.batch))):
        found[row.candidate_id][row.part] = row
    return dict(found)


def earlier_of(batch: Batch, person_ids: Iterable[int]) -> dict[int, list[Earlier]]:
    """Give what people sat before in the item of a batch, published, by person id."""
    query = (
        standing_results()
        .join(Batch, Batch.id == Result.batch_id)
        .join(Cohort, Cohort.id == Batch.cohort_id)
        .join(Candidate, Candidate.id == Result.candidate_id)
        .join(Candidate.enrolment)
        .where(
            Enrolment.person_id.in_(set(person_ids)),
            Cohort.item_id == batch.cohort.item_id,
            Batch.id != batch.id,
            Batch.state == BatchState.PUBLISHED,
        )
        .add_columns(Enrolment.person_id)
    )
    rows = db.session.execute(query).all()
    carried = select(CarriedPart.candidate_id, CarriedPart.part).where(
        CarriedPart.candidate_id.in_([result.candidate_id for result, _ in rows])
    )
    not_sat = {(candidate_id, part) for candidate_id, part in db.session.execute(carried)}
    found: dict[int, list[Earlier]] = defaultdict(list)
    for result, person_id in rows:
        held = result.batch
        points = {
            part: reached
            for part in Part
            if (reached := getattr(result, part.value)) is not None and (result.candidate_id, part) not in not_sat
        }
        found[person_id].append(
            Earlier(
                result_id=result.id,
                batch=held.number,
                held_on=held.held_on,
                points=points,
                pass_marks={part: getattr(held, f"pass_{part.value}") or 0 for part in Part},
                sat=bool(points) or result.outcome is Outcome.VOID,
                void=result.outcome is Outcome.VOID,
            )
        )
    return found


def granted_to(batch: Batch, person_ids: Iterable[int]) -> dict[int, int]:
    """Count the resits that people were granted by upheld cases in the item of a batch, by person id."""
    query = (
        select(Enrolment.person_id, func.count())
        .join(Candidate, Candidate.enrolment_id == Enrolment.id)
        .join(Appeal, Appeal.candidate_id == Candidate.id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(
            Enrolment.person_id.in_(set(person_ids)),
            Cohort.item_id == batch.cohort.item_id,
            Appeal.effect == Effect.RESIT,
        )
        .group_by(Enrolment.person_id)
    )
    return dict(db.session.execute(query).all())


def carryable(batch: Batch, person_id: int) -> list[Carried]:
    """Give the passed parts that somebody would carry into a batch."""
    region, fund = batch.body.region_code, batch.cohort.fund
    months = ruling(resits.PART_MONTHS, region, batch.held_on)
    parts = rules.parts_of(with_review=batch.with_review)
    limits = {part: ruling(rules.PASS_MARKS[part], region, batch.held_on, fund).value or 0 for part in parts}
    found = resits.carried(earlier_of(batch, [person_id])[person_id], batch.held_on, limits, months)
    return [one for one in found if one.part in parts]


def forms_of(batch_id: int) -> dict[Part, str]:
    """Give the form of the paper that a batch uses, by part, as far as it is on file."""
    query = select(PaperForm.part, PaperForm.label).where(PaperForm.batch_id == batch_id)
    return dict(db.session.execute(query).all())


def forms_seen(batch: Batch) -> dict[Part, dict[str, list[str]]]:
    """Give, for each part that a candidate of a batch sits again, the labels used before with the names of who saw them."""
    again = aliased(Enrolment)
    carried = select(CarriedPart.id).where(CarriedPart.candidate_id == Candidate.id, CarriedPart.part == Mark.part)
    earlier, held = aliased(Candidate), aliased(Batch)
    query = (
        select(Mark.part, PaperForm.label, Candidate.id)
        .select_from(Candidate)
        .join(Candidate.enrolment)
        .join(again, again.person_id == Enrolment.person_id)
        .join(Cohort, (Cohort.id == again.cohort_id) & (Cohort.item_id == batch.cohort.item_id))
        .join(earlier, (earlier.enrolment_id == again.id) & (earlier.batch_id != batch.id))
        .join(held, (held.id == earlier.batch_id) & held.state.in_((BatchState.DECIDED, BatchState.PUBLISHED)))
        .join(Mark, (Mark.candidate_id == earlier.id) & Mark.points.is_not(None))
        .outerjoin(PaperForm, (PaperForm.batch_id == held.id) & (PaperForm.part == Mark.part))
        .where(Candidate.batch_id == batch.id, ~carried.exists())
        .distinct()
    )
    names = {one.id: one.enrolment.person.name for one in batch.candidates}
    found: dict[Part, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for part, label, candidate_id in db.session.execute(query):
        found[part][label or ""].append(names[candidate_id])
    return found
