"""Pages of the room."""

from __future__ import annotations

from lbcert.certificates.views import certificates, issuing, public
from lbcert.certificates.views.room import room

__all__ = ["certificates", "issuing", "public", "room"]
