"""What the frame does for each page, seen in the gallery's application."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from io import BytesIO
from json import dumps, loads

import pytest
from openpyxl import load_workbook

from lbcert.core.findings import from_kept, kept, refuse
from lbcert.core.pages import in_words
from lbcert.core.words import say, some
from lbcert.web.frame import local_date, local_time, money
from tests.web.gallery import gallery_app


@pytest.fixture(scope="module")
def gallery():
    return gallery_app()


@pytest.fixture
def client(gallery):
    return gallery.test_client()


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(114286, "¥1,142.86"), (0, "¥0.00"), (-5, "-¥0.05"), (42000000, "¥420,000.00"), (None, "")],
)
def test_money_is_shown_to_the_fen(fen, shown):
    assert money(fen) == shown


def test_times_are_shown_as_in_shanghai(gallery):
    late = datetime(2025, 7, 24, 17, 30, tzinfo=UTC)
    with gallery.test_request_context():
        assert (local_time(late), local_date(late), local_date(date(2025, 8, 7))) == (
            "2025-07-25 01:30",
            "2025年7月25日",
            "2025年8月7日",
        )
    with gallery.test_request_context(headers={"Accept-Language": "en"}):
        assert (local_time(late), local_date(date(2025, 8, 7))) == ("25 Jul 2025, 01:30", "7 Aug 2025")


def test_a_message_within_a_message_is_shown_in_words(gallery):
    with gallery.test_request_context():
        assert in_words(say("{who} 已经{what}", who="李明", what=say("报名"))) == "李明 已经报名"
        assert (in_words("平"), in_words(None)) == ("平", "")


def test_a_list_in_a_message_is_put_together_as_the_language_does(gallery):
    row = say("第 {row} 行{name}", row=3, name="李明")
    finding = refuse("sample", say("{whom}：所选的 {count} 个模块不在这一版菜单里", whom=(row, "王芳"), count=2))
    assert str(finding.message) == "第 3 行李明、王芳：所选的 2 个模块不在这一版菜单里"
    with gallery.test_request_context(headers={"Accept-Language": "en"}):
        assert in_words(finding.message).startswith("Row 3 李明, 王芳: modules chosen")
        assert in_words(some(("甲", "乙", "丙"), 2)) == "甲, 乙 and others (3 in all)"
    assert from_kept(loads(dumps(kept(finding)))) == finding


@pytest.mark.parametrize(
    ("asked", "language"),
    [("", "zh-Hans-CN"), ("fr,de", "zh-Hans-CN"), ("en-GB,en", "en"), ("zh-CN,en;q=0.8", "zh-Hans-CN"), ("x" * 9000, "zh-Hans-CN")],
)  # fmt: skip
def test_the_language_is_chinese_unless_english_is_asked_for(client, asked, language):
    assert f'<html lang="{language}">' in client.get("/plain", headers={"Accept-Language": asked}).text


def test_a_language_once_chosen_stays(client):
    answer = client.post("/language", data={"language": "en", "next": "/plain?page=2"})
    assert answer.headers["Location"] == "/plain?page=2"
    page = client.get("/plain").text
    assert '<html lang="en">' in page
    assert "Skip to the content" in page


def test_an_unknown_language_changes_nothing(client):
    client.post("/language", data={"language": "../../etc"})
    assert '<html lang="zh-Hans-CN">' in client.get("/plain").text


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "/\r\nSet-Cookie: a", ""]
)
def test_the_language_switch_leads_nowhere_else(client, path):
    assert client.post("/language", data={"language": "en", "next": path}).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("400", 400, "这个请求读不懂"),
        ("forbidden", 403, "您没有权限做这件事"),
        ("missing", 404, "没有找到这个页面"),
        ("409", 409, "这份内容刚刚被别人改过"),
        ("stale", 409, "这份内容刚刚被别人改过"),
        ("413", 413, "文件太大"),
        ("refused", 422, "这一步没有办成"),
        ("429", 429, "操作太频繁"),
        ("bug", 500, "系统出了问题"),
    ],
)
def test_each_failure_says_what_happened_and_shows_a_way_out(client, kind, status, said):
    answer = client.get(f"/fail/{kind}")
    assert answer.status_code == status
    assert said in answer.text
    assert 'href="/"' in answer.text


def test_a_bug_tells_nothing_of_the_code(client):
    assert "RuntimeError" not in client.get("/fail/bug").text


def test_a_refusal_shows_every_finding_with_its_source(client):
    page = client.get("/fail/refused").text
    for words in (
        "第 17 行 古丽米热·艾比布力",
        "GB 11643-1999",
        "本班 96 人，超过 50 人",
        "吉克阿依 59 周岁",
        "系统设置",
    ):
        assert words in page


def test_a_program_is_told_its_failures_as_json(client):
    answer = client.get("/api/fail/refused")
    assert answer.status_code == 422
    assert [finding["rule"] for finding in answer.json["findings"]] == [
        "cohorts.note",
        "cohorts.age",
        "cohorts.size",
        "identity.check_digit",
    ]


def test_the_way_out_is_the_page_before_and_never_another_site(client):
    assert (
        'href="http://localhost/plain"' in client.get("/fail/400", headers={"Referer": "http://localhost/plain"}).text
    )
    assert "evil" not in client.get("/fail/400", headers={"Referer": "http://localhost.evil.example/"}).text


def test_a_post_without_its_token_is_refused_kindly(client):
    answer = client.post("/gallery", data={"name": "x"})
    assert answer.status_code == 400
    assert "页面打开得太久" in answer.text


@pytest.mark.parametrize("path", ["/gallery", "/plain", "/nowhere", "/static/frame.css"])
def test_every_answer_keeps_strangers_out(client, path):
    with client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_static_file_is_kept_until_it_changes(client):
    address = re.search(r"/static/frame\.css\?v=\w+", client.get("/plain").text)[0]
    with client.get(address) as kept, client.get("/static/frame.css") as asked_again:
        assert "immutable" in kept.headers["Cache-Control"]
        assert "immutable" not in asked_again.headers["Cache-Control"]


def test_an_open_page_sets_no_cookie(client):
    assert "Set-Cookie" not in client.get("/plain").headers


def test_what_was_typed_is_escaped(client):
    page = client.get("/gallery?q=<script>alert(1)</script>").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_pages_have_nothing_inline_and_nothing_from_elsewhere(client):
    page = client.get("/gallery").text
    assert not re.findall(
        r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=\"/static/)|(?:src|href)=\"(?:https?:)?//", page
    )


def test_a_list_is_exported_as_a_workbook_under_the_columns_of_its_page(client):
    with client.get("/gallery?format=xlsx") as answer:
        assert "filename*=UTF-8''%E5%AD%A6%E5%91%98%E5%90%8D%E5%86%8C.xlsx" in answer.headers["Content-Disposition"]
        rows = list(load_workbook(BytesIO(answer.data)).active.values)
    assert rows[0] == ("姓名", "身份证号", "培训班", "课时", "补贴", "报名日期", "状态")
    assert rows[4] == (
        "李明",
        "530128********0012",
        "2025年电工（五级）第3期",
        96,
        1234567.89,
        datetime(2025, 7, 24, 1, 5),  # noqa: DTZ001  a workbook knows no time zones
        "学习中",
    )


def test_a_list_is_exported_as_csv(client):
    with client.get("/gallery?format=csv") as answer:
        assert answer.data.decode("utf-8-sig").splitlines()[1].endswith("96,1142.86,2025-07-24 01:05,已结业")


def test_a_format_that_nobody_knows_shows_the_page(client):
    assert "<html" in client.get("/gallery?format=exe").text
