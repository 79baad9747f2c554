"""The issuer's end: the last lists, then no more keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lbcert.certificates.models import Closing, IssuerKey
from lbcert.certificates.models.keys import CLOSED
from lbcert.certificates.operations.keys import reason_given, retired
from lbcert.certificates.operations.status_lists import close_status_lists
from lbcert.certificates.token.keys import KeyState
from lbcert.core import clock
from lbcert.core.access import CONSOLE
from lbcert.core.database import db
from lbcert.core.findings import Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say


@operation("certificates.close_issuer", say("终止发证"), allow=CONSOLE)
def close_issuer(actor: Any, reason: str) -> Closing:
    """End the issuing for ever: the status lists are signed without an end, then every key is retired."""
    refuse_on(reason_given(reason))
    if db.session.get(Closing, 1) is not None:
        raise Refused([refuse("certificates.closed", CLOSED)])
    close_status_lists(actor)
    for key in db.session.scalars(select(IssuerKey).where(IssuerKey.state == KeyState.ACTIVE).with_for_update()):
        retired(key)
    closing = Closing(closed_at=clock.now().replace(microsecond=0), reason=reason.strip())
    db.session.add(closing)
    return closing
