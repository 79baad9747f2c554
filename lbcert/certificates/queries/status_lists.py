"""The status lists as they are published: their addresses, bytes, and which of them are due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select

from lbcert.certificates import status_list
from lbcert.certificates.models import Certificate, StatusList
from lbcert.certificates.queries.mirror import Published
from lbcert.core import clock
from lbcert.core.database import db

#: The folder of the lists, in addresses and in a mirror, and the list of them all in it.
FOLDER = "status"
ALL = "lists.json"
#: After so long a list is signed again, changed or not, so that its date says that somebody looks after it.
OLD = timedelta(days=1)


#: A copy of a list is looked at again after ten minutes (shorter than its time to live: a revocation is seen the same
#: hour), and serves as long as the list lives when the server does not answer.
CACHING = f"max-age=600, stale-if-error={int(status_list.LIFE.total_seconds())}"


def address_of(number: int) -> str:
    """Give the address of a list."""
    return f"{_base()}/{status_list.file_name(number)}"


def address_of_all() -> str:
    """Give the address of the list of lists."""
    return f"{_base()}/{ALL}"


def _base() -> str:
    return f"{current_app.config['LBCERT'].public_url.rstrip('/')}/{FOLDER}"


def all_numbers() -> range:
    """Give the numbers of the lists that there have to be: one for each block that was begun."""
    newest = db.session.scalar(select(func.max(Certificate.status_list)))
    return range(0 if newest is None else newest + 1)


def due() -> list[int]:
    """List the lists that are missing or old; a last one grows no older."""
    young = (StatusList.built_at > clock.now() - OLD) & (StatusList.badges != "")
    fresh = select(StatusList.number).where(StatusList.last | young)
    return sorted(set(all_numbers()) - set(db.session.scalars(fresh)))


def find(name: str) -> Published | None:
    """Give a file of the folder: a list as it was last built, or the list of lists; None where there is none."""
    if name == ALL:
        return _all()
    number = name.removesuffix(".cwt")
    if not (number.isascii() and number.isdigit() and name == status_list.file_name(int(number[:9]))):
        return None
    row = db.session.get(StatusList, int(number))
    return _published(row) if row and row.token else None


def files() -> Iterator[tuple[str, bytes]]:
    """Give each file of the lists with its path in a mirror."""
    yield f"{FOLDER}/{ALL}", _all().body
    for row in _built():
        yield f"{FOLDER}/{status_list.file_name(row.number)}", row.token


def _built() -> list[StatusList]:
    query = select(StatusList).where(StatusList.built_at.is_not(None)).order_by(StatusList.number)
    return list(db.session.scalars(query))


def _published(row: StatusList) -> Published:
    return Published(row.token, status_list.MEDIA_TYPE, CACHING, row.built_at)


def _all() -> Published:
    """Give the list of lists (the draft's aggregation), so that an offline verifier fetches them before the first scan."""
    addresses = [address_of(row.number) for row in _built()]
    return Published(json.dumps({"status_lists": addresses}).encode(), "application/json", CACHING)
