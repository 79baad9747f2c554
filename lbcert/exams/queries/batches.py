"""Batches as lists and pages show them."""

from __future__ import annotations

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort, CohortProvider, CohortState
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.pages import Page, Paging, ordered, paginate
from lbcert.core.seal import keyring
from lbcert.exams.models import Batch, BatchStaff, BatchState, MappingOpening, Post, Transcription
from lbcert.parties.models import Account, Grant, Organisation, OrganisationKind, Person

SORTS = {"number": Batch.number, "held_on": Batch.held_on, "state": Batch.state}


def batches_seen(actor: Actor, paging: Paging) -> Select[Batch]:
    """Choose the batches that an account may see, as searched and filtered; a school sees its own once published."""
    watched = visible(
        actor,
        Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER,
        region=[Cohort.home_region_code, Cohort.site_region_code, Organisation.region_code],
        organisation=[Batch.body_id],
    )  # fmt: skip
    taught = exists().where(
        CohortProvider.cohort_id == Batch.cohort_id,
        visible(actor, Role.PROVIDER_CLERK, organisation=[CohortProvider.organisation_id]),
    )
    query = (
        select(Batch)
        .join(Batch.cohort)
        .join(Batch.body)
        .options(joinedload(Batch.cohort), joinedload(Batch.body))
        .where(or_(watched, taught & (Batch.state == BatchState.PUBLISHED)))
    )
    if paging.search:
        like = f"%{paging.search}%"
        query = query.where(or_(Batch.number.ilike(like), Cohort.name.ilike(like), Organisation.name.ilike(like)))
    if (state := paging.filters.get("state")) in set(BatchState):
        query = query.where(Batch.state == BatchState(state))
    return query


def list_batches(actor: Actor, paging: Paging) -> Page[Batch]:
    """List batches, one page of them."""
    return paginate(db.session(), batches_seen(actor, paging), paging, SORTS, Batch.id.desc())


def all_batches(actor: Actor, paging: Paging) -> list[Batch]:
    """List batches for an export, in the order of the page."""
    return list(db.session.scalars(ordered(batches_seen(actor, paging), paging, SORTS, Batch.id.desc())))


def own_appointments(actor: Actor) -> list[BatchStaff]:
    """List the batches to which somebody is appointed and that are not over, the next exam first."""
    query = (
        select(BatchStaff)
        .join(BatchStaff.batch)
        .where(
            BatchStaff.person_id == actor.person_id,
            Batch.state.in_((BatchState.PLANNED, BatchState.MARKING, BatchState.DECIDED)),
        )
        .options(joinedload(BatchStaff.batch).joinedload(Batch.cohort))
        .order_by(Batch.held_on, Batch.id)
    )
    return list(db.session.scalars(query))


def cohorts_to_examine(actor: Actor) -> list[Cohort]:
    """List the cohorts for which an account may plan a batch: taught or being taught, newest first."""
    roles = {grant.role for grant in actor.grants}
    query = select(Cohort).where(Cohort.state.in_((CohortState.RUNNING, CohortState.TAUGHT, CohortState.CLOSED)))
    if Role.ASSESSMENT_CLERK not in roles:
        query = query.where(visible(actor, Role.BUREAU_OFFICER, region=[Cohort.home_region_code]))
    return list(db.session.scalars(query.order_by(Cohort.ends_on.desc(), Cohort.id.desc()).limit(200)))


def bodies_for(actor: Actor) -> list[Organisation]:
    """List the assessment bodies that an account may plan a batch for: an officer any, a clerk his own."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.ASSESSMENT_BODY)
    if Role.BUREAU_OFFICER not in {grant.role for grant in actor.grants}:
        query = query.where(visible(actor, Role.ASSESSMENT_CLERK, organisation=[Organisation.id]))
    return list(db.session.scalars(query.order_by(Organisation.name).limit(500)))


def people_of(batch: Batch) -> list[Person]:
    """List the people who examine or decide for a batch's body and have no post in the batch yet."""
    posted = select(BatchStaff.person_id).where(BatchStaff.batch_id == batch.id)
    query = (
        select(Person)
        .join(Account, Account.person_id == Person.id)
        .join(Grant, Grant.account_id == Account.id)
        .where(
            Account.active,
            Grant.role.in_((Role.EXAMINER, Role.RESULT_OFFICER, Role.ASSESSMENT_CLERK)),
            Grant.organisation_id == batch.body_id,
            Person.id.not_in(posted),
        )
        .order_by(Person.pinyin, Person.id)
        .distinct()
    )
    return list(db.session.scalars(query))


def person_by_number(id_number: str) -> Person | None:
    """Find a registered person by a tidied ID number."""
    return db.session.scalar(select(Person).where(Person.id_index == keyring().index("id_number", id_number)))


def decides_for(person_id: int, body_id: int) -> bool:
    """Tell whether a person holds the deciding role (成绩审定) at a body."""
    query = (
        select(Grant.id)
        .join(Grant.account)
        .where(
            Account.person_id == person_id,
            Account.active,
            Grant.role == Role.RESULT_OFFICER,
            Grant.organisation_id == body_id,
        )
        .limit(1)
    )
    return db.session.scalar(query) is not None


def openings_of(batch_id: int) -> list[tuple[MappingOpening, str]]:
    """List who opened the mapping of numbers to names, when and why."""
    query = (
        select(MappingOpening, Account.name)
        .join(Account, Account.id == MappingOpening.account_id)
        .where(MappingOpening.batch_id == batch_id)
        .order_by(MappingOpening.id.desc())
    )
    return [(row, name) for row, name in db.session.execute(query)]


def scorers_of(batch: Batch) -> list[BatchStaff]:
    """List the examiners of a batch, the leader first."""
    posts = list(Post)
    return sorted((one for one in batch.staff if one.post.scores), key=lambda one: (posts.index(one.post), one.id))


def transcriptions_of(batch_id: int) -> list[Transcription]:
    """List the sheets that were uploaded for a batch, the newest first."""
    query = (
        select(Transcription)
        .where(Transcription.batch_id == batch_id)
        .options(joinedload(Transcription.examiner))
        .order_by(Transcription.id.desc())
    )
    return list(db.session.scalars(query))
