"""What certificates are set in."""

from __future__ import annotations

from collections.abc import Iterator

from lbcert.cli.doctor.parts import Part, missing, ok
from lbcert.core.fonts import PACKAGE, missing_faces, missing_glyphs
from lbcert.core.words import say

#: In names of the rosters that the product was made for; each must print.
RARE = "䮌䶮㛃𠮷𬭎㴴"


def fonts() -> Iterator[Part]:
    """Find the fonts of the certificates, and the rare characters in them."""
    faces = missing_faces()
    if faces:
        yield missing(say("中文字体"), say("缺少 {faces}", faces=tuple(faces)), f"apt-get install {PACKAGE}")
        return
    yield ok(say("中文字体"), say("宋体、黑体齐全"))
    glyphs = missing_glyphs(RARE)
    if glyphs:
        yield missing(
            say("生僻字"),
            say("没有字形：{glyphs}", glyphs=tuple(glyphs)),
            say("安装收录这些字的字体，例如 fonts-noto-cjk 的完整版本"),
        )
    else:
        yield ok(say("生僻字"), say("{characters} 都能打印", characters=RARE))
