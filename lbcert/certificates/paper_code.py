"""The 查询码 printed on a certificate, by which its holder opens the page of her own certificates.

The number will not do: it runs in series and stands on the public page. What the QR carries will not do: whoever scanned it has
it. So it is eight digits, quick to type on any phone, derived from the certificate's random identifier under the
installation's key: it stands on the paper alone, is stored nowhere, and is guessed once in a hundred million tries.
"""

from __future__ import annotations

import hmac

from lbcert.core.seal import keyring

_DIGITS = 8


def paper_code(cti: str) -> str:
    """Give the digits for a certificate by its ``cti``, without the blank with which they are printed."""
    return f"{int(keyring().index('paper code', cti), 16) % 10**_DIGITS:0{_DIGITS}}"


def as_printed(code: str) -> str:
    """Write a code in two groups, to be read without losing one's place."""
    return f"{code[: _DIGITS // 2]} {code[_DIGITS // 2 :]}"


def agrees(typed: str, cti: str) -> bool:
    """Tell whether a code as somebody typed it is that of a certificate, in a time that tells nothing."""
    return hmac.compare_digest("".join(filter(str.isdecimal, typed)).encode(), paper_code(cti).encode())
