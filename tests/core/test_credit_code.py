from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcert.core.findings import Finding, Level
from lbcert.core.identity.credit_code import CreditCode, parse_credit_code, tidy_credit_code

GOOD = "91110000600037341L", "91350100M000100Y43"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def refused(text: str) -> Finding:
    result = parse_credit_code(text)
    assert isinstance(result, Finding)
    assert result.level is Level.REFUSE
    return result


@pytest.mark.parametrize("text", GOOD)
def test_published_codes_are_read(text: str) -> None:
    assert parse_credit_code(text) == CreditCode(text)


def test_the_organisation_code_stands_inside() -> None:
    assert CreditCode("91350100M000100Y43").organisation_code == "M000100Y4"


@pytest.mark.parametrize("letter", "IOZSV")
def test_letters_taken_for_digits_are_named(letter: str) -> None:
    finding = refused(GOOD[0][:10] + letter + GOOD[0][11:])
    assert finding.rule == "credit_code.characters"
    assert f"「{letter}」" in str(finding.message)


@pytest.mark.parametrize("text", GOOD)
def test_a_changed_last_character_is_refused_and_the_right_one_named(text: str) -> None:
    for wrong in ALPHABET.replace(text[-1], ""):
        finding = refused(text[:-1] + wrong)
        assert finding.rule == "credit_code.check"
        assert f"末位应为 {text[-1]}，现为 {wrong}" in str(finding.message)


def test_a_wrong_inner_check_is_refused_even_when_the_outer_one_fits() -> None:
    body = GOOD[0][:16] + "2"
    fitting = [body + last for last in ALPHABET if refused(body + last).rule != "credit_code.check"]
    assert len(fitting) == 1
    finding = refused(fitting[0])
    assert finding.rule == "credit_code.inner_check"
    assert "第 17 位应为 1，现为 2" in str(finding.message)
    assert finding.source == "GB 11714-1997"


@pytest.mark.parametrize("text", ["", "911100006000373", "9111000060003734100L", "9" * 10_000])
def test_a_wrong_length_is_told_in_a_short_message(text: str) -> None:
    finding = refused(text)
    assert finding.rule == "credit_code.length"
    assert f"现为 {len(text)} 位" in str(finding.message)
    assert len(str(finding.message)) < 100


def test_blanks_width_and_case_are_put_right() -> None:
    assert tidy_credit_code("　91110000 600037341l ").text == GOOD[0]
    assert tidy_credit_code("９1350100Ｍ000100Y43").text == GOOD[1]
    assert tidy_credit_code(GOOD[0]).changes == ()


@given(st.integers(0, 16), st.sampled_from(ALPHABET))
def test_any_single_slip_is_noticed(place: int, character: str) -> None:
    slipped = GOOD[1][:place] + character + GOOD[1][place + 1 :]
    assert (slipped == GOOD[1]) or isinstance(parse_credit_code(slipped), Finding)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(parse_credit_code(tidy_credit_code(text).text), (CreditCode, Finding))
