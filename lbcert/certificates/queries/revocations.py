"""Bulk revocations: what one would do, what those on file did, and which are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from lbcert.certificates import rules
from lbcert.certificates.models import BulkRevocation, BulkRevocationItem, Certificate, Settled
from lbcert.certificates.rules import Fate
from lbcert.cohorts.models import Cohort
from lbcert.core import clock, policy
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.policy import Ruling
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.exams.models import Batch, Result
from lbcert.parties.models import Organisation


@dataclass(frozen=True)
class Line:
    """One certificate of a dry run."""

    certificate: Certificate
    fate: Fate


def _decided_by(actor: Actor) -> ColumnElement[bool]:
    """Keep to certificates whose standing the actor may decide (``places.DECIDES_STATUS``)."""
    return or_(
        visible(actor, Role.ISSUER, organisation=[Certificate.organisation_id]),
        visible(
            actor,
            Role.BUREAU_OFFICER,
            region=[Organisation.region_code],
            organisation=[Certificate.organisation_id],
        ),
    )


def _lines(actor: Actor, condition: ColumnElement[bool]) -> list[Line]:
    query = (
        select(Certificate)
        .join(Certificate.organisation)
        .where(_decided_by(actor), condition)
        .options(joinedload(Certificate.person), joinedload(Certificate.organisation), joinedload(Certificate.trade))
        .order_by(Certificate.number, Certificate.id)
    )
    found = db.session.scalars(query).all()
    pending = pending_among([row.id for row in found])
    return [Line(row, rules.fate_of(row.status, pending=row.id in pending)) for row in found]


def of_cohort(actor: Actor, number: str, type_name: str = "") -> list[Line]:
    """Choose a cohort's certificates by its number (班号), all or of one type."""
    cohort = select(Cohort.id).where(Cohort.number == number.strip())
    return _lines(actor, Certificate.cohort_id.in_(cohort) & _of_type(type_name))


def of_batch(actor: Actor, number: str, type_name: str = "") -> list[Line]:
    """Choose the certificates that rest on the results of an exam batch, by its number."""
    results = select(Result.id).join(Batch, Batch.id == Result.batch_id).where(Batch.number == number.strip())
    return _lines(actor, Certificate.result_id.in_(results) & _of_type(type_name))


def of_numbers(actor: Actor, numbers: Sequence[str], type_name: str = "") -> tuple[list[Line], list[str]]:
    """Choose certificates by their numbers; and give the numbers that are none of the actor's."""
    wanted = list(dict.fromkeys("".join(number.split()).upper() for number in numbers if number.strip()))
    lines = _lines(actor, Certificate.number.in_(wanted) & _of_type(type_name))
    known = {line.certificate.number for line in lines}
    return lines, [number for number in wanted if number not in known]


def of_ids(actor: Actor, certificate_ids: Sequence[int]) -> list[Line]:
    """Look again at the certificates of a dry run."""
    return _lines(actor, Certificate.id.in_(certificate_ids))


def _of_type(name: str) -> ColumnElement[bool]:
    return Certificate.type == name if name else Certificate.id.is_not(None)


def pending_among(certificate_ids: Sequence[int]) -> set[int]:
    """Give which of the certificates wait in a bulk revocation."""
    query = select(BulkRevocationItem.certificate_id).where(
        BulkRevocationItem.certificate_id.in_(certificate_ids), BulkRevocationItem.settled == Settled.PENDING
    )
    return set(db.session.scalars(query))


def hours_of(lines: Sequence[Line]) -> list[tuple[str, Ruling]]:
    """Give the hours in which it can be undone: the name of each issuer's region, and what its bureau set."""
    regions = {line.certificate.organisation.region for line in lines}
    return [
        (region.name, policy.ruling(rules.REVOCATION_HOURS, region.code, clock.today()))
        for region in sorted(regions, key=lambda each: each.code)
    ]


def _touched(actor: Actor, *settled: Settled) -> Select[Any]:
    """Select the bulk revocations with a certificate that the actor decides about."""
    query = (
        select(BulkRevocationItem.revocation_id)
        .join(BulkRevocationItem.certificate)
        .join(Certificate.organisation)
        .where(_decided_by(actor))
    )
    return query.where(BulkRevocationItem.settled.in_(settled)) if settled else query


@dataclass(frozen=True)
class Standing:
    """A bulk revocation on file, and how many of its certificates are where."""

    revocation: BulkRevocation
    counts: dict[Settled, int]

    @property
    def id(self) -> int:
        """The bulk revocation's id."""
        return self.revocation.id

    @property
    def total(self) -> int:
        """All of its certificates."""
        return sum(self.counts.values())


def list_revocations(actor: Actor, most: int = 100) -> list[Standing]:
    """List the newest bulk revocations that touch certificates of the actor's."""
    query = (
        select(BulkRevocation)
        .where(BulkRevocation.id.in_(_touched(actor)))
        .options(joinedload(BulkRevocation.person))
        .order_by(BulkRevocation.id.desc())
        .limit(most)
    )
    found = db.session.scalars(query).all()
    counted = db.session.execute(
        select(BulkRevocationItem.revocation_id, BulkRevocationItem.settled, func.count())
        .where(BulkRevocationItem.revocation_id.in_([row.id for row in found]))
        .group_by(BulkRevocationItem.revocation_id, BulkRevocationItem.settled)
    ).all()
    return [Standing(row, {state: count for of, state, count in counted if of == row.id}) for row in found]


def items_of(revocation_id: int) -> list[BulkRevocationItem]:
    """List the certificates of a bulk revocation, by number."""
    query = (
        select(BulkRevocationItem)
        .join(BulkRevocationItem.certificate)
        .where(BulkRevocationItem.revocation_id == revocation_id)
        .options(joinedload(BulkRevocationItem.certificate).joinedload(Certificate.person))
        .order_by(Certificate.number)
    )
    return list(db.session.scalars(query))


def due() -> list[int]:
    """List the bulk revocations whose hours are over and that still have certificates waiting."""
    query = (
        select(BulkRevocationItem.revocation_id)
        .join(BulkRevocationItem.revocation)
        .where(BulkRevocationItem.settled == Settled.PENDING, BulkRevocation.due_at <= clock.now())
        .distinct()
    )
    return list(db.session.scalars(query.order_by(BulkRevocationItem.revocation_id)))


def todo(actor: Actor) -> list[Todo]:
    """Show those who decide, save whoever began it, what will be revoked unless they take it back."""
    query = (
        select(BulkRevocation.id, BulkRevocation.due_at, func.count())
        .join(BulkRevocation.items)
        .where(
            BulkRevocation.id.in_(_touched(actor, Settled.PENDING)),
            BulkRevocation.person_id != (actor.person_id or 0),
            BulkRevocationItem.settled == Settled.PENDING,
        )
        .group_by(BulkRevocation.id, BulkRevocation.due_at)
        .order_by(BulkRevocation.due_at)
    )
    return [
        Todo(
            say("核对批量撤销：{count} 本，{due} 后不能收回", count=count, due=f"{clock.local(due_at):%Y-%m-%d %H:%M}"),
            "certificates.bulk_revocation",
            {"revocation_id": number},
        )
        for number, due_at, count in db.session.execute(query)
    ]
