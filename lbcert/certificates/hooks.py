"""What this room registers and answers itself, through the same hooks as a plugin."""

from __future__ import annotations

from collections.abc import Sequence

from lbcert.certificates.operations.status import suspend_amended
from lbcert.certificates.shipped import COMPLETION, SKILL_LEVEL
from lbcert.core.registrations import CertificateType
from lbcert.exams.models import Result
from lbcert.hookspecs import hookimpl


@hookimpl(tryfirst=True)
def lbcert_certificate_types() -> Sequence[CertificateType]:
    """Register the core's own types."""
    return [COMPLETION, SKILL_LEVEL]


@hookimpl
def lbcert_result_changed(result: Result) -> None:
    """Suspend at once what was issued on a result that is no longer true."""
    suspend_amended(result)
