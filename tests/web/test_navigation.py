"""The menu shows what the pages' own gates let through, and where one is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from flask_babel import Babel

from lbcert.core.access import PUBLIC, SIGNED_IN, Role, Visitor, holds
from lbcert.core.room import Room
from lbcert.web.navigation import Entry, Group, mark_active, menu


@pytest.fixture
def app():
    app = Flask("rooms")
    Babel(app)
    exams, demand, stars = Room("exams", "x"), Room("demand", "x"), Room("star_rating", "x")
    exams.page("/exams", see=holds(Role.EXAMINER), menu=("考试", "pencil"), endpoint="index")(lambda: "")
    demand.page("/orders", see=SIGNED_IN, menu=("订单", "clipboard-list"), endpoint="index")(lambda: "")
    demand.page("/orders/new", see=SIGNED_IN, endpoint="new")(lambda: "")
    stars.page("/stars", see=PUBLIC, menu=("星级", "stars"), endpoint="index")(lambda: "")
    for room in (exams, demand, stars):
        app.register_blueprint(room)
    return app


def shown(app, actor):
    with app.test_request_context("/orders/new"):
        return [(str(group.label), [entry.label for entry in group.entries]) for group in menu(app, actor)]


def account(*roles):
    return SimpleNamespace(id=1, label="", person_id=None, grants=[SimpleNamespace(role=role) for role in roles])


def test_it_has_what_the_account_may_open_in_the_order_of_the_work(app):
    assert shown(app, account(Role.EXAMINER)) == [("用工需求", ["订单"]), ("考核与证书", ["考试"]), ("扩展", ["星级"])]


def test_what_a_gate_keeps_shut_is_not_shown(app):
    assert shown(app, account(Role.EMPLOYER)) == [("用工需求", ["订单"]), ("扩展", ["星级"])]


def test_a_visitor_has_none(app):
    assert shown(app, Visitor()) == []


@pytest.mark.parametrize(
    ("path", "active"),
    [
        ("/", "/"),
        ("/cohorts", "/cohorts"),
        ("/cohorts/7", "/cohorts"),
        ("/cohorts/new", "/cohorts/new"),
        ("/cohort", ""),
    ],
)
def test_the_line_that_one_is_under_is_marked(path, active):
    groups = [Group("", tuple(Entry("", "", url) for url in ("/", "/cohorts", "/cohorts/new")))]
    (marked,) = mark_active(groups, path)
    assert [entry.url for entry in marked.entries if entry.active] == [active] * bool(active)
