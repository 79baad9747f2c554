"""Batches' files as pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.pages import Page, Paging, paginate
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.dossiers.models import Dossier, Reading
from lbcert.exams.models import Batch, BatchState

SORTS = {"number": Batch.number, "held_on": Batch.held_on, "keep_until": Dossier.keep_until}


@dataclass(frozen=True)
class Shelf:
    """A published batch and its newest dossier, if it has one."""

    batch: Batch
    dossier: Dossier | None


def list_shelves(actor: Actor, paging: Paging) -> Page[Shelf]:
    """List published batches with their newest dossiers, one page of them."""
    newest = select(func.max(Dossier.id)).where(Dossier.batch_id == Batch.id).correlate(Batch).scalar_subquery()
    query = (
        select(Batch, Dossier)
        .join(Batch.cohort)
        .outerjoin(Dossier, Dossier.id == newest)
        .options(joinedload(Batch.cohort), joinedload(Batch.body))
        .where(
            Batch.state == BatchState.PUBLISHED,
            visible(
                actor, Role.BUREAU_OFFICER, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER, Role.AUDITOR,
                region=[Cohort.home_region_code], organisation=[Batch.body_id],
            ),
        )
    )  # fmt: skip
    if paging.search:
        like = f"%{paging.search}%"
        query = query.where(Batch.number.ilike(like) | Cohort.name.ilike(like))
    if paging.filters.get("state") in {"open", "closed"}:
        query = query.where(Dossier.id.is_(None) if paging.filters["state"] == "open" else Dossier.id.is_not(None))
    page = paginate(db.session(), query, paging, SORTS, Batch.id.desc())
    return Page([Shelf(*row) for row in page.rows], page.paging)


def dossiers_of(batch_id: int) -> list[Dossier]:
    """List the editions of a batch's file, newest first, with their readings."""
    query = select(Dossier).where(Dossier.batch_id == batch_id).order_by(Dossier.edition.desc())
    return list(db.session.scalars(query))


def todo(actor: Actor) -> list[Todo]:
    """Give the readings that wait for this actor's answer."""
    query = (
        select(Reading)
        .join(Reading.dossier)
        .join(Dossier.batch)
        .join(Batch.cohort)
        .options(joinedload(Reading.dossier).joinedload(Dossier.batch), joinedload(Reading.reader))
        .where(
            Reading.granted.is_(None),
            Reading.reader_id != actor.id,
            visible(
                actor, Role.BUREAU_OFFICER, Role.RESULT_OFFICER,
                region=[Cohort.home_region_code], organisation=[Batch.body_id],
            ),
        )
        .order_by(Reading.id)
    )  # fmt: skip
    return [
        Todo(
            say("答复调阅申请：{who}，{batch}", who=reading.reader.name, batch=reading.dossier.batch.number),
            "dossiers.batch",
            {"batch_id": reading.dossier.batch_id},
        )
        for reading in db.session.scalars(query)
    ]
