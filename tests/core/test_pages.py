"""Lists that cannot be abused: paging, orders, searches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column as SQLColumn
from sqlalchemy import Integer, MetaData, String, Table, create_engine, insert, select
from sqlalchemy.orm import Session

from lbcert.core.pages import Column, Paging, paginate

people = Table("people", MetaData(), SQLColumn("id", Integer, primary_key=True), SQLColumn("name", String))
SORTS = {"name": people.c.name, "id": people.c.id}


@pytest.fixture
def session():
    engine = create_engine("sqlite://")
    people.create(engine)
    with engine.begin() as connection:
        connection.execute(insert(people), [{"id": n, "name": None if n == 7 else f"n{n % 10}"} for n in range(1, 46)])
    with Session(engine) as session:
        yield session
    engine.dispose()


def page(session, **arguments):
    return paginate(session, select(people), Paging.of(arguments, SORTS, "id"), SORTS, people.c.id)


@pytest.mark.parametrize(
    ("asked", "rows"),
    [("1000000", 100), ("0", 1), ("-5", 20), ("abc", 20), ("9" * 5000, 100), ("５０", 20), ("50", 50), ("", 20)],
)
def test_a_page_size_is_brought_within_bounds(asked, rows):
    assert Paging.of({"per_page": asked}).per_page == rows


@given(st.dictionaries(st.sampled_from(["page", "per_page", "q", "sort", "status", "x"]), st.text()))
def test_no_query_string_is_out_of_bounds(arguments):
    paging = Paging.of(arguments, SORTS, "-name", ("status",))
    assert 1 <= paging.page <= 1_000_000
    assert 1 <= paging.per_page <= 100
    assert len(paging.search) <= 100
    assert "\0" not in paging.search
    assert paging.sort in SORTS
    assert set(paging.filters) <= {"status"}


def test_a_page_beyond_the_end_is_the_last(session):
    found = page(session, page="999999999")
    assert [row.id for row in found.rows] == [41, 42, 43, 44, 45]
    assert (found.paging.page, found.paging.pages, found.paging.first, found.paging.last) == (3, 3, 41, 45)


def test_an_empty_list_has_one_page_and_no_rows(session):
    found = paginate(session, select(people).where(people.c.id < 0), Paging(), SORTS, people.c.id)
    assert (found.rows, found.paging.pages, found.paging.first, found.paging.last) == ([], 1, 0, 0)


def test_every_row_is_on_exactly_one_page_in_any_order(session):
    for order in ("name", "-name", "id", "-id"):
        seen = [row.id for number in "123" for row in page(session, page=number, sort=order).rows]
        assert sorted(seen) == list(range(1, 46)), order


@pytest.mark.parametrize("order", ["name", "-name"])
def test_what_has_no_value_comes_last(session, order):
    assert page(session, page="3", sort=order).rows[-1].id == 7


def test_an_order_that_nobody_knows_is_the_usual_one(session):
    assert [row.id for row in page(session, sort="password; DROP TABLE people").rows][:3] == [1, 2, 3]


def test_an_address_keeps_the_search_and_changes_what_is_asked():
    paging = Paging.of(
        {"q": "李 明", "status": "done", "sort": "-name", "page": "3"}, SORTS, "id", ("status",), "/people"
    )
    assert paging.url(page=4) == "/people?q=%E6%9D%8E+%E6%98%8E&status=done&sort=-name&page=4"
    assert paging.sort_url("name") == "/people?q=%E6%9D%8E+%E6%98%8E&status=done&sort=name"
    assert paging.sort_url("id").endswith("sort=id")
    assert Paging.of({"sort": "name"}, SORTS, path="/people").sort_url("name") == "/people?sort=-name"


@pytest.mark.parametrize(
    ("number", "total", "around"),
    [(1, 5, [1]), (1, 100, [1, 2, None, 5]), (3, 100, [1, 2, 3, 4, 5]), (5, 200, [1, None, 4, 5, 6, None, 10])],
)
def test_links_lead_to_the_ends_and_the_neighbours(number, total, around):
    assert list(Paging(page=number, total=total).around) == around


def test_a_column_reads_attributes_entries_and_functions():
    assert Column("name", "姓名").of({"name": "李明"}) == "李明"
    assert Column("age", "年龄", value=lambda row: row["born"] + 1).of({"born": 1}) == 2
