"""A person's name as on the ID card: Han characters of every Unicode block, and ``·`` between the parts of a name.

Rare characters (䮌, 𠮷, 𬭎) and names such as 阿依古丽·吐尔逊 are ordinary names of the places this program serves.
"""

from __future__ import annotations

import re
import unicodedata

from lbcert.core.findings import Finding, refuse
from lbcert.core.identity import tidying
from lbcert.core.words import Message, say

SHORTEST, LONGEST = 2, 30
DOT = "·"

#: 〇 and 々, Extension A, the first block, the compatibility ideographs; planes 2 and 3 hold ideographs alone
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fffd\U00030000-\U0003fffd"
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_STRANGE = re.compile(f"[^{_HAN}{DOT}]")
_MISPLACED_DOT = re.compile(f"^{DOT}|{DOT}$|{DOT}{DOT}")
_DOTS = re.compile("[.\u0387\u2022\u2027\u2219\u22c5\u25cf\u25e6\u30fb\ufe52\uff0e\uff65\u16eb\ua78f]")
#: radicals that stand for a character when text is copied out of some PDFs: ⼩ is not 小
_RADICALS = re.compile("[\u2e80-\u2fdf]")


def _with_middle_dot(text: str) -> str:
    return _DOTS.sub(DOT, text)


def _without_radicals(text: str) -> str:
    return _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


_STEPS: tuple[tidying.Step, ...] = (
    tidying.WITHOUT_BLANKS,
    (say("已将姓名中的间隔号改为「·」"), _with_middle_dot),
    (say("已将部首字符改为汉字"), _without_radicals),
)


def tidy_person_name(text: str) -> tidying.Tidied:
    """Take away blanks (张 三), and write every look-alike of the middle dot as ``·``."""
    return tidying.tidied(text, _STEPS)


def check_person_name(name: str) -> Finding | None:
    """Say why a tidied ``name`` cannot stand on an ID card, or nothing.

    The finding's rule is ``person_name.`` and one of *empty, length, private_use, characters, dot*.
    """
    if not name:
        return _refused("empty", say("缺少姓名。"))
    if not SHORTEST <= len(name) <= LONGEST:
        message = say(
            "姓名「{name}」应为 {shortest} 至 {longest} 个字，现为 {length} 个字。",
            name=name[:LONGEST],
            shortest=SHORTEST,
            longest=LONGEST,
            length=len(name),
        )
        return _refused("length", message)
    invented = _PRIVATE_USE.search(name)
    if invented:
        message = say(
            "姓名「{name}」中有旧系统的自造字（{code}），别处无法显示，请按身份证用输入法重新输入。",
            name=name,
            code=f"U+{ord(invented[0]):04X}",
        )
        return _refused("private_use", message)
    strange = "".join(dict.fromkeys(_STRANGE.findall(name)))
    if strange:
        message = say(
            "姓名「{name}」中的「{strange}」不是汉字；姓名只用汉字和间隔号「·」，请按身份证填写。",
            name=name,
            strange=strange,
        )
        return _refused("characters", message)
    if _MISPLACED_DOT.search(name):
        return _refused("dot", say("姓名「{name}」的间隔号「·」只能单个出现在两个字之间。", name=name))
    return None


def _refused(reason: str, message: Message) -> Finding:
    return refuse(f"person_name.{reason}", message)
