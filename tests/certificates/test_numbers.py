"""Numbers of certificates: put together, taken apart, and every slip named."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcert.certificates.numbers import (
    Scheme,
    SkillNumber,
    build_skill_number,
    check_issued,
    check_own_number,
    check_prefix,
    check_skill_number,
    parse_skill_number,
    scheme,
    with_check,
)
from lbcert.core.findings import Refused
from lbcert.core.reference import SkillLevel

GOOD = "S000053000123255000001"
PREFIX = GOOD[:13]
ISSUED = date(2025, 8, 20)


def test_a_number_is_put_together_from_prefix_year_level_and_serial() -> None:
    assert build_skill_number(PREFIX, ISSUED, SkillLevel.FIVE, 1) == GOOD


def test_a_number_is_taken_apart() -> None:
    number = parse_skill_number(GOOD)
    assert number == SkillNumber(PREFIX, 25, SkillLevel.FIVE, 1)
    assert (number.province, number.is_employers) == ("53", False)
    assert str(number) == GOOD


@given(
    st.sampled_from(["Y000123", "S000053"]),
    st.integers(0, 999_999),
    st.dates(),
    st.sampled_from(list(SkillLevel)),
    st.integers(1, 999_999),
)
def test_what_is_built_can_be_taken_apart(head: str, site: int, issued: date, level: SkillLevel, serial: int) -> None:
    text = build_skill_number(f"{head}{site:06}", issued, level, serial)
    number = parse_skill_number(text)
    assert str(number) == text
    assert (number.level, number.serial) == (level, serial)
    assert check_issued(number, {number.prefix}, issued, level) == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", {"number.length"}),
        (GOOD[:-1], {"number.length"}),
        ("X" + GOOD[1:], {"number.kind"}),
        ("SA" + GOOD[2:], {"number.prefix_digits"}),
        (GOOD[:5] + "99" + GOOD[7:], {"number.province"}),
        (GOOD[:13] + "2A" + GOOD[15:], {"number.year"}),
        (GOOD[:15] + "6" + GOOD[16:], {"number.level"}),
        (GOOD[:16] + "000000", {"number.serial"}),
        (GOOD[:16] + "00000１", {"number.serial"}),
        ("s" + GOOD[1:5] + "99" + GOOD[7:15] + "0" + "00000A", {"number.kind", "number.province", "number.level", "number.serial"}),
    ],
)  # fmt: skip
def test_all_that_is_wrong_in_a_number_is_named_at_once(text: str, rules: set[str]) -> None:
    assert {finding.rule for finding in check_skill_number(text)} == rules
    with pytest.raises(Refused):
        parse_skill_number(text)


def test_a_prefix_is_never_made_up_or_mended() -> None:
    assert check_prefix(PREFIX) == []
    assert [finding.rule for finding in check_prefix(PREFIX + "2")] == ["number.prefix_length"]
    with pytest.raises(Refused) as refused:
        build_skill_number("Z000053000123", ISSUED, SkillLevel.FIVE, 1_000_000)
    assert {finding.rule for finding in refused.value.findings} == {"number.kind", "number.serial_used_up"}


def test_a_well_formed_number_is_held_against_the_register() -> None:
    number = parse_skill_number(GOOD)
    found = check_issued(number, {"S000053000124"}, date(2026, 1, 2), SkillLevel.FOUR)
    assert [finding.rule for finding in found] == ["number.foreign_prefix", "number.other_year", "number.other_level"]
    assert "四级/中级工" in str(found[2].message)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, Scheme.SKILL_LEVEL),
        (GOOD[:15] + "T" + GOOD[16:], Scheme.CHIEF),
        ("RGN53012800119500017", Scheme.PILOT),
        ("1453010000501234", Scheme.QUALIFICATION),
        ("PX-1", None),
        (GOOD + "1", None),
    ],
)
def test_the_scheme_of_a_number_issued_elsewhere_is_recognised(text: str, expected: Scheme | None) -> None:
    assert scheme(text) == expected


own = st.from_regex(r"[0-9A-Z]{1,8}(-[0-9A-Z]{1,8}){0,5}", fullmatch=True)


@given(own)
def test_an_own_number_passes_its_check(body: str) -> None:
    assert check_own_number(with_check(body)) == []


@given(own, st.data())
def test_a_wrong_character_in_an_own_number_is_noticed(body: str, data: st.DataObject) -> None:
    number = with_check(body)
    at = data.draw(st.sampled_from([i for i, character in enumerate(number) if character != "-"]))
    other = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ").filter(lambda c: c != number[at]))
    assert [f.rule for f in check_own_number(number[:at] + other + number[at + 1 :])] == ["number.own"]


@given(own.filter(lambda body: len(body) > 1 and body[0] != body[1] and "-" not in body[:2]))
def test_two_neighbours_that_changed_places_are_noticed(body: str) -> None:
    assert check_own_number(with_check(body)[1::-1] + with_check(body)[2:]) != []


def test_the_check_character_is_that_of_iso_7064() -> None:
    # the example of the Global Release Identifier standard: A1-2425G-ABC1234002-M
    assert with_check("A1-2425G-ABC1234002") == "A1-2425G-ABC1234002-M"


@pytest.mark.parametrize("text", ["", "-", "PX", "px-1-2", "PX--1-K", "证-1-2", "PX-1-", "PX-1- "])
def test_what_is_no_own_number_is_refused(text: str) -> None:
    assert [finding.rule for finding in check_own_number(text)] == ["number.own"]


def test_an_own_number_is_made_of_capitals_and_digits() -> None:
    with pytest.raises(ValueError, match="upper-case"):
        with_check("PX-第3期")
