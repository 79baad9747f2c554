"""星级认证: stars for people of a brand, from marks, attendance and outcomes, reviewed by several persons.

The package itself is the plugin: what it implements stands in ``hooks``.
"""

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

__all__ = [
    "lbcert_certificate_changed",
    "lbcert_certificate_types",
    "lbcert_demo",
    "lbcert_draft_again",
    "lbcert_migrations",
    "lbcert_public_parts",
    "lbcert_rooms",
    "lbcert_todo",
]
