"""The register of certificates, as those see it who answer for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import joinedload

from lbcert.certificates import rules
from lbcert.certificates.models import Certificate, NumberPrefix
from lbcert.certificates.places import LOOKERS
from lbcert.certificates.types import all_types
from lbcert.cohorts.models import Cohort, CohortProvider, ProviderPart
from lbcert.core import clock, policy
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.jobs import Job
from lbcert.core.pages import Page, Paging, ordered, paginate
from lbcert.core.registrations import CertificateType
from lbcert.core.words import say
from lbcert.parties.models import Organisation, OrganisationKind, Person

SORTS = {"number": Certificate.number, "issued": Certificate.issued_on, "name": Person.pinyin}
_A_YEAR = timedelta(days=366)
#: Certificates put into one PDF or ZIP at most.
MOST_TOGETHER = 1000


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Keep to certificates that the actor's organisation issued or taught for, or of the actor's region."""
    taught = select(CohortProvider.cohort_id).where(
        CohortProvider.part != ProviderPart.HOST,
        visible(actor, *LOOKERS, organisation=[CohortProvider.organisation_id]),
    )
    own = visible(
        actor,
        *LOOKERS,
        region=[Organisation.region_code, Cohort.home_region_code],
        organisation=[Certificate.organisation_id],
    )
    return or_(own, Certificate.cohort_id.in_(taught))


def _listed(actor: Actor, paging: Paging) -> Select[Any]:
    query = (
        select(Certificate)
        .join(Certificate.person)
        .join(Certificate.organisation)
        .outerjoin(Certificate.cohort)
        .where(seen_by(actor))
        .options(
            joinedload(Certificate.person), joinedload(Certificate.organisation), joinedload(Certificate.trade),
            joinedload(Certificate.cohort),
        )
    )  # fmt: skip
    if paging.search:
        query = query.where(
            or_(
                Certificate.number.startswith(paging.search.upper(), autoescape=True),
                Person.name.contains(paging.search, autoescape=True),
                Cohort.number == paging.search,
            )
        )
    for name, column in (
        ("type", Certificate.type), ("status", Certificate.status), ("cohort", Certificate.cohort_id),
    ):  # fmt: skip
        if (wanted := paging.filters.get(name)) is not None:
            query = query.where(cast(column, String) == wanted)
    return query


def list_certificates(actor: Actor, paging: Paging) -> Page[Certificate]:
    """List the certificates that an actor sees, by number, name or cohort, type and status."""
    return paginate(db.session, _listed(actor, paging), paging, SORTS, Certificate.id)


def types_seen(actor: Actor) -> list[CertificateType]:
    """List the types of which an actor sees a certificate: where a brand is not at home, its own type is not named."""
    kinds = list(all_types().values())
    theirs = select(Certificate.id).join(Certificate.organisation).outerjoin(Certificate.cohort).where(seen_by(actor))
    there = db.session.execute(select(*(theirs.where(Certificate.type == kind.name).exists() for kind in kinds))).one()
    return [kind for kind, is_there in zip(kinds, there, strict=True) if is_there]


def all_certificates(actor: Actor, paging: Paging) -> Iterator[Certificate]:
    """Give the whole list in its order, for an export."""
    query = ordered(_listed(actor, paging), paging, SORTS, Certificate.id)
    return iter(db.session.scalars(query.execution_options(yield_per=500)))


def expiring(actor: Actor) -> list[Certificate]:
    """List the certificates that end soon or ended lately and have no successor, the first to end first.

    Soon and lately are as many days as the issuer's region has on file (``certificates.reminder_days``), at most a year.
    """
    today = clock.today()
    query = (
        select(Certificate)
        .join(Certificate.person)
        .join(Certificate.organisation)
        .outerjoin(Certificate.cohort)
        .where(
            Certificate.expires_on.between(today - _A_YEAR, today + _A_YEAR), Certificate.status == "valid", seen_by(actor)
        )
        .options(
            joinedload(Certificate.person), joinedload(Certificate.organisation), joinedload(Certificate.trade),
        )
        .order_by(Certificate.expires_on, Certificate.number)
    )  # fmt: skip
    days: dict[str, int] = {}
    found = []
    for row in db.session.scalars(query):
        region = row.organisation.region_code
        if region not in days:
            days[region] = policy.ruling(rules.REMINDER_DAYS, region, today).value or 0
        if row.expires_on and abs((row.expires_on - today).days) <= days[region]:
            found.append(row)
    return found


def printed_together(actor: Actor, cohort_id: int, type_name: str) -> list[Certificate]:
    """List a cohort's standing certificates of a type that are rendered, by number, as many as go into one file."""
    query = (
        select(Certificate)
        .join(Certificate.organisation)
        .outerjoin(Certificate.cohort)
        .where(
            seen_by(actor),
            Certificate.cohort_id == cohort_id,
            Certificate.type == type_name,
            Certificate.file_id.is_not(None),
            Certificate.status == "valid",
        )
        .options(joinedload(Certificate.file), joinedload(Certificate.person))
        .order_by(Certificate.number)
        .limit(MOST_TOGETHER)
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class Progress:
    """How far a job got, counted in certificates."""

    title: str
    total: int
    done: int
    failed: int

    @property
    def is_finished(self) -> bool:
        """Tell whether every one is printed or failed."""
        return self.done + self.failed >= self.total


def progress_of(job_id: int) -> Progress:
    """Count what a job has rendered; a chunk that failed whole counts with all of its certificates."""
    job = load(Job, job_id)
    total, done, failed = db.session.execute(
        select(
            func.count(), func.count(Certificate.file_id), func.count().filter(Certificate.print_problem != "")
        ).where(Certificate.job_id == job_id)
    ).one()
    if job.is_finished:
        failed = total - done
    return Progress(job.title, total, done, failed)


def of_job(job_id: int) -> list[Certificate]:
    """List the certificates of a job, those with a problem first."""
    query = select(Certificate).where(Certificate.job_id == job_id).options(joinedload(Certificate.person))
    return list(db.session.scalars(query.order_by(Certificate.print_problem.desc(), Certificate.number)))


def number_of_ours(number: str) -> list[Finding]:
    """Find that a number said to come from elsewhere was given here."""
    if db.session.scalar(select(Certificate.id).where(Certificate.number == number).limit(1)) is None:
        return []
    return [refuse("certificates.ours", say("证书 {number} 是本系统签发的，不用再登记", number=number))]


def list_prefixes(actor: Actor) -> list[NumberPrefix]:
    """List the number prefixes of the assessment bodies in the officer's region, by body."""
    query = (
        select(NumberPrefix)
        .join(NumberPrefix.organisation)
        .where(visible(actor, Role.BUREAU_OFFICER, Role.AUDITOR, region=[Organisation.region_code]))
        .options(joinedload(NumberPrefix.organisation))
    )
    return list(db.session.scalars(query.order_by(Organisation.name, NumberPrefix.prefix)))


def bodies_of(actor: Actor) -> list[Organisation]:
    """List the assessment bodies for which an officer may enter a prefix."""
    query = select(Organisation).where(
        Organisation.kind == OrganisationKind.ASSESSMENT_BODY,
        visible(actor, Role.BUREAU_OFFICER, region=[Organisation.region_code]),
    )
    return list(db.session.scalars(query.order_by(Organisation.name)))
