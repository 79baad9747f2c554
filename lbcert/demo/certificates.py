"""What a demo's certificates stand on: a key and a root of its own, and the bodies' number prefixes."""

from __future__ import annotations

from flask import current_app

from lbcert.certificates.operations.keys import init_keys
from lbcert.certificates.operations.pdf_certificates import keep_pdf_certificate
from lbcert.certificates.operations.prefixes import enter_prefix
from lbcert.certificates.operations.trust import publish_trust_list
from lbcert.certificates.pades.identity import make_authority, make_identity
from lbcert.certificates.queries import trust
from lbcert.certificates.root import make_root, open_root
from lbcert.certificates.token import trust_list
from lbcert.core import clock
from lbcert.core.access import Console
from lbcert.core.database import load
from lbcert.demo.cast import Cast
from lbcert.demo.catalogue import FIRST_DAY, SIGNS_PDFS
from lbcert.demo.filings import OFFICERS
from lbcert.parties.models import Organisation

#: Made up: kind S, filed with a province (0000), the province, a body's serial that begins with nines.
_PREFIXES = {
    "yunnan": "S000053999001",
    "guizhou": "S000052999001",
    "neimeng": "S000015999001",
    "xinjiang": "S000065999001",
}


#: The demo's root lies beside its database, and everybody may know how to open it.
ROOT, PASSPHRASE = "demo-root.pem", "demo-demo-demo"


def make_ready(cast: Cast) -> None:
    """Make the signing key, the root and what signs PDFs, and enter the prefixes as the bureaus of the bodies' regions."""
    init_keys(Console())
    _sign_pdfs(load(Organisation, cast.bodies[f"{SIGNS_PDFS}-association"]).name)
    for body, prefix in _PREFIXES.items():
        enter_prefix(
            cast.account(OFFICERS[body]), cast.bodies[f"{body}-assessment"], prefix, "职业技能等级证书编码批复〔演示〕", FIRST_DAY
        )  # fmt: skip


def _sign_pdfs(name: str) -> None:
    """Make the demo's root, and under it what signs PDFs in an association's name, which says 演示 as all of them do."""
    path = current_app.config["LBCERT"].home / ROOT
    path.unlink(missing_ok=True)
    root, now = make_root(path, PASSPHRASE).private_key, clock.now().replace(microsecond=0)
    keep_pdf_certificate(Console(), make_identity(root, make_authority(root, "演示 root", now), name, now))


def publish_keys() -> None:
    """Sign the list of the demo's keys with its root; the list says that it is a demo's."""
    root = open_root(current_app.config["LBCERT"].home / ROOT, PASSPHRASE)
    publish_trust_list(Console(), trust_list.sign(trust.next_list(), root), root.public_key)
