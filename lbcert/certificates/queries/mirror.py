"""A file that anybody may fetch from here, or from any mirror."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256


@dataclass(frozen=True)
class Published:
    """A file as it is served and mirrored."""

    body: bytes
    media_type: str
    #: what Cache-Control says of it
    caching: str
    changed: datetime | None = None

    @property
    def etag(self) -> str:
        """Give the hash by which a reader learns that nothing changed."""
        return sha256(self.body).hexdigest()[:32]
