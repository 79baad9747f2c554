"""What this room registers and answers itself, through the same hooks as a plugin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lbcert.certificates import rules
from lbcert.certificates.operations.status import suspend_fallen
from lbcert.certificates.queries.register import number_of_ours
from lbcert.certificates.shipped import COMPLETION, SKILL_LEVEL
from lbcert.core.findings import Finding
from lbcert.core.reference import SkillLevel
from lbcert.core.registrations import CertificateType
from lbcert.exams.models import Result
from lbcert.hookspecs import hookimpl
from lbcert.parties.models import QualificationKind


@hookimpl(tryfirst=True)
def lbcert_certificate_types() -> Sequence[CertificateType]:
    """Register the core's own types."""
    return [COMPLETION, SKILL_LEVEL]


@hookimpl
def lbcert_check_qualification(
    kind: QualificationKind, number: str, level: SkillLevel | None, issued_on: date
) -> Sequence[Finding]:
    """Check the number of a certificate that somebody brings along; one of ours needs no recording."""
    recorded = rules.recorded_number(kind.value, number, level.value if level else None, issued_on)
    return [*recorded, *number_of_ours(number)]


@hookimpl
def lbcert_result_changed(result: Result) -> None:
    """Suspend at once what was issued on a result that fell."""
    suspend_fallen(result)
