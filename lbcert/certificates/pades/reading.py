"""What a PDF's signature is worth, asked of the certificates that the register knows, without a network."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO

from lbcert.core import clock
from lbcert.core.words import Message, say

#: Every signed PDF holds it in the open (ISO 32000-2, 12.8.1): what has none is not looked at further.
_MARK = b"/ByteRange"
#: Characters of a signer's name that are shown; a stranger writes what he likes.
_LONGEST = 80
log = logging.getLogger(__name__)


class State(StrEnum):
    """What becomes of a signature."""

    #: ours, and not a byte was changed or added since
    STANDS = "stands"
    #: the file was changed after the signing, or its signature cannot be read
    CHANGED = "changed"
    #: it holds, and is none of ours: anybody can make one
    STRANGE = "strange"
    #: by a certificate of ours that was withdrawn
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class PdfSignature:
    """A signature that was found in a PDF; who and when as it says itself."""

    state: State
    signer: str = ""
    at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Tell whether it is ours and nothing was changed since."""
        return self.state is State.STANDS

    @property
    def about(self) -> Message:
        """Say what it is worth."""
        if self.state is State.STANDS and self.at is not None:
            day = clock.local(self.at).date()
            return say("PDF 的电子签名有效：{signer} 签于 {day}，此后没有改动", signer=self.signer, day=day)
        if self.state is State.STRANGE:
            return say("PDF 的电子签名不是本机构的（自称 {signer}），不能说明任何问题", signer=self.signer)
        if self.state is State.WITHDRAWN:
            return say("PDF 的电子签名不可信：{signer} 的签名证书已作废", signer=self.signer)
        return say("PDF 的电子签名无效：签名以后文件被改动过")


def read_signature(pdf: bytes, own: Collection[str], withdrawn: Collection[str]) -> PdfSignature | None:
    """Read a PDF's signature; ``own`` and ``withdrawn`` are SHA-256 fingerprints of certificates, in hex. None where it bears none.

    A signer is believed because the register names his very certificate: of an authority's customers anybody may be one.
    """
    if _MARK not in pdf:
        return None
    try:
        found = _signatures(pdf, own, withdrawn)
    except Exception as error:  # noqa: BLE001 (a stranger's file: pyHanko's reader raises whatever its parts raise)
        log.info("a PDF's signature cannot be read: %s", type(error).__name__)
        found = [PdfSignature(State.CHANGED)]
    order = list(State)
    return min(found, key=lambda each: order.index(each.state), default=None)


def _signatures(pdf: bytes, own: Collection[str], withdrawn: Collection[str]) -> list[PdfSignature]:
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 (half a second, for signed files alone)
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity  # noqa: PLC0415 (as above)
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415 (as above)

    found = []
    for each in PdfFileReader(BytesIO(pdf)).embedded_regular_signatures:
        digest, covered = each.compute_digest(), each.evaluate_signature_coverage()
        is_intact = all(validate_sig_integrity(each.signer_info, each.signer_cert, "data", digest))
        fingerprint = each.signer_cert.sha256.hex()
        if not is_intact or covered is not SignatureCoverageLevel.ENTIRE_FILE:
            state = State.CHANGED
        elif fingerprint in withdrawn:
            state = State.WITHDRAWN
        else:
            state = State.STANDS if fingerprint in own else State.STRANGE
        signer = each.signer_cert.subject.native.get("common_name", "")
        found.append(PdfSignature(state, str(signer)[:_LONGEST], each.self_reported_timestamp))
    return found
