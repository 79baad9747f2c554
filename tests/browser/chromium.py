"""What the browser tests ask of each page, whatever it shows."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = Path(__file__).parent / "pictures"
EXECUTABLE = shutil.which("chromium") or "/usr/bin/chromium"
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
    """Run axe-core over the page as it stands, and name each fault with the element that has it."""
    page.evaluate(AXE.read_text(encoding="utf-8"))  # through the debugger, which the page's CSP does not bind
    faults = page.evaluate("async () => (await axe.run(document)).violations")
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


def picture(page: Page, name: str) -> Path:
    """Keep a picture of the whole page in tests/browser/pictures/ for people to look at."""
    PICTURES.mkdir(exist_ok=True)
    file = PICTURES / f"{name}-{page.viewport_size['width']}.png"
    page.screenshot(path=file, full_page=True)
    return file
