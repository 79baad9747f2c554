"""PDFs that bear an electronic signature: what pyHanko's own validator, qpdf and our readers say of them, changed and unchanged."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from asn1crypto import pem
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from lbcert.certificates.operations.pdf_certificates import keep_pdf_certificate, withdraw_pdf_certificate
from lbcert.certificates.operations.printing import print_again
from lbcert.certificates.pades.identity import Identity, make_authority, make_identity, open_pkcs12
from lbcert.certificates.pades.reading import State
from lbcert.certificates.pades.signing import Sealer
from lbcert.certificates.queries import trust
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.pdf_certificates import list_pdf_certificates
from lbcert.certificates.rendering.bundle import one_pdf
from lbcert.certificates.token.keys import Signer
from lbcert.core import clock, jobs
from lbcert.core.access import Console, Role
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.testing import factories as make
from tests.certificates.scene import THE_DAY, issued, printed, published, run

ROOT = Signer.fresh().private_key
NAME = "示例劳务品牌协会"


def identity(name=NAME, root=ROOT, day=THE_DAY):
    return make_identity(root, make_authority(root, "cert.example.cn root", day), name, day)


def signing(identity_):
    """Give a published batch of a brand that has its PDFs signed, by this identity."""
    scene = published()
    run("UPDATE brands SET signs_pdfs = :yes", yes=True)
    with clock.at(THE_DAY):
        scene.pdf_certificate = keep_pdf_certificate(Console(), identity_)
    return scene


def made(scene):
    """Issue and print on the scene's day; the first certificate's PDF."""
    with clock.at(THE_DAY):
        scene = printed(issued(scene))
    return scene.certificates[0].file.read()


def accepts(pdf, roots):
    """Tell whether pyHanko's validator accepts the PDF's one signature, trusting nobody but these (PEM), without a network."""
    trusted = [asn1.Certificate.load(der) for _, _, der in pem.unarmor(roots, multiple=True)]
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    return validate_pdf_signature(signature, ValidationContext(trust_roots=trusted, allow_fetching=False)).bottom_line


def qpdf_accepts(pdf, folder):
    qpdf = shutil.which("qpdf")
    if qpdf is None:
        pytest.skip("no qpdf here: apt-get install qpdf (Debian)")
    (folder / "certificate.pdf").write_bytes(pdf)
    return (
        subprocess.run([qpdf, "--check", str(folder / "certificate.pdf")], capture_output=True, check=False).returncode
        == 0
    )


def roots_of(identity_):
    return identity_.anchor.public_bytes(Encoding.PEM)


def test_a_brands_pdf_is_signed_and_every_change_is_told(app, client, tmp_path):
    scene = signing(identity())
    pdf = made(scene)
    roots = trust.files()["pdf-roots.pem"]
    assert client.get("/keys/pdf-roots.pem").data == roots
    assert accepts(pdf, roots)
    assert qpdf_accepts(pdf, tmp_path)
    with pikepdf.open(BytesIO(pdf)) as read:
        assert read.attachments["certificate.cwt"].get_file().read_bytes() == scene.certificates[0].token

    (verdict,) = verdicts.of_file(pdf)
    assert (verdict.is_original, verdict.pdf_signature.state, verdict.pdf_signature.signer) == (
        True,
        State.STANDS,
        NAME,
    )
    page = client.post("/scan/", data={"file": (BytesIO(pdf), "a.pdf")}).text
    assert f"电子签名有效：{NAME} 签于 2025-08-20" in page

    bundle = one_pdf([pdf, pdf])
    assert qpdf_accepts(bundle, tmp_path)
    assert b"/ByteRange" not in bundle, "a signature speaks for the file that it is in"
    assert verdicts.of_file(bundle)[0].pdf_signature is None

    at = pdf.index(b"/TrimBox [") + 11
    changed, longer = pdf[:at] + b"1" + pdf[at + 1 :], pdf + b"% more\n"
    assert changed != pdf
    assert not accepts(changed, roots)
    assert not accepts(pdf, roots_of(identity(root=Signer.fresh().private_key)))
    for other in (changed, longer):
        (verdict,) = verdicts.of_file(other)
        assert (verdict.is_original, verdict.pdf_signature.state) == (False, State.CHANGED)
    assert "签名以后文件被改动过" in client.post("/scan/", data={"file": (BytesIO(changed), "a.pdf")}).text


def test_a_pdf_without_the_switch_bears_none_and_a_strangers_signature_counts_for_nothing(app, tmp_path):
    plain = made(published())
    assert qpdf_accepts(plain, tmp_path)
    assert verdicts.of_file(plain)[0].pdf_signature is None
    forged = Sealer(identity()).sign(plain, THE_DAY)
    found = verdicts.of_file(forged)[0]
    assert (found.is_original, found.pdf_signature.state) == (False, State.STRANGE)
    assert verdicts.as_data(found, str)["pdf_signature"] == "strange"


def test_nothing_is_issued_without_what_signs_and_nothing_printed_unsigned(app):
    scene = signing(identity(day=THE_DAY - timedelta(days=1)))
    withdraw = scene.pdf_certificate.fingerprint
    scene = issued(scene)
    withdraw_pdf_certificate(Console(), withdraw)
    scene = printed(scene)
    assert [c.file_id for c in scene.certificates] == [None, None]
    assert "lbcert keys pdf" in scene.certificates[0].print_problem
    with clock.at(THE_DAY):
        keep_pdf_certificate(Console(), identity())
        again = print_again(scene.issuer, scene.issued.job.id)
        jobs.run(again.id)
    db.session.expire_all()
    pdf = scene.certificates[0].file.read()
    assert verdicts.of_file(pdf)[0].pdf_signature.state is State.STANDS
    for row in list_pdf_certificates():
        if row.withdrawn_at is None:
            withdraw_pdf_certificate(Console(), row.fingerprint)
    assert verdicts.of_file(pdf)[0].pdf_signature.state is State.WITHDRAWN
    assert verdicts.of_file(pdf)[0].is_original


def test_an_issue_is_refused_where_nothing_could_sign(app):
    scene = published()
    run("UPDATE brands SET signs_pdfs = :yes", yes=True)
    with pytest.raises(Refused) as refusal:
        issued(scene)
    assert "certificates.no_pdf_certificate" in refusal.value
    admin = make.account(Role.ADMIN)
    waiting = "准备新的 PDF 签名证书"
    assert any(waiting in str(each.message) for each in trust.todo(admin))
    with clock.at(THE_DAY):
        keep_pdf_certificate(Console(), identity())
        assert not any(waiting in str(each.message) for each in trust.todo(admin))


def test_a_certificate_out_of_its_time_or_known_already_is_refused(app):
    one = identity()
    with clock.at(THE_DAY):
        keep_pdf_certificate(Console(), one)
    for wrong, rule in ((identity(day=THE_DAY + timedelta(days=1)), "out_of_time"), (one, "known")):
        with pytest.raises(Refused) as refusal, clock.at(THE_DAY):
            keep_pdf_certificate(Console(), wrong)
        assert f"certificates.pdf_{rule}" in refusal.value


@pytest.fixture(scope="module")
def bought():
    """Give a certificate for RSA as an authority sells it, in a PKCS#12 file, and the authority's root: between them an intermediate."""
    top, middle, own = (rsa.generate_private_key(65537, 3072) for _ in range(3))
    root = _issued(top, "CA root", top, "CA root", authority=True)
    between = _issued(middle, "CA G2", top, "CA root", authority=True)
    leaf = _issued(own, "某人力资源有限公司", middle, "CA G2", authority=False)
    data = pkcs12.serialize_key_and_certificates(b"", own, leaf, [root, between], BestAvailableEncryption(b"geheim"))
    return data, root.public_bytes(Encoding.PEM)


