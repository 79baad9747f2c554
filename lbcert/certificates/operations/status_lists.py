"""Status lists are built by a worker, after each change of a status and once a day, and never while somebody waits."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import select, text

from lbcert.certificates import status_list
from lbcert.certificates.models import NOT_VALID, Certificate, Closing, StatusList
from lbcert.certificates.operations import badges
from lbcert.certificates.operations.keys import signer_for
from lbcert.certificates.queries import status_lists as queries
from lbcert.core import clock, jobs
from lbcert.core.access import CONSOLE, Console
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.core.operation import operation
from lbcert.core.words import say

_KIND = "certificates.status_list"
log = logging.getLogger(__name__)


@operation("certificates.build_status_list", say("生成证书状态表"), allow=CONSOLE)
def build_status_list(actor: Any, number: int, *, last: bool = False) -> StatusList:
    """Build and sign the list of a block anew, and those for badges; once it was the ``last`` one it stays so.

    After the issuer's end nothing is signed any more: what changes then is on the certificate's page and in the log, and the last
    list says as of when it speaks. Raises ``Refused`` without a key. The list's row is locked before the statuses are read, so of two workers the later one never writes the older state.
    """
    row = db.session.get(StatusList, number, with_for_update=True, populate_existing=True)
    if row is None:
        row = StatusList(number=number)
        db.session.add(row)
        db.session.flush()
    if row.last and db.session.get(Closing, 1) is not None:
        return row
    now = clock.now().replace(microsecond=0)
    _, signer = signer_for(None, now, everywhere=True)
    row.last = row.last or last
    row.token = status_list.sign_list(
        queries.address_of(number),
        status_list.compress(_statuses(number)),
        signer,
        now,
        aggregation=queries.address_of_all(),
        last=row.last,
    )
    row.badges = badges.status_lists(number, signer, now, last=row.last)
    row.built_at = now
    return row


@operation("certificates.close_status_lists", say("封存证书状态表"), allow=CONSOLE)
def close_status_lists(actor: Any) -> list[StatusList]:
    """Build every list for the last time, without an end: what an issuer that closes leaves behind."""
    return [build_status_list(actor, number, last=True) for number in queries.all_numbers()]


def rebuild_lists(numbers: list[int]) -> None:
    """Have the lists of these blocks built anew, at the end of the transaction that changed them."""
    items = [(str(number), number) for number in sorted(set(numbers))]
    jobs.start(Console(), _KIND, str(say("更新证书状态列表")), items)


def _statuses(number: int) -> list[tuple[int, int]]:
    rows = db.session.execute(
        select(Certificate.status_index, Certificate.status).where(Certificate.status_list == number, text(NOT_VALID))
    )
    return [(index, status_list.VALUES[status]) for index, status in rows]


@jobs.regularly
def build_what_is_due() -> None:
    """Build the lists that are missing or a day old."""
    for number in queries.due():
        try:
            build_status_list(Console(), number)
        except Refused as refusal:
            log.warning("status list %s: %s", number, refusal)


jobs.work(_KIND, lambda _number: None, lambda actor, number, _: build_status_list(actor, number))
