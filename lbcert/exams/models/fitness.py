"""Examiners' cards and their rotation held by the database, as far as each batch says that they are asked for.

The policy that applied is written on the batch when it is planned (`Batch.rotation_batches`, `Batch.cards_required`), since no
trigger can tell which of several documents rules a region on a day. Both are asked when an examiner is appointed and when
marking begins, for the day of an exam may be moved until then; the card is asked again with each mark, for it may be withdrawn,
and the rotation when a school is put into a cohort that is examined already.
"""

from __future__ import annotations

from lbcert.cohorts.models import CohortProvider
from lbcert.core.database import refuse_rows
from lbcert.core.words import say
from lbcert.exams.models.batches import Batch, BatchStaff
from lbcert.exams.models.marks import Mark
from lbcert.exams.models.separation import SEPARATION, SIDES_LOCK

_SCORES = "post IN ('leader', 'examiner')"
_NEWS_BATCH = "EXISTS (SELECT 1 FROM batches n WHERE n.id = NEW.batch_id AND {which})"
_BEGINS = f"NEW.state = 'marking' AND EXISTS (SELECT 1 FROM batch_staff q WHERE q.batch_id = NEW.id AND q.{_SCORES} AND {{which}})"


def _without_card(person: str, batch: str) -> str:
    """Write that row ``batch`` asks for cards, and that no card of a person covers its trade and level on its day."""
    return (
        f"({batch}.cards_required AND NOT EXISTS (SELECT 1 FROM examiner_cards c JOIN card_scopes s ON s.card_id = c.id "
        f"JOIN cohorts h ON h.id = {batch}.cohort_id JOIN training_items i ON i.id = h.item_id AND i.trade_id = s.trade_id "
        f"WHERE c.person_id = {person} AND {batch}.held_on BETWEEN c.valid_from AND c.valid_to "
        f"AND (c.withdrawn_on IS NULL OR c.withdrawn_on > {batch}.held_on) "
        "AND (s.level IS NULL OR i.level IS NULL OR i.level >= s.level)))"
    )


def _between(one: str, first: str, last: str) -> str:
    return f"((({one}.held_on, {one}.id) > ({first}.held_on, {first}.id)) AND (({one}.held_on, {one}.id) < ({last}.held_on, {last}.id)))"


def _too_many_at(school: str, person: str, batch: str, joined: str = "") -> str:
    """Write that a person examines more batches running at a school than row ``batch`` allows, itself among them.

    Of his batches t of the school count those between which and this one no batch u of the school is another's. ``joined`` is a
    cohort that is of the school too.
    """
    of_school = f"EXISTS (SELECT 1 FROM cohort_providers w WHERE w.organisation_id = {school} AND w.cohort_id = {{row}}.cohort_id)"
    if joined:
        of_school = f"({{row}}.cohort_id = {joined} OR {of_school})"
    return (
        f"{batch}.rotation_batches < 1 + ("
        f"SELECT COUNT(*) FROM batch_staff f JOIN batches t ON t.id = f.batch_id WHERE f.person_id = {person} AND f.{_SCORES} "
        f"AND t.id <> {batch}.id AND t.state <> 'cancelled' AND {of_school.format(row='t')} "
        f"AND NOT EXISTS (SELECT 1 FROM batches u WHERE u.id <> {batch}.id AND u.state <> 'cancelled' AND {of_school.format(row='u')} "
        f"AND ({_between('u', 't', batch)} OR {_between('u', batch, 't')}) AND NOT EXISTS ("
        f"SELECT 1 FROM batch_staff g WHERE g.batch_id = u.id AND g.person_id = {person} AND g.{_SCORES})))"
    )


def _too_many_running(person: str, batch: str) -> str:
    """Write that it is so at one of the schools of row ``batch``."""
    return (
        f"EXISTS (SELECT 1 FROM cohort_providers v WHERE v.cohort_id = {batch}.cohort_id "
        f"AND {_too_many_at('v.organisation_id', person, batch)})"
    )


refuse_rows(
    BatchStaff,
    "exams.card_not_on_the_day",
    on=("INSERT",),
    when=f"NEW.{_SCORES} AND " + _NEWS_BATCH.format(which=_without_card("NEW.person_id", "n")),
    message=say("考评员没有覆盖本批次职业、等级和考试当日的有效证卡，不能任命；请先登记其证卡，或另选一人"),
    source=SEPARATION,
    locking="SELECT 1 FROM examiner_cards c WHERE c.person_id = NEW.person_id FOR SHARE",
)
refuse_rows(
    BatchStaff,
    "exams.too_many_running",
    on=("INSERT",),
    when=f"NEW.{_SCORES} AND " + _NEWS_BATCH.format(which=_too_many_running("NEW.person_id", "n")),
    message=say("考评员在同一培训机构连续考评的批次会超过本批次所依据的上限，请轮换另一人"),
    source=SEPARATION,
    locking="SELECT 1 FROM persons q WHERE q.id = NEW.person_id FOR NO KEY UPDATE",
)
refuse_rows(
    Batch,
    "exams.begins_without_card",
    on=("UPDATE OF state",),
    when=_BEGINS.format(which=_without_card("q.person_id", "NEW")),
    message=say("有考评员没有覆盖本批次职业、等级和考试当日的有效证卡，不能开考；请撤回其任命，另任一人"),
    source=SEPARATION,
)
refuse_rows(
    Batch,
    "exams.begins_unrotated",
    on=("UPDATE OF state",),
    when=_BEGINS.format(which=_too_many_running("q.person_id", "NEW")),
    message=say("有考评员在同一培训机构连续考评的批次超过本批次所依据的上限，不能开考；请撤回其任命，另任一人"),
    source=SEPARATION,
)
refuse_rows(
    CohortProvider,
    "exams.provider_unrotated",
    on=("INSERT", "UPDATE"),
    when=(
        f"EXISTS (SELECT 1 FROM batches n JOIN batch_staff q ON q.batch_id = n.id AND q.{_SCORES} WHERE n.cohort_id = NEW.cohort_id "
        f"AND n.state <> 'cancelled' AND {_too_many_at('NEW.organisation_id', 'q.person_id', 'n', 'NEW.cohort_id')})"
    ),
    message=say("本班认定的考评员在该机构连续考评的批次会超过上限，该机构不能参与本班培训；请先更换考评员"),
    source=SEPARATION,
    locking=SIDES_LOCK,
)
refuse_rows(
    Mark,
    "exams.scorer_without_card",
    on=("INSERT",),
    when=_NEWS_BATCH.format(which=_without_card("NEW.scorer_id", "n")),
    message=say("您没有覆盖本批次职业、等级和考试当日的有效考评员证卡，不能评分；请考务另任一名考评员"),
    source=SEPARATION,
)
