"""Certificates that sign PDFs: taken in with their keys, and withdrawn."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from lbcert.certificates.models import PdfCertificate
from lbcert.certificates.pades.identity import Identity
from lbcert.core import clock
from lbcert.core.access import CONSOLE
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say

#: Digits of a fingerprint that people are shown, and that name it in a command.
SHOWN = 16


@operation("certificates.keep_pdf_certificate", say("登记 PDF 签名证书"), allow=CONSOLE)
def keep_pdf_certificate(actor: Any, identity: Identity) -> PdfCertificate:
    """Take in what signs PDFs from now on; the private key is sealed. Refused out of its time, and for one that is known."""
    certificate = identity.certificate
    refuse_on(_in_force(identity))
    row = PdfCertificate(
        fingerprint=certificate.fingerprint(SHA256()).hex(),
        name=identity.name[:200],
        certificates=identity.certificates_pem(),
        private_key=identity.key_pem(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )
    db.session.add(row)
    return row


@operation("certificates.withdraw_pdf_certificate", say("作废 PDF 签名证书"), allow=CONSOLE)
def withdraw_pdf_certificate(actor: Any, fingerprint: str) -> PdfCertificate:
    """Have a certificate (its fingerprint, or the start of it) sign no PDF more, and have those that it signed called doubtful."""
    wanted = fingerprint.strip().lower()
    found = db.session.scalars(
        select(PdfCertificate.id).where(PdfCertificate.fingerprint.startswith(wanted, autoescape=True))
    ).all()
    row = load(PdfCertificate, found[0] if len(found) == 1 and len(wanted) >= SHOWN else None, lock=True)
    refuse_on(_not_withdrawn(row))
    row.withdrawn_at = clock.now().replace(microsecond=0)
    return row


def _in_force(identity: Identity) -> list[Finding]:
    start, end = identity.certificate.not_valid_before_utc, identity.certificate.not_valid_after_utc
    if start <= clock.now() <= end:
        return []
    message = say(
        "这张签名证书现在不在有效期内（{start} 至 {end}）", start=clock.local(start).date(), end=clock.local(end).date()
    )
    return [refuse("certificates.pdf_out_of_time", message)]


def _not_withdrawn(row: PdfCertificate) -> list[Finding]:
    return [refuse("certificates.pdf_withdrawn", say("这张签名证书已经作废"))] if row.withdrawn_at else []