def _issued(key, name, by, issuer, *, authority):
    named = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])  # noqa: E731
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign", "encipher_only", "decipher_only"), False
    )  # fmt: skip
    return (
        x509.CertificateBuilder(named(issuer), named(name), key.public_key(), x509.random_serial_number())
        .not_valid_before(THE_DAY - timedelta(days=1))
        .not_valid_after(THE_DAY + timedelta(days=20_000))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage | {"content_commitment": not authority}, digital_signature=not authority, key_cert_sign=authority), critical=True)
        .sign(by, SHA256())
    )  # fmt: skip


def test_a_certificate_of_an_authority_signs_too_and_carries_what_is_between(app, bought):
    data, roots = bought
    opened = open_pkcs12(data, "geheim")
    assert [each.subject.rfc4514_string() for each in opened.above] == ["CN=CA G2", "CN=CA root"]
    with pytest.raises(Refused) as refusal:
        open_pkcs12(data, "falsch")
    assert "certificates.pdf_file" in refusal.value
    pdf = made(signing(opened))
    assert accepts(pdf, roots)
    (verdict,) = verdicts.of_file(pdf)
    assert (verdict.pdf_signature.state, verdict.pdf_signature.signer) == (State.STANDS, "某人力资源有限公司")


def test_a_private_key_rests_sealed_and_out_of_the_audit_log(app):
    with clock.at(THE_DAY):
        one = identity()
        row = keep_pdf_certificate(Console(), one)
    lines = one.key_pem().splitlines()
    ((stored,),) = run("SELECT private_key FROM pdf_certificates")
    assert lines[1].encode() not in bytes(stored)
    assert Identity.from_pem(row.certificates, row.private_key).key_pem() == one.key_pem()
    for (entry,) in run("SELECT arguments || changes FROM audit_entries"):
        assert lines[1] not in entry
