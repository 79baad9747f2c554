"""What a trainer's screen shows and a learner's phone hands back: bound to one session and a moment, stored nowhere.

A code is an HMAC over the moment under a secret that each session has of its own, derived from the installation's key.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from flask import current_app

from lbcert.core.seal import derived

#: 80 bits, in hexadecimal digits.
_MAC_DIGITS = 20
_TOKEN = re.compile(rf"([1-9A-F][0-9A-F]{{0,7}})-([0-9A-F]{{8}})-([0-9A-F]{{{_MAC_DIGITS}}})", re.ASCII)
_SPOKEN_DIGITS = 6


def token_of(session_id: int, at: datetime) -> str:
    """Give what the QR of a session carries at a moment, to the second: digits, A to F and two dashes."""
    seconds = int(at.timestamp())
    return f"{session_id:X}-{seconds:08X}-{_mac(session_id, f'qr {seconds}')[:_MAC_DIGITS].upper()}"


def read_token(token: str) -> tuple[int, datetime] | None:
    """Give the session and the moment of a token; None for one that was not made here."""
    found = _TOKEN.fullmatch(token.upper())
    if found is None:
        return None
    session_id, at = int(found[1], 16), datetime.fromtimestamp(int(found[2], 16), UTC)
    return (session_id, at) if hmac.compare_digest(token.upper(), token_of(session_id, at)) else None


def spoken_at(session_id: int, at: datetime, seconds: int) -> str:
    """Give the six digits of an online session that a trainer says at a moment; they change each so many ``seconds``."""
    step = int(at.timestamp()) // seconds
    return f"{int(_mac(session_id, f'spoken {step}'), 16) % 10**_SPOKEN_DIGITS:0{_SPOKEN_DIGITS}}"


def is_spoken(typed: str, session_id: int, at: datetime, seconds: int) -> bool:
    """Tell whether digits as somebody typed them are being said, or were said right before, so that there is time to type."""
    digits = "".join(filter(str.isdecimal, typed)).encode()
    moments = (at, at - timedelta(seconds=seconds))
    return any(hmac.compare_digest(digits, spoken_at(session_id, moment, seconds).encode()) for moment in moments)


def _mac(session_id: int, moment: str) -> str:
    secret = derived(current_app.config["LBCERT"].data_key, f"lbcert check-in 1 session {session_id}".encode())
    return hmac.new(secret, moment.encode(), sha256).hexdigest()
