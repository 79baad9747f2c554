from __future__ import annotations

import pytest

from lbcert.core.findings import Level
from lbcert.core.identity.masks import mask_name
from lbcert.core.identity.person_name import check_person_name, tidy_person_name


def reason(name: str) -> str | None:
    finding = check_person_name(name)
    assert finding is None or finding.level is Level.REFUSE
    return finding.rule if finding else None


@pytest.mark.parametrize(
    "name",
    [
        "吴军",
        "沙马拉毕",
        "古丽米热·艾比布力",
        "葛曾䮌",  # Extension A
        "刘䶮",
        "王㛃",
        "李㴴",
        "赵𠮷",  # Extension B
        "陈𬭎",  # Extension E
        "张\U0003134a",  # Extension G
        "张\U000323af",  # Extension H
        "张\U0002ebf0",  # Extension I
        "丁〇一",
        "字" * 30,
    ],
)
def test_names_on_id_cards_are_taken(name: str) -> None:
    assert reason(name) is None
    assert tidy_person_name(name).text == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "empty"),
        ("王", "length"),
        ("字" * 31, "length"),
        ("字" * 10_000, "length"),
        ("John", "characters"),
        ("张3", "characters"),
        ("张三(大)", "characters"),
        ("=张三", "characters"),
        ("张\u0301三", "characters"),
        ("刘\ue863", "private_use"),
        ("·吐尔逊", "dot"),
        ("阿依古丽·", "dot"),
        ("阿依··古丽", "dot"),
    ],
)
def test_each_refusal_has_its_reason(name: str, expected: str) -> None:
    assert reason(name) == f"person_name.{expected}"


def test_the_message_names_the_strange_characters_once_each() -> None:
    finding = check_person_name("张A三AB")
    assert finding is not None
    assert "「AB」" in str(finding.message)


def test_the_message_about_a_name_of_ten_thousand_characters_is_short() -> None:
    finding = check_person_name("字" * 10_000)
    assert finding is not None
    assert "10000 个字" in str(finding.message)
    assert len(str(finding.message)) < 100


@pytest.mark.parametrize("dot", "•．.‧･・∙⋅·﹒●")
def test_every_look_alike_of_the_middle_dot_becomes_the_one_on_the_card(dot: str) -> None:
    tidied = tidy_person_name(f"阿依古丽{dot}吐尔逊")
    assert tidied.text == "阿依古丽·吐尔逊"
    assert [str(change) for change in tidied.changes] == ["已将姓名中的间隔号改为「·」"] * (dot != "·")


@pytest.mark.parametrize("untidy", ["张 三", "张\u3000三 ", "\t张三", "张\u200b三", "张\n三"])
def test_blanks_inside_a_name_are_taken_away(untidy: str) -> None:
    assert tidy_person_name(untidy).text == "张三"


def test_radicals_out_of_a_pdf_become_characters() -> None:
    tidied = tidy_person_name("\u2f29明")
    assert tidied.text == "小明"
    assert check_person_name("\u2f29明") is not None


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("吴军", "吴*"),
        ("葛曾䮌", "葛*䮌"),
        ("沙马拉毕", "沙*毕"),
        ("古丽米热·艾比布力", "古*力"),
        ("赵𠮷", "赵*"),
        ("王", "*"),
        ("", ""),
    ],
)
def test_a_masked_name_keeps_first_and_last_whatever_the_length(name: str, masked: str) -> None:
    assert mask_name(name) == masked
