"""Certificates with frozen claims, their number series, issuer keys, and a status history that is never deleted."""

from __future__ import annotations

from lbcert.certificates.models.certificates import (
    NOT_VALID,
    SEPARATION,
    Certificate,
    NumberPrefix,
    Reason,
    Status,
    StatusChange,
)
from lbcert.certificates.models.designs import DesignVersion
from lbcert.certificates.models.keys import Closing, IssuerKey, PdfCertificate, TrustList
from lbcert.certificates.models.published import LogCheckpoint, LogKey, LogLeaf, LogTile, StatusList
from lbcert.certificates.models.reports import QueryReport, Reported, ReportedCertificate
from lbcert.certificates.models.revocations import BulkRevocation, BulkRevocationItem, Settled
from lbcert.certificates.models.shares import Share, SharedCertificate, ShareView

__all__ = [
    "NOT_VALID",
    "SEPARATION",
    "BulkRevocation",
    "BulkRevocationItem",
    "Certificate",
    "Closing",
    "DesignVersion",
    "IssuerKey",
    "LogCheckpoint",
    "LogKey",
    "LogLeaf",
    "LogTile",
    "NumberPrefix",
    "PdfCertificate",
    "QueryReport",
    "Reason",
    "Reported",
    "ReportedCertificate",
    "Settled",
    "Share",
    "ShareView",
    "SharedCertificate",
    "Status",
    "StatusChange",
    "StatusList",
    "TrustList",
]
