"""Signing a PDF, by pyHanko: what is added stands after the file's own bytes, so what it carries stays readable."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from asn1crypto import keys, x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lbcert.certificates.pades.identity import Identity, PrivateKey

#: A certification signature that permits no change: a reader calls a PDF altered whatever is added later (ISO 32000-2, 12.8.2.2).
_HOW = PdfSignatureMetadata(
    field_name="lbcert",
    md_algorithm="sha256",
    subfilter=SigSeedSubFilter.PADES,
    certify=True,
    docmdp_permissions=MDPPerm.NO_CHANGES,
)
#: Bytes of a CMS signature beside its certificates, the issuer's name and the raw signature: the signed attributes and tags.
_REST = 384
#: Bytes of a DER signature by a curve beside its two numbers.
_TAGS = 16
#: Bytes of an Ed25519 signature.
_EDWARDS = 64


class Sealer:
    """Signs PDFs with one identity; made once a batch."""

    def __init__(self, identity: Identity) -> None:
        own, *above = (
            x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in (identity.certificate, *identity.above)
        )
        private = identity.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        # the anchor is left out: whoever checks has it, or does not believe it
        known = SimpleCertificateStore.from_certs(above)
        self._signer = SimpleSigner(
            signing_cert=own, signing_key=keys.PrivateKeyInfo.load(private), cert_registry=known, embed_roots=False
        )
        carried = [own, *(each for each in above if not each.self_issued)]
        raw = _raw_size(identity.private_key)
        #: In hexadecimal digits. Counted, because pyHanko would sign each file twice to find out.
        self._reserved = 2 * (sum(len(each.dump()) for each in (*carried, own.issuer)) + raw + _REST)

    def sign(self, pdf: bytes, at: datetime) -> bytes:
        """Give the PDF with a signature made at a time."""
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        signed: BytesIO = _SignerAt(at, self._signer).sign_pdf(writer, bytes_reserved=self._reserved)
        return signed.getvalue()


def _raw_size(key: PrivateKey) -> int:
    """Give the bytes of a key's longest signature."""
    if isinstance(key, RSAPrivateKey):
        return key.key_size // 8
    if isinstance(key, EllipticCurvePrivateKey):
        return 2 * (key.key_size // 8 + 1) + _TAGS
    return _EDWARDS


class _SignerAt(PdfSigner):
    """Writes the time that it is given instead of the machine's."""

    def __init__(self, at: datetime, signer: SimpleSigner) -> None:
        super().__init__(_HOW, signer)
        self._at = at

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session
