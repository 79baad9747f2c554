"""Certificates with frozen claims, their number series, issuer keys, and a status history that is never deleted."""

from __future__ import annotations

from lbcert.certificates.models.certificates import (
    SEPARATION,
    Certificate,
    NumberPrefix,
    Reason,
    Status,
    StatusChange,
)
from lbcert.certificates.models.keys import Closing, IssuerKey, TrustList

__all__ = [
    "SEPARATION",
    "Certificate",
    "Closing",
    "IssuerKey",
    "NumberPrefix",
    "Reason",
    "Status",
    "StatusChange",
    "TrustList",
]
