"""Pages of the room."""

from __future__ import annotations

from lbcert.certificates.views import certificates, issuing, keys, public
from lbcert.certificates.views.room import room
from lbcert.certificates.views.scanned import init_app

__all__ = ["certificates", "init_app", "issuing", "keys", "public", "room"]
