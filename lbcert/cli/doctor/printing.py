"""What certificates are set in."""

from __future__ import annotations

from collections.abc import Iterator

from lbcert.cli.doctor.parts import Part, missing, ok
from lbcert.core.fonts import PACKAGE, missing_faces, missing_glyphs

#: In names of the rosters that the product was made for; each must print.
RARE = "䮌䶮㛃𠮷𬭎㴴"


def fonts() -> Iterator[Part]:
    """Find the fonts of the certificates, and the rare characters in them."""
    faces = missing_faces()
    if faces:
        yield missing("中文字体", f"缺少 {'、'.join(faces)}", f"apt-get install {PACKAGE}")
        return
    yield ok("中文字体", "宋体、黑体齐全")
    glyphs = missing_glyphs(RARE)
    if glyphs:
        yield missing(
            "生僻字", f"没有字形：{'、'.join(glyphs)}", "安装收录这些字的字体，例如 fonts-noto-cjk 的完整版本"
        )
    else:
        yield ok("生僻字", f"{RARE} 都能打印")
