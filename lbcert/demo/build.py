"""Builds the demo in an empty database, as the people of the five places would have filled it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from flask import current_app

from lbcert.core import clock
from lbcert.core.access import Console
from lbcert.core.shipped import load_reference
from lbcert.core.words import Message, say
from lbcert.demo import catalogue, certificates, luquan, ninglang, others
from lbcert.demo.cast import Cast, at
from lbcert.demo.counties import ASSESSMENT_BODIES, ASSESSMENT_POSTS, COUNTIES
from lbcert.demo.filings import accept_filings, register_cards
from lbcert.demo.people import Crowd
from lbcert.demo.rubrics import write_rubrics
from lbcert.plugins import plugins

#: When the installation was set up, and since when its bodies exist.
SET_UP, FOUNDED = date(2025, 6, 2), date(2020, 1, 1)

_OTHERS = {
    say("通辽：十个品牌，待审定的认定和今天开班的月嫂班"): others.tell_tongliao,
    say("岑巩：待发的证书和待批的 96 人备案"): others.tell_cengong,
    say("镇雄：评到一半的工地夜校认定"): others.tell_zhenxiong,
}


def build(tell: Callable[[Any], None]) -> Cast:
    """Fill an empty database; ``tell`` hears of each part as it is done, with its seconds."""
    cast = set_the_stage(tell)
    with _part(tell, say("禄劝：149 人阜康异地培训")):
        luquan.tell(cast)
    with _part(tell, say("禄劝：149 份培训合格证书，130 份技能等级证书，在岗提升")):
        luquan.certify(cast)
        luquan.report_outcomes(cast)
    today = clock.today()
    with _part(tell, say("宁蒗：协议、订单、一期学员和三段式示范班")):
        ninglang.tell(cast, today)
    for title, story in _OTHERS.items():
        with _part(tell, title):
            story(cast, today)
    luquan.look_after(cast, today)
    with _part(tell, say("插件的演示")):
        plugins().manager.hook.lbcert_demo(cast=cast, today=today)
    certificates.publish_keys()
    return cast


def set_the_stage(tell: Callable[[Any], None]) -> Cast:
    """Enter what is there before the first order: bodies, accounts, rules, items, brands, filings, the signing key."""
    cast = Cast()
    _hash_lightly()
    with at(SET_UP):
        with _part(tell, say("地区、机构和账号")):
            _register(cast)
        with _part(tell, say("政策、职业、项目、菜单和品牌")):
            catalogue.set_rules(cast)
            catalogue.enter_trades(cast)
            catalogue.enter_items(cast)
            catalogue.enter_brands(cast)
            accept_filings(cast)
            register_cards(cast)
            write_rubrics(cast)
            certificates.make_ready(cast)
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


def _hash_lightly() -> None:
    """Hash the demo's one printed password with little work: 79 accounts would take eight seconds otherwise.

    An account's hash is made anew, with all the work of the defaults, at its first sign-in.
    """
    current_app.extensions["security"].pwd_context.update(argon2__time_cost=1, argon2__memory_cost=1024)


@contextmanager
def _part(tell: Callable[[Any], None], title: Message) -> Iterator[None]:
    begun = time.monotonic()
    yield
    tell(say("{title}（{seconds} 秒）", title=title, seconds=f"{time.monotonic() - begun:.1f}"))
