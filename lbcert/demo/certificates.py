"""What must be there before a certificate can be issued: a key to sign with, and the bodies' number prefixes."""

from __future__ import annotations

from lbcert.certificates.operations.keys import init_keys
from lbcert.certificates.operations.prefixes import enter_prefix
from lbcert.core.access import Console
from lbcert.demo.cast import Cast
from lbcert.demo.catalogue import FIRST_DAY
from lbcert.demo.filings import OFFICERS

#: Made up: kind S, filed with a province (0000), the province, a body's serial that begins with nines.
_PREFIXES = {"yunnan": "S000053999001", "guizhou": "S000052999001", "neimeng": "S000015999001"}


def make_ready(cast: Cast) -> None:
    """Make the signing key, and enter the prefixes as the bureaus of the bodies' regions."""
    init_keys(Console())
    for body, prefix in _PREFIXES.items():
        enter_prefix(
            cast.account(OFFICERS[body]), cast.bodies[f"{body}-assessment"], prefix, "职业技能等级证书编码批复〔演示〕", FIRST_DAY
        )  # fmt: skip
