"""What waits in exams: for whoever is appointed to a batch, and for its office."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, exists, select

from lbcert.cohorts.models import Cohort, CohortState
from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.todo import Todo
from lbcert.core.words import Message, say
from lbcert.exams import rules
from lbcert.exams.models import Amendment, Batch, BatchState, ChangeState, Post, RosterChange
from lbcert.exams.queries import appeals
from lbcert.exams.queries.batches import own_appointments
from lbcert.exams.queries.cards import cards_ending
from lbcert.exams.queries.marks import own_sheets, sheets_of, unsettled
from lbcert.exams.queries.notices import noticing, unnoticed
from lbcert.exams.theory.queries.scores import may_be_scored


def todo(actor: Actor) -> list[Todo]:
    """Give what waits for an account.

    Declarations to sign, marks to give, results to decide, put up and publish, exams to begin or to plan, cards that end, and what
    another asked for that needs a second person.
    """
    own = [] if actor.person_id is None else [*_appointed(actor), *_asked(actor)]
    return [*own, *_office(actor), *appeals.todo(actor), *_unplanned(actor), *_cards(actor)]


def _appointed(actor: Actor) -> Iterator[Todo]:
    for staff in own_appointments(actor):
        batch = staff.batch
        if staff.declared_on is None:
            yield Todo(_about(say("签署回避声明：{cohort}"), batch), "exams.mine")
        elif staff.post in {Post.INVIGILATOR, Post.SUPERVISOR} and batch.held_on == clock.today():
            yield Todo(_about(say("考场值守：{cohort}"), batch), "exams.duty", {"batch_id": batch.id})
        elif batch.state is BatchState.MARKING:
            if staff.post.scores:
                waiting = sum(len(sheet.seats) for sheet in own_sheets(batch, actor.person_id))
                message = say("评分：{cohort}，还有 {count} 项没有成绩", cohort=batch.cohort.name, count=waiting)
                yield from [Todo(message, "exams.marking", {"batch_id": batch.id})] if waiting else []
                if may_be_scored(batch):
                    yield Todo(_about(say("写入机考成绩：{cohort}"), batch), "exams.theory", {"batch_id": batch.id})
            elif staff.post is Post.DECIDER and not any(unsettled(batch, sheets_of(batch.id)).values()):
                yield Todo(_about(say("审定成绩：{cohort}"), batch), "exams.decide", {"batch_id": batch.id})


def _office(actor: Actor) -> Iterator[Todo]:
    clerk = visible(actor, Role.ASSESSMENT_CLERK, organisation=[Batch.body_id])
    steps = (
        (say("开考：{cohort}"), clerk & (Batch.state == BatchState.PLANNED) & (Batch.held_on <= clock.today())),
        (say("准备考务：{cohort}"), clerk & (Batch.state == BatchState.PLANNED) & (Batch.held_on > clock.today())),
    )
    for words, condition in steps:
        yield from (_at_batch(words, batch) for batch in _batches(condition))
    publishes = visible(actor, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER, organisation=[Batch.body_id])
    for batch in _batches(publishes & (Batch.state == BatchState.DECIDED)):
        if unnoticed(batch):
            yield _at_batch(say("公示成绩：{cohort}"), batch)
        elif not rules.noticed(noticing(batch)):
            yield _at_batch(say("公布成绩：{cohort}"), batch)


def _asked(actor: Actor) -> Iterator[Todo]:
    decides = visible(
        actor, Role.BUREAU_OFFICER, Role.RESULT_OFFICER, region=[Cohort.home_region_code], organisation=[Batch.body_id]
    )
    another = Amendment.requester_id != actor.person_id
    amended = exists().where(Amendment.batch_id == Batch.id, Amendment.granted.is_(None), another)
    for batch in _batches(decides & amended):
        yield Todo(_about(say("答复成绩更改申请：{cohort}"), batch), "exams.results", {"batch_id": batch.id})
    another = RosterChange.requester_id != actor.person_id
    changed = exists().where(RosterChange.batch_id == Batch.id, RosterChange.state == ChangeState.OPEN, another)
    for batch in _batches(decides & changed):
        yield Todo(_about(say("答复考生名单变更申请：{cohort}"), batch), "exams.candidates", {"batch_id": batch.id})


def _cards(actor: Actor) -> Iterator[Todo]:
    for card in cards_ending(actor):
        words = (
            say("考评员证卡将到期：{who}，{day}")
            if card.valid_to >= clock.today()
            else say("考评员证卡已过期：{who}，{day}")
        )
        yield Todo(say(words.msgid, who=card.person.name, day=card.valid_to), "exams.cards")


def _unplanned(actor: Actor) -> Iterator[Todo]:
    """Say to the home bureau which taught cohorts of a level have no exam yet."""
    planned = exists().where(Batch.cohort_id == Cohort.id, Batch.state != BatchState.CANCELLED)
    query = select(Cohort).where(
        Cohort.state == CohortState.TAUGHT,
        ~planned,
        Cohort.item.has(level=None).is_(False),
        visible(actor, Role.BUREAU_OFFICER, region=[Cohort.home_region_code]),
    )
    for cohort in db.session.scalars(query.order_by(Cohort.ends_on, Cohort.id)):
        yield Todo(say("安排等级认定：{cohort}", cohort=cohort.name), "exams.new_batch")


def _batches(condition: ColumnElement[bool]) -> Iterable[Batch]:
    return db.session.scalars(select(Batch).join(Batch.cohort).where(condition).order_by(Batch.held_on, Batch.id))


def _at_batch(words: Message, batch: Batch) -> Todo:
    return Todo(_about(words, batch), "exams.batch", {"batch_id": batch.id})


def _about(words: Message, batch: Batch) -> Message:
    return say(words.msgid, cohort=batch.cohort.name)
