"""What the plugin answers when the house asks."""

from __future__ import annotations

from collections.abc import Sequence

from lbcert.core.registrations import CertificateType
from lbcert.hookspecs import hookimpl
from lbcert_star_rating import models  # noqa: F401 (its tables belong to the database)
from lbcert_star_rating.certificate import STAR


@hookimpl
def lbcert_certificate_types() -> Sequence[CertificateType]:
    """Bring the star certificate."""
    return [STAR]
