"""How personal data may be shown to those who need not see it whole."""

from __future__ import annotations

_STAR = "*"
_PARTS_OF_ID_NUMBER = 6, 4
_PARTS_OF_PHONE = 3, 4
_SHORT_NAME = 2
#: a cell of 10,000 characters makes no longer message than a bank account
_MOST_STARS = 20


def mask_id_number(text: str) -> str:
    """Show county and last four: ``530128********0017``. Whatever is too short to keep half hidden is hidden whole."""
    return _keep_ends(text, *_PARTS_OF_ID_NUMBER)


def mask_phone(text: str) -> str:
    """Show the network and the last four: ``138****1234``."""
    return _keep_ends(text, *_PARTS_OF_PHONE)


def mask_bank_account(text: str) -> str:
    """Show the last four: ``***************7245``."""
    return _keep_ends(text, 0, 4)


def mask_name(name: str) -> str:
    """Show the first character, one ``*`` whatever the length, and the last; of two characters the first and ``*``.

    So it stands in the QR of a certificate and on its public page.
    """
    if len(name) < _SHORT_NAME:
        return _STAR * len(name)
    return name[0] + _STAR + (name[-1] if len(name) > _SHORT_NAME else "")


def _keep_ends(text: str, first: int, last: int) -> str:
    hidden = len(text) - first - last
    if hidden < last:
        return _STAR * len(text)
    return text[:first] + _STAR * min(hidden, _MOST_STARS) + text[-last:]
