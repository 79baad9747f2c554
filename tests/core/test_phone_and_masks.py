from __future__ import annotations

import pytest

from lbcert.core.findings import Level
from lbcert.core.identity.masks import mask_bank_account, mask_id_number, mask_phone
from lbcert.core.identity.phone import check_phone, tidy_phone


@pytest.mark.parametrize("phone", ["13812341234", "19912345678", "16212345678", "17012345678", "19212345678"])
def test_mobile_numbers_of_every_network_are_taken(phone: str) -> None:
    assert check_phone(phone) is None


@pytest.mark.parametrize(
    ("phone", "rule", "level"),
    [
        ("12812341234", "phone.not_mobile", Level.WARN),
        ("1381234123", "phone.not_mobile", Level.WARN),
        ("08888812345", "phone.not_mobile", Level.WARN),
        ("+85291234567", "phone.not_mobile", Level.WARN),
        ("", "phone.empty", Level.WARN),
        ("没有", "phone.not_a_number", Level.REFUSE),
        ("1381234123x", "phone.not_a_number", Level.REFUSE),
        ("१३८१२३४१२३४", "phone.not_a_number", Level.REFUSE),
        ("123456", "phone.not_a_number", Level.REFUSE),
        ("1" * 10_000, "phone.not_a_number", Level.REFUSE),
    ],
)
def test_the_unusual_is_warned_about_and_the_impossible_refused(phone: str, rule: str, level: Level) -> None:
    finding = check_phone(phone)
    assert finding is not None
    assert (finding.rule, finding.level) == (rule, level)
    assert not phone or phone not in str(finding.message)
    assert len(str(finding.message)) < 100


@pytest.mark.parametrize(
    "untidy",
    [
        "138-1234-1234",
        "138 1234 1234",
        "+8613812341234",
        "+86 138-1234-1234",
        "8613812341234",
        "008613812341234",
        "１３８12341234",
    ],
)
def test_separators_and_the_country_code_are_put_right(untidy: str) -> None:
    tidied = tidy_phone(untidy)
    assert tidied.text == "13812341234"
    assert tidied.changes


def test_a_tidy_phone_is_left_alone() -> None:
    assert tidy_phone("13812341234").changes == ()
    assert tidy_phone("0888-8812345").text == "08888812345"


def test_masks_look_as_people_know_them() -> None:
    assert mask_id_number("530128197506150017") == "530128********0017"
    assert mask_phone("13812341234") == "138****1234"
    assert mask_bank_account("6223690558872527245") == "***************7245"


@pytest.mark.parametrize("mask", [mask_id_number, mask_phone, mask_bank_account])
def test_at_least_four_characters_or_everything_is_hidden(mask: object) -> None:
    assert callable(mask)
    for length in range(40):
        masked = mask("8" * length)
        assert masked.count("*") >= min(length, 4)
