"""What this room registers and answers itself, through the same hooks as a plugin."""

from __future__ import annotations

from collections.abc import Sequence

from lbcert.certificates.shipped import COMPLETION, SKILL_LEVEL
from lbcert.core.registrations import CertificateType
from lbcert.hookspecs import hookimpl


@hookimpl(tryfirst=True)
def lbcert_certificate_types() -> Sequence[CertificateType]:
    """Register the core's own types."""
    return [COMPLETION, SKILL_LEVEL]
