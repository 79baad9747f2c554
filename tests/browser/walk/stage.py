"""Who walks the whole way, on which day, through which courses."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from passlib.totp import TOTP
from playwright.sync_api import Page

from lbcert.core import clock
from lbcert.core.database import load
from lbcert.demo.build import set_the_stage
from lbcert.demo.cast import PASSWORD, Cast, moment
from lbcert.demo.exam import Marks, spread
from lbcert.demo.people import DOTTED, RARE, Crowd, Figure
from lbcert.parties.models import Person
from lbcert.testing.fixtures import running
from tests.browser.chromium import assert_accessible, assert_no_sideways_scroll, look_at, picture
from tests.browser.fixtures import serving

#: Of each course: how many learn, how many of them pass, and how many stay away from the exam.
SIZES = ((80, 72, 1), (69, 58, 2))
LEARNERS, PASSING, _ABSENT = (sum(numbers) for numbers in zip(*SIZES, strict=True))
HOME, SITE = "530128", "652302"
#: Who examines each course: a body from home that travels, and a body of the host.
BODIES = (("yunnan", "云南滇中职业技能评价中心"), ("xinjiang", "昌吉天山职业技能评价中心"))
FIRST, LAST = date(2025, 7, 24), date(2025, 8, 7)
#: Pixels of a window at a desk, and of a phone.
DESK, PHONE = 1280, 360


@dataclass(eq=False)
class Course:
    """One of the two cohorts, as it is wished for, and where its pages are once it is there."""

    name: str
    item: str
    place: str
    #: 班型: when it is taught
    patterns: tuple[str, ...]
    #: how it is practised
    practice: str
    trainers: tuple[str, ...]
    #: of the windows in which everybody does what this course needs
    width: int
    people: list[Figure]
    marks: Marks
    #: how many reach 60 in both parts
    passing: int
    #: whose assessment body examines them, and under which name
    body: str
    examiners: str
    address: str = ""
    batch: str = ""
    #: its timetable as a sheet
    table: Path = Path()

    @property
    def key(self) -> int:
        """Its number, as its pages' addresses have it."""
        return int(self.address.rpartition("/")[2])


@dataclass
class Walk:
    """The people of the demo's first day, each with windows of his own, and a clock of their own."""

    app: Flask
    address: str
    open_page: Callable[..., Page]
    cast: Cast
    courses: list[Course]
    folder: Path
    width: int = DESK
    now: datetime = field(default_factory=lambda: moment(date(2025, 6, 20)))
    _pages: dict[tuple[str, int], Page] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def on(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """Let it be that time in China, for the server too."""
        self.now = moment(day, hour, minute)

    def serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer a request at the walk's own time."""
        with clock.at(self.now):
            return self._app(environ, start_response)

    def __post_init__(self) -> None:
        self._app, self.app.wsgi_app = self.app.wsgi_app, self.serve  # type: ignore[method-assign]  # as Flask advises

    def as_(self, user: str, path: str = "", width: int | None = None) -> Page:
        """Give the page of an account, signed in; ``path`` is opened when given."""
        key = (user, width or self.width)
        page = self._pages.get(key) or self._pages.setdefault(key, self._signed_in(*key))
        if path:
            page.goto(path if "://" in path else self.address + path)
        return page

    def _signed_in(self, user: str, width: int) -> Page:
        """Sign in as people do; who needs a second factor sets it up, and another window of his gets the same session."""
        page = self.visitor(width)
        for (other, _width), window in self._pages.items():
            if other == user:
                page.context.add_cookies(window.context.cookies())  # type: ignore[arg-type]  # they are what it takes
                return page
        page.goto(f"{self.address}/sign-in")
        page.get_by_label("用户名或手机号").fill(user)
        page.get_by_label("密码").fill(PASSWORD)
        self.look(page, "sign-in")
        page.get_by_role("button", name="登录").click()
        if page.url.endswith("/second-factor"):
            self.look(page, "second-factor")
            page.get_by_role("button", name="开始设置").click()
            authenticator = TOTP(key=page.locator("dd").first.inner_text(), format="base32")
            page.get_by_label("验证器上的六位数字").fill(authenticator.generate(self.now).token)
            page.get_by_role("button", name="开启").click()
        page.goto(f"{self.address}/")
        page.get_by_role("heading", level=1, name="您好").wait_for()
        self.look(page, f"home-{user.partition('-')[2].rstrip('123')}")
        return page

    def visitor(self, width: int | None = None) -> Page:
        """Give the page of somebody without an account."""
        return self.open_page(width or self.width)

    def look(self, page: Page, name: str) -> None:
        """Look at a page at both widths, the first time that the walk comes to it."""
        if name not in self._seen:
            self._seen.add(name)
            for _width in both_widths(page):
                look_at(page, f"way-{name}")

    def look_plainly(self, page: Page, name: str) -> None:
        """Look likewise at a page that stands alone, without the frame and its signs."""
        if name not in self._seen:
            self._seen.add(name)
            for _width in both_widths(page):
                picture(page, f"way-{name}")
                assert_no_sideways_scroll(page)
                assert_accessible(page)


def both_widths(page: Page) -> Iterator[int]:
    """Make a window as wide as the other kind, and then as wide as it was."""
    own = page.viewport_size
    assert own is not None
    for width in (PHONE if own["width"] == DESK else DESK, own["width"]):
        page.set_viewport_size({"width": width, "height": own["height"]})
        yield width


def upload(name: str, content: bytes) -> Any:
    """Make a file for a form."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@contextmanager
def staged(database: str, folder: Path, open_page: Callable[..., Page]) -> Iterator[Walk]:
    """Serve the demo's first day, with nothing ordered yet, and two courses to be taught.

    Its address is the one that the QR codes will bear.
    """
    port = _free_port()
    with running(database, folder / "home", PORT=str(port)) as app:
        app.config["TESTING"] = True
        cast = set_the_stage(lambda _said: None)
        with serving(app, port):
            yield Walk(app, f"http://localhost:{port}", open_page, cast, _courses(), folder)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _courses() -> list[Course]:
    """Wish for two courses: one after work and at weekends, one with theory in the evening and practice by day in the field."""
    crowd, dice = Crowd(HOME, seed=1), random.Random(149)  # noqa: S311 (fiction, no secret)
    school, field = ("luquan-trainer", "luquan-trainer2"), ("luquan-trainer3",)
    wished = (
        ("禄劝首期阜康电工班", "电工", "阜康博格达实训基地", ("夜间班", "周末班"), "线下", school, DESK),
        ("禄劝首期阜康农作物植保班", "农作物植保员", "阜康天山农业示范田", ("夜学日训班",), "田间", field, PHONE),
    )
    names = [RARE[:3] + DOTTED[:1], RARE[3:] + DOTTED[1:]]
    courses = []
    for words, special, (count, passing, absent), body in zip(wished, names, SIZES, BODIES, strict=True):
        people = crowd.people(count, named=special)
        marks = spread([one.id_number for one in people], dice, passing=passing, absent=absent)
        courses.append(Course(*words, people, marks, passing, *body))
    return courses


def person_of(walk: Walk, user: str) -> Person:
    """Give the person behind an account."""
    return load(Person, walk.cast.persons[user])
