"""Somebody who reads English meets no Chinese that the catalogue could have put into English."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from babel.messages.pofile import read_po
from sqlalchemy import select

from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.parties.models import Account, Grant
from lbcert.testing.fixtures import browser_of

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u3400-\u9fff]")
GAP = re.compile(r"%\(\w+\)s|\{\w+\}")
CODE = re.compile(r"<(script|style).*?</\1>", re.DOTALL)
#: What is read of a page: its text, and what is said for a sign, a picture or an empty field.
SAID = re.compile(r'>([^<>]+)<|(?:alt|title|placeholder|aria-label)="([^"]*)"')
#: The name of an account, though also a role's.
NAMES = {"系统管理员"}


def translated():
    """Give every Chinese string that has an English one, as a pattern; gaps stand for anything."""
    patterns = []
    for catalogue in sorted(ROOT.glob("**/translations/en/LC_MESSAGES/messages.po")):
        with catalogue.open("rb") as written:
            texts = [message.id if isinstance(message.id, str) else message.id[0] for message in read_po(written)]
        patterns += [
            ".+".join(map(re.escape, GAP.split(text.replace("%%", "%"))))
            for text in texts
            if len(CHINESE.findall(GAP.sub("", text))) > 1
        ]
    return re.compile("|".join(patterns))


def words_of(page):
    said = (unescape(text or label).strip() for text, label in SAID.findall(CODE.sub("", page.text)))
    return {text for text in said if CHINESE.search(text)} - NAMES


def test_every_page_that_an_account_is_led_to_is_wholly_in_english(demo):
    chinese, seen, found = translated(), set(), {}
    for role in Role:
        account = db.session.scalar(select(Account).join(Grant).where(Grant.role == role).order_by(Account.id).limit(1))
        browser = browser_of(demo, account)
        browser.post("/language", data={"language": "en"})
        home = browser.get("/")
        assert '<html lang="en"' in home.text
        found[role, "/"] = words_of(home)
        links = {unescape(link) for link in re.findall(r'<a [^>]*href="(/[^"#]*)"', home.text)}
        for link in sorted(links - seen):
            seen.add(link)
            page = browser.get(link)
            if page.mimetype == "text/html":
                assert page.status_code == 200, link
                found[role, link] = words_of(page)
    assert len(found) > 50
    left = {place: [text for text in texts if chinese.fullmatch(text)] for place, texts in found.items()}
    assert {place: texts for place, texts in left.items() if texts} == {}
