"""Who signs PDFs: an X.509 certificate with its key, made under the offline root or brought from a certification authority."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from lbcert.certificates.token.keys import PrivateKey as RootKey
from lbcert.core.findings import Refused, refuse
from lbcert.core.words import Message, say

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

#: A B-B signature carries no proof of its time, so a reader judges it by today's date: the paper must not outlive the certificate.
LASTS = timedelta(days=30 * 365)


@dataclass(frozen=True)
class Identity:
    """A private key, its certificate, and those above it, each issued by the next; the last one is what a reader trusts."""

    private_key: PrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @property
    def anchor(self) -> x509.Certificate:
        """What whoever checks has to trust."""
        return (self.certificate, *self.above)[-1]

    @property
    def name(self) -> str:
        """What a PDF reader calls the signer."""
        return name_of(self.certificate.subject)

    def certificates_pem(self) -> str:
        """Write the certificates, its own first."""
        return "".join(each.public_bytes(Encoding.PEM).decode() for each in (self.certificate, *self.above))

    def key_pem(self) -> str:
        """Write the private key as PKCS #8, open: for a sealed column alone."""
        return self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @classmethod
    def from_pem(cls, certificates: str, key: str) -> Identity:
        """Read what `certificates_pem` and `key_pem` wrote."""
        own, *above = x509.load_pem_x509_certificates(certificates.encode())
        return cls(_known(load_pem_private_key(key.encode(), password=None)), own, tuple(above))


def make_authority(root: RootKey, name: str, now: datetime) -> x509.Certificate:
    """Make the certificate of the offline root itself, which readers are told to trust."""
    subject = _named(name)
    return _signed(_certificate(subject, subject, root, root, now, is_authority=True), root)


def make_identity(root: RootKey, authority: x509.Certificate, name: str, now: datetime) -> Identity:
    """Make a P-256 key and its certificate under the root, for PDFs to be signed in this ``name``."""
    key = ec.generate_private_key(ec.SECP256R1())
    unsigned = _certificate(_named(name), authority.subject, key, root, now, is_authority=False)
    return Identity(key, _signed(unsigned, root), (authority,))


def open_pkcs12(data: bytes, passphrase: str) -> Identity:
    """Read the file that a certification authority gave (.p12, .pfx).

    Refused for a wrong passphrase and what is no such file, a kind of key that PDF readers do not know, and a certificate not made for signing.
    """
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, passphrase.encode() or None)
    except ValueError as error:
        raise _refused("file", say("证书文件打不开：口令不对，或不是 PKCS#12 文件（.p12、.pfx）")) from error
    if key is None or certificate is None:
        raise _refused("file", say("证书文件里没有私钥和它的证书"))
    if not _may_sign(certificate):
        raise _refused("use", say("这张证书不是签名用的：密钥用途里没有数字签名"))
    return Identity(_known(key), certificate, tuple(_above(certificate, others)))


def _known(key: object) -> PrivateKey:
    if isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        return key
    raise _refused("key", say("证书的密钥须是 RSA、椭圆曲线或 Ed25519"))


def _may_sign(certificate: x509.Certificate) -> bool:
    """Tell whether it is made for signing; one that says nothing of its use is."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _above(certificate: x509.Certificate, others: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Put the certificates above one into their order; a file holds them in any, and some that are not."""
    left, path = list(others), [certificate]
    while issuer := next((each for each in left if _is_issued_by(path[-1], each)), None):
        left.remove(issuer)
        path.append(issuer)
    return path[1:]


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, by: RootKey, now: datetime, *, is_authority: bool
) -> x509.CertificateBuilder:
    """Draw up a certificate (RFC 5280) that issues others, or that signs documents."""
    usage = x509.KeyUsage(
        digital_signature=not is_authority, content_commitment=not is_authority, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_authority, crl_sign=is_authority, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + LASTS)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )


def _signed(unsigned: x509.CertificateBuilder, root: RootKey) -> x509.Certificate:
    return unsigned.sign(root, None if isinstance(root, ed25519.Ed25519PrivateKey) else SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def name_of(subject: x509.Name) -> str:
    """Give the name by which people know the holder of a certificate."""
    common = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else subject.rfc4514_string()


def _refused(rule: str, message: Message) -> Refused:
    return Refused([refuse(f"certificates.pdf_{rule}", message)])
