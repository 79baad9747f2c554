"""A real Chromium, and the pages served to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from lbcert.parties.models import Account
from lbcert.testing.fixtures import browser_of
from tests.browser.chromium import ARGUMENTS, EXECUTABLE

#: milliseconds that a page may take; a crowded machine is slow, and not wrong
PATIENCE = 120_000


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve an application on a port, a free one unless given, and give its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file: while it is there, its event loop is the process's running one."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=EXECUTABLE, headless=True, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page_at(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give pages of a width, each in a context of its own, that fail the test on an error in the console."""
    contexts, errors = [], []

    def open_page(width: int = 1280, language: str = "zh-CN", javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800 if width > 600 else 780},
            locale=language,
            java_script_enabled=javascript,
            reduced_motion="reduce",  # what slides would be seen half way
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if _is_fault(line) else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, "the browser's console has errors:\n" + "\n".join(errors)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Give the address at which the application is served, its forms guarded as they are for everybody."""
    app.config["WTF_CSRF_ENABLED"] = True
    with serving(app) as address:
        yield address


@pytest.fixture
def come_in(app: Flask, address: str) -> Callable[[Page, Account], None]:
    """Give a way to sign an account in on a page, whoever was there before."""

    def sign_in(page: Page, account: Account) -> None:
        cookie = browser_of(app, account).get_cookie("session")
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])

    return sign_in


@pytest.fixture
def page_as(page_at: Callable[..., Page], come_in: Callable[[Page, Account], None]) -> Callable[[Account, int], Page]:
    """Give the page of somebody who is signed in."""

    def open_page(account: Account, width: int) -> Page:
        page = page_at(width)
        come_in(page, account)
        return page

    return open_page


def _is_fault(line) -> bool:
    """Leave out the browser's own remark on an answer of 400 and more: a test looks at the page itself."""
    return line.type == "error" and not line.text.startswith("Failed to load resource")
