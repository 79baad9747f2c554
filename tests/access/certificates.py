"""Certificates: who issues, who decides their standing, who looks."""

from datetime import date

from lbcert.certificates.models import Reason
from lbcert.certificates.operations.grounds import issue_skill_certificates
from lbcert.certificates.operations.keys import init_keys
from lbcert.certificates.operations.prefixes import enter_prefix
from lbcert.core.access import Console, Role
from lbcert.parties.models import OrganisationKind, QualificationKind
from tests.access.machinery import Row
from tests.exams import scene as exam

PREFIX = "S000053000123"


def prefix(stage):
    """Give the body's number prefix."""
    body = stage.at(OrganisationKind.ASSESSMENT_BODY)
    officer = stage.account(Role.BUREAU_OFFICER)
    return stage.once("prefix", lambda: enter_prefix(officer, body.id, PREFIX, "批复", date(2025, 1, 1)))


def batch(stage):
    """Give a published batch of the body here, for which nothing was issued yet."""
    return stage.once("published batch", lambda: _published(stage, "RD1"))


def _published(stage, number):
    prefix(stage)
    stage.once("key", lambda: init_keys(Console()))
    return exam.published(number=number, body_id=stage.at(OrganisationKind.ASSESSMENT_BODY).id).batch


def certificate(stage):
    """Give a certificate of the body here."""
    return stage.once("issued", lambda: _issued(stage))


def _issued(stage):
    batch_id = _published(stage, "RD2").id
    return issue_skill_certificates(stage.account(Role.ISSUER), batch_id).certificates[0]


def step(reason):
    """Make the arguments of a change of status."""
    return lambda stage: {"certificate_id": certificate(stage).id, "reason": reason, "detail": "说明"}


OPERATIONS = {
    "certificates.create_key": Row("console"),
    "certificates.init_keys": Row("console"),
    "certificates.enter_prefix": Row(
        "bureau_officer",
        lambda stage: {
            "organisation_id": stage.at(OrganisationKind.ASSESSMENT_BODY).id, "prefix": "S000053000999", "document": "批复",
            "valid_from": date(2025, 1, 1),
        },
    ),
    "certificates.end_prefix": Row("bureau_officer", lambda stage: {"prefix_id": prefix(stage).id, "valid_to": date(2026, 1, 1)}),
    "certificates.issue_completions": Row("issuer", lambda stage: {"cohort_id": stage.cohort.id}),
    "certificates.issue_skill_certificates": Row("issuer", lambda stage: {"batch_id": batch(stage).id}),
    "certificates.print_again": Row("issuer", lambda stage: {"job_id": certificate(stage).job_id}),
    "certificates.keep_prints": Row("inside", lambda stage: {"payload": [], "computed": []}),
    "certificates.suspend": Row("issuer bureau_officer", step(Reason.UNDER_REVIEW)),
    "certificates.reinstate": Row("issuer bureau_officer", step(Reason.CLEARED)),
    "certificates.revoke": Row("issuer bureau_officer", step(Reason.FRAUD)),
    "certificates.replace": Row("issuer", step(Reason.DAMAGED)),
    "certificates.record_elsewhere": Row(
        "bureau_officer service_centre provider_clerk",
        lambda stage: {
            "person_id": stage.enrolment.person_id, "kind": QualificationKind.SPECIAL_ABILITY, "number": "Z1", "issuer": "某中心",
            "issued_on": date(2024, 1, 1),
        },
    ),
}  # fmt: skip
ROUTES = {
    "GET /V/<code>": Row("public", lambda _stage: {"code": "0"}),
    "GET /v/<code>": Row("public", lambda _stage: {"code": "0"}),
    "GET /verify": Row("public"),
    "POST /verify": Row("public"),
}
