"""What the browser tests ask of each page, whatever it shows."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = Path(__file__).parent / "pictures"
#: Debian's Chromium without the windows that nobody sees here: half the processor time for the same pages
EXECUTABLE = shutil.which("chromium-headless-shell") or "/usr/bin/chromium-headless-shell"
#: the sandbox cannot start as root; the rest keeps Chromium from talking to anybody but us
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def assert_accessible(page: Page) -> None:
    """Run axe-core over the page once it is there, and name each fault with the element that has it."""
    page.wait_for_load_state()
    if page.evaluate("window.axe === undefined"):
        page.evaluate(AXE.read_text(encoding="utf-8"))  # through the debugger, which the page's CSP does not bind
    faults = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    said = [
        f"{fault['id']} ({fault['impact']}): {fault['help']}\n    {node['html'][:200]}\n    {node['failureSummary']}"
        for fault in faults
        for node in fault["nodes"]
    ]
    assert not said, f"{page.url} has {len(said)} faults:\n  " + "\n  ".join(said)


def assert_no_sideways_scroll(page: Page) -> None:
    """Fail when the page is wider than the window, and name the elements that stick out."""
    wide = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.body.querySelectorAll("*")]
                .filter((element) => element.getBoundingClientRect().right > width + 0.5)
                .map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
    assert not wide, f"{page.url} scrolls sideways:\n  " + "\n  ".join(wide[:10])


def assert_icons_drawn(page: Page) -> None:
    """Fail when a sign is asked for that the sprite does not hold; bin/assets lists those it does."""
    missing = page.evaluate(
        """async () => {
            const sprite = await (await fetch(document.querySelector("svg.icon use").href.baseVal)).text();
            return [...document.querySelectorAll("svg.icon use")]
                .map((use) => use.href.baseVal.split("#")[1])
                .filter((name) => !sprite.includes(`<symbol id="${name}"`));
        }"""
    )
    assert not missing, f"{page.url} shows signs that no ICONS line of bin/assets names: {sorted(set(missing))}"


def look_at(page: Page, name: str) -> None:
    """Keep a picture of a page, and ask of it what is asked of all: no sideways scroll, no fault of access, its signs."""
    picture(page, name)
    assert_no_sideways_scroll(page)
    assert_accessible(page)
    assert_icons_drawn(page)


def unfold(page: Page) -> None:
    """Open the buttons that a phone folds away under the next step; a desk has them all in a row."""
    page.wait_for_load_state()
    more = page.locator(".more > summary")
    if more.is_visible():
        more.click()


def pick(page: Page, label: str, text: str) -> None:
    """Type into a picker, and take the suggestion that holds what was typed."""
    page.wait_for_load_state()  # its script is there by then
    page.get_by_label(label).press_sequentially(text)
    option = page.locator(f"datalist option[value*='{text}']").first
    option.wait_for(state="attached")
    page.get_by_label(label).fill(option.get_attribute("value") or "")


def read_code(page: Page) -> str:
    """Photograph the window, as a phone does, and give what the QR in it holds."""
    page.wait_for_load_state()
    page.locator("svg[role=img]").first.wait_for()
    taken = Image.open(BytesIO(page.screenshot()))
    [found] = zxingcpp.read_barcodes(taken, formats=zxingcpp.BarcodeFormat.QRCode)
    return str(found.text)


def picture(page: Page, name: str) -> Path:
    """Keep a picture of the whole page, once it is there, in tests/browser/pictures/ for people to look at."""
    page.wait_for_load_state()
    PICTURES.mkdir(exist_ok=True)
    file = PICTURES / f"{name}-{page.viewport_size['width']}.png"
    page.screenshot(path=file, full_page=True)
    return file
