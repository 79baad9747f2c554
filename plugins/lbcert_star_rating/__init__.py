"""星级认证: stars for people of a brand, from marks, attendance and outcomes, reviewed by several persons.

The package itself is the plugin: what it implements stands in ``hooks``.
"""

from lbcert.core.words import say
from lbcert_star_rating.hooks import (
    lbcert_certificate_changed,
    lbcert_certificate_types,
    lbcert_demo,
    lbcert_draft_again,
    lbcert_migrations,
    lbcert_public_parts,
    lbcert_rooms,
    lbcert_todo,
)

#: What people call it.
LABEL = say("星级认证")

__all__ = [
    "LABEL",
    "lbcert_certificate_changed",
    "lbcert_certificate_types",
    "lbcert_demo",
    "lbcert_draft_again",
    "lbcert_migrations",
    "lbcert_public_parts",
    "lbcert_rooms",
    "lbcert_todo",
]
