"""Builds the demo in an empty database, as the people of the five places would have filled it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from lbcert.core.access import Console
from lbcert.core.shipped import load_reference
from lbcert.demo import catalogue, luquan
from lbcert.demo.cast import Cast, at
from lbcert.demo.counties import ASSESSMENT_BODIES, ASSESSMENT_POSTS, COUNTIES
from lbcert.demo.filings import accept_filings
from lbcert.demo.people import Crowd

#: When the installation was set up, and since when its bodies exist.
SET_UP, FOUNDED = date(2025, 6, 2), date(2020, 1, 1)


def build(tell: Callable[[str], None]) -> Cast:
    """Fill an empty database; ``tell`` hears of each part as it is done, with its seconds."""
    cast = Cast()
    with at(SET_UP):
        with _part(tell, "地区、机构和账号"):
            _register(cast)
        with _part(tell, "政策、职业、项目、菜单和品牌"):
            catalogue.set_rules(cast)
            catalogue.enter_trades(cast)
            catalogue.enter_items(cast)
            catalogue.enter_brands(cast)
            accept_filings(cast)
    with _part(tell, "禄劝：149 人阜康异地培训"):
        luquan.tell(cast)
        luquan.report_outcomes(cast)
    return cast


def _register(cast: Cast) -> None:
    load_reference(Console())
    cast.enter_administrator()
    for county in COUNTIES:
        cast.enter_bodies(county.bodies, FOUNDED)
    cast.enter_bodies(ASSESSMENT_BODIES, FOUNDED)
    for seed, county in enumerate(COUNTIES, start=81):
        cast.enter_posts(county.posts, Crowd(county.region, seed))
    cast.enter_posts(ASSESSMENT_POSTS, Crowd("530102", 91))


@contextmanager
def _part(tell: Callable[[str], None], title: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    tell(f"{title}（{time.monotonic() - begun:.1f} 秒）")
