"""The names for the numbers in a token, for whoever reads it without the register."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lbcert.brands.models import Brand
from lbcert.certificates.operations.issuing import occupation_of
from lbcert.certificates.types import all_types
from lbcert.core.database import db
from lbcert.core.pages import in_words
from lbcert.core.reference import Trade
from lbcert.core.registrations import CertificateType

#: Levels that a token can hold.
_LEVELS = range(24)


def public_names() -> dict[str, dict[str, str]]:
    """Give the names of brands by their number, and of occupations and items by theirs in a token."""
    brands = db.session.execute(select(Brand.number, Brand.name).order_by(Brand.number))
    trades = db.session.scalars(select(Trade).order_by(Trade.id))
    return {
        "brands": {str(number): name for number, name in brands},
        "trades": {str(occupation_of(trade)): trade.name for trade in trades},
    }


def types() -> dict[str, dict[str, Any]]:
    """Give the types of certificate by their number in a token, each with what it calls its levels."""
    return {str(each.kind): {"label": in_words(each.label), "levels": _levels(each)} for each in all_types().values()}


def _levels(kind: CertificateType) -> dict[str, str]:
    labels = ((level, _label(kind, level)) for level in _LEVELS)
    return {str(level): label for level, label in labels if label}


def _label(kind: CertificateType, level: int) -> str:
    try:
        label = kind.level_label(level)
    except ValueError:  # no such level
        return ""
    return in_words(label) if label else ""
