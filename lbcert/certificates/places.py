"""Where a certificate stands, for the gates of operations and pages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from lbcert.certificates.models import BulkRevocation, Certificate, DesignVersion, NumberPrefix, QueryReport
from lbcert.cohorts.places import cohort_place, teaching_place
from lbcert.core.access import Actor, Place, Role, holds, only
from lbcert.core.database import db, load
from lbcert.core.findings import Missing
from lbcert.core.staging import StagedSheet
from lbcert.exams.models import Batch
from lbcert.parties.models import Organisation

#: Who may look at certificates, wherever they stand.
LOOKERS = (
    Role.BUREAU_OFFICER,
    Role.SERVICE_CENTRE,
    Role.AUDITOR,
    Role.ISSUER,
    Role.PROVIDER_CLERK,
    Role.ASSESSMENT_CLERK,
)


def batch_place(batch_id: int) -> Place:
    """Give the assessment body of a batch."""
    return Place(organisations=(load(Batch, batch_id).body_id,))


def organisation_region(organisation_id: int) -> Place:
    """Give the region of an organisation, whose bureau watches over it."""
    return Place(regions=(load(Organisation, organisation_id).region_code,))


def prefix_region(prefix_id: int) -> Place:
    """Give the region of the body to which a number prefix belongs."""
    return organisation_region(load(NumberPrefix, prefix_id).organisation_id)


def designing_organisation(design_id: int) -> Place:
    """Give the organisation whose design it is."""
    return Place(organisations=(load(DesignVersion, design_id).organisation_id,))


def design_region(design_id: int) -> Place:
    """Give the region whose bureau watches over the organisation of a design."""
    return organisation_region(load(DesignVersion, design_id).organisation_id)


def one_organisation(organisation_id: int) -> Place:
    """Give an organisation itself."""
    return Place(organisations=(load(Organisation, organisation_id).id,))


def issuer_place(certificate_id: int) -> Place:
    """Give the organisation that issued a certificate, and the region whose bureau watches over it."""
    issuer = load(Certificate, certificate_id).organisation
    return Place(regions=(issuer.region_code,), organisations=(issuer.id,))


def issuing_organisation(certificate_id: int) -> Place:
    """Give the organisation that issued a certificate."""
    return Place(organisations=(load(Certificate, certificate_id).organisation_id,))


def certificate_place(certificate_id: int) -> Place:
    """Give all that may look at a certificate: its issuer, the cohort's providers, and the regions of both."""
    certificate = load(Certificate, certificate_id)
    place = issuer_place(certificate_id)
    if certificate.cohort is None:
        return place
    schools = teaching_place(certificate.cohort.id).organisations
    return Place((*place.regions, certificate.cohort.home_region_code), (*place.organisations, *schools))


def cohort_certificates_place(cohort_id: int) -> Place:
    """Give all that may look at certificates of a cohort: those of the cohort, and whoever issued them."""
    place = cohort_place(cohort_id)
    issuers = select(Certificate.organisation_id).where(Certificate.cohort_id == cohort_id).distinct()
    return Place(place.regions, (*place.organisations, *db.session.scalars(issuers)))


def job_place(job_id: int) -> Place:
    """Give the organisations whose certificates a job renders."""
    issuers = select(Certificate.organisation_id).where(Certificate.job_id == job_id).distinct()
    return Place(organisations=tuple(db.session.scalars(issuers)))


ISSUES_FOR_COHORT = holds(Role.ISSUER, at=teaching_place)
ISSUES_FOR_BATCH = holds(Role.ISSUER, at=batch_place)
#: The issuing organisation, or the bureau that watches over it.
DECIDES_STATUS = holds(Role.ISSUER, at=issuing_organisation) | holds(Role.BUREAU_OFFICER, at=issuer_place)
DECIDERS = holds(Role.ISSUER, Role.BUREAU_OFFICER)


def _decides_on_all(actor: Actor, certificate_ids: Sequence[int]) -> bool:
    return DECIDERS.admits(actor, {}) and all(
        DECIDES_STATUS.admits(actor, {"certificate_id": certificate_id}) for certificate_id in certificate_ids
    )


def _decides_on_revocation(actor: Actor, revocation_id: int) -> bool:
    items = load(BulkRevocation, revocation_id).items
    return _decides_on_all(actor, [item.certificate_id for item in items])


DECIDES_ON_ALL = only("decides on each certificate", _decides_on_all)
DECIDES_ON_REVOCATION = only("decides on each certificate of a bulk revocation", _decides_on_revocation)
MAKES_DESIGN = holds(Role.ISSUER, at=designing_organisation)
DECIDES_DESIGN = MAKES_DESIGN | holds(Role.BUREAU_OFFICER, at=design_region)
ISSUED_IT = holds(Role.ISSUER, at=issuing_organisation)
LOOKS = holds(*LOOKERS, at=certificate_place)


def watching_batch(batch_id: int) -> Place:
    """Give the body that examined, and the regions whose bureaus look on."""
    batch = load(Batch, batch_id)
    return Place(regions=(batch.cohort.home_region_code, batch.body.region_code), organisations=(batch.body_id,))


def report_place(report_id: int) -> Place:
    """Give the body whose certificates a file reports."""
    return batch_place(load(QueryReport, report_id).batch_id)


def answer_place(staged_id: int) -> Place:
    """Give the body to whose file a staged answer belongs."""
    staged = load(StagedSheet, staged_id)
    if staged.kind != "certificates.query_answer":
        raise Missing(f"answer {staged_id}")
    return report_place(staged.subject_id)


_REPORTS = (Role.ISSUER, Role.ASSESSMENT_CLERK)
REPORTS_BATCH = holds(*_REPORTS, at=batch_place)
REPORTS_FILE = holds(*_REPORTS, at=report_place)
READS_ANSWER = holds(*_REPORTS, at=answer_place)
LOOKS_AT_REPORTS = holds(*_REPORTS, Role.BUREAU_OFFICER, Role.AUDITOR, at=watching_batch)
