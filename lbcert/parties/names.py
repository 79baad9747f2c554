"""Names in pinyin, for sorting and search; surnames are read as surnames."""

from __future__ import annotations

from functools import cache

#: Surnames that a dictionary reads as the common word; the long ones first.
_SURNAMES = {
    "万俟": "mo qi", "尉迟": "yu chi", "长孙": "zhang sun", "单于": "chan yu", "澹台": "tan tai",
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "任": "ren", "华": "hua",
    "朴": "piao", "盖": "ge", "尹": "yin", "乐": "yue", "缪": "miao", "宓": "fu", "召": "shao", "繁": "po",
    "翟": "zhai", "黑": "he", "折": "she", "种": "chong", "冼": "xian", "员": "yun", "秘": "bi", "燕": "yan",
    "哈": "ha", "覃": "qin", "牟": "mu", "郇": "xun", "逄": "pang", "佴": "nai", "祭": "zhai", "咎": "jiu",
}  # fmt: skip


def pinyin(name: str) -> str:
    """Write a name in letters: 曾小单 → "zeng xiao dan". A character without a reading stays itself."""
    name = name.replace("·", "")
    surname = next((each for each in _SURNAMES if name.startswith(each)), "")
    read = [_SURNAMES[surname]] if surname else []
    return " ".join([*read, *(_reading(character) for character in name[len(surname) :])])[:200]


@cache
def _reading(character: str) -> str:
    """Read one character; asked ten thousand times by a roster, whose names share their characters."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 (its dictionary takes a fifth of a second to load)

    reading: str = lazy_pinyin(character)[0]
    return reading
