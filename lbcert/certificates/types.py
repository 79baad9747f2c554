"""The registered types of certificate, the core's and the plugins'."""

from __future__ import annotations

from lbcert.core.findings import Missing
from lbcert.core.registrations import CertificateType
from lbcert.plugins import plugins


def all_types() -> dict[str, CertificateType]:
    """Give every registered type by its name."""
    return plugins().registered["lbcert_certificate_types"]


def certificate_type(name: str) -> CertificateType:
    """Give a type by its name; raises ``Missing``."""
    found = all_types().get(name)
    if found is None:
        raise Missing(f"certificate type {name}")
    return found
