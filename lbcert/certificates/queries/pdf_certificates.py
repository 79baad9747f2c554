"""The certificates that sign PDFs, as printing, checking and mirrors need them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate, load_pem_x509_certificates
from sqlalchemy import select

from lbcert.brands.models import Brand
from lbcert.certificates.models import PdfCertificate
from lbcert.certificates.pades.identity import Identity
from lbcert.certificates.pades.reading import PdfSignature, read_signature
from lbcert.core import clock
from lbcert.core.database import db

#: What readers have to trust, in addresses and in a mirror.
FILE = "pdf-roots.pem"


def list_pdf_certificates() -> list[PdfCertificate]:
    """List them, newest first; none is ever deleted."""
    return list(db.session.scalars(select(PdfCertificate).order_by(PdfCertificate.id.desc())))


def find_current(at: datetime) -> PdfCertificate | None:
    """Give the newest that is in force at a time."""
    in_force = (PdfCertificate.not_before <= at) & (PdfCertificate.not_after >= at)
    usable = select(PdfCertificate).where(in_force, PdfCertificate.withdrawn_at.is_(None))
    return db.session.scalar(usable.order_by(PdfCertificate.id.desc()).limit(1))


def wants_pdf_certificate(at: datetime) -> bool:
    """Tell whether a brand has its PDFs signed, and nothing will be in force at a time to sign them."""
    is_wanted = db.session.scalar(select(Brand.id).where(Brand.signs_pdfs).limit(1)) is not None
    return is_wanted and find_current(at) is None


def find_sealer() -> Callable[[bytes], bytes] | None:
    """Give what signs PDFs with the certificate in force now; None where there is none."""
    row = find_current(clock.now())
    if row is None:
        return None
    from lbcert.certificates.pades.signing import Sealer  # noqa: PLC0415 (loads pyHanko: half a second, in the worker alone)

    sealer = Sealer(Identity.from_pem(row.certificates, row.private_key))
    return lambda pdf: sealer.sign(pdf, clock.now())


def signature_of(pdf: bytes) -> PdfSignature | None:
    """Tell what a PDF's electronic signature is worth; None where it bears none."""
    known = db.session.execute(select(PdfCertificate.fingerprint, PdfCertificate.withdrawn_at)).all()
    own = {fingerprint for fingerprint, withdrawn in known if withdrawn is None}
    return read_signature(pdf, own, {fingerprint for fingerprint, _ in known} - own)


def find_authority(root_public_key: bytes) -> Certificate | None:
    """Give the certificate that the offline root has already (its public key as SubjectPublicKeyInfo, DER), so that readers learn one."""
    anchors = (_anchor(row) for row in list_pdf_certificates())
    return next((each for each in anchors if _public_key(each) == root_public_key), None)


def roots_pem() -> bytes:
    """Write what readers have to trust, newest first; empty where nothing signs PDFs."""
    anchors = dict.fromkeys(_anchor(row) for row in list_pdf_certificates() if row.withdrawn_at is None)
    return b"".join(each.public_bytes(Encoding.PEM) for each in anchors)


def _anchor(row: PdfCertificate) -> Certificate:
    return load_pem_x509_certificates(row.certificates.encode())[-1]


def _public_key(certificate: Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
