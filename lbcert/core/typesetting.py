"""What every PDF of ours rests on: WeasyPrint, given small fonts and nothing from elsewhere."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from lbcert.core.fonts import SmallFont, small_fonts

_SCHEME = "given:"


def typeset(page: str, style: str, files: Mapping[str, bytes]) -> bytes:
    """Make a PDF of one page of HTML, a stylesheet, and the files that the page names."""
    fonts = FontConfiguration()
    sheet = stylesheet(style, fonts_of((style, page)), fonts)
    return pdf_of(HTML(string=page, url_fetcher=Given(files)).write_pdf(stylesheets=[sheet], font_config=fonts))


def fonts_of(texts: Iterable[str]) -> dict[tuple[str, int], SmallFont]:
    """Give the fonts of ``fonts.PRINTED``, cut down to the characters of ``texts``."""
    return small_fonts("".join({*string.printable, *"".join(texts)}))


def stylesheet(style: str, small: Mapping[tuple[str, int], SmallFont], fonts: FontConfiguration) -> CSS:
    """Parse a stylesheet that knows small fonts by their names."""
    files, rules = {}, []
    for number, ((family, weight), font) in enumerate(small.items()):
        files[f"font-{number}"] = font.data
        rules.append(f'@font-face {{font-family: "{family}"; font-weight: {weight}; src: url({_SCHEME}font-{number})}}')
    return CSS(string="\n".join([*rules, style]), url_fetcher=Given(files), font_config=fonts)


def pdf_of(written: Any) -> bytes:
    """Give WeasyPrint's output its type."""
    pdf: bytes = written
    return pdf


class Given(URLFetcher):
    """Gives a template what was given to it, and stops at every other address: no file, no network."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(fail_on_errors=True)
        self.files = files

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002 - WeasyPrint's signature
        """Give a file by its ``given:`` address."""
        name = url.removeprefix(_SCHEME)
        if not url.startswith(_SCHEME) or name not in self.files:
            raise PermissionError(f"a paper may load nothing but what it is given: {url}")
        return URLFetcherResponse(url, self.files[name])
