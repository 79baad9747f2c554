"""Signed papers that the demo needs: one page each, which says that it is a demonstration."""

from __future__ import annotations

from functools import cache

_PAGE = """<html lang="zh-CN"><style>@page {{ size: A5; margin: 20mm }} body {{ font-family: "Noto Sans CJK SC", sans-serif }}
p {{ line-height: 1.8 }}</style><h1>{title}</h1><p>演示文件：内容、签名和印章均为虚构，不具效力。</p></html>"""


@cache
def signed_paper(title: str) -> bytes:
    """Give a signed paper of that title as a PDF."""
    import weasyprint  # noqa: PLC0415 (WeasyPrint takes half a second to load, and most processes print nothing)

    pdf: bytes = weasyprint.HTML(string=_PAGE.format(title=title)).write_pdf()
    return pdf
