from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcert.core.findings import Finding, Level
from lbcert.core.identity.id_number import (
    IdNumber,
    Sex,
    age_on,
    check_character,
    parse_id_number,
    region_warning,
    tidy_id_number,
)

TODAY = date(2025, 7, 24)


def reason(text: str) -> str:
    result = parse_id_number(text, TODAY)
    assert isinstance(result, Finding)
    assert result.level is Level.REFUSE
    return result.rule


def read(text: str) -> IdNumber:
    result = parse_id_number(text, TODAY)
    assert isinstance(result, IdNumber), result
    return result


@pytest.mark.parametrize(
    ("text", "birth_date", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), Sex.FEMALE),
        ("530128197506150012", date(1975, 6, 15), Sex.MALE),
        ("530724199506150019", date(1995, 6, 15), Sex.MALE),
        ("810000199408230021", date(1994, 8, 23), Sex.FEMALE),
        ("440524188001010014", None, None),
        ("360426199101010071", date(1991, 1, 1), Sex.MALE),
    ],
)
def test_published_numbers_are_read(text: str, birth_date: date | None, sex: Sex | None) -> None:
    if birth_date is None:
        assert reason(text) == "id_number.too_old"
        return
    number = read(text)
    assert (number.birth_date, number.sex, number.region) == (birth_date, sex, text[:6])


@pytest.mark.parametrize(
    "region", ["530128", "530724", "530627", "150581", "440607", "652302", "340210", "330113", "999999"]
)
@pytest.mark.parametrize("year", [1965, 1975, 1995])
def test_nobody_is_refused_for_the_first_six_digits(region: str, year: int) -> None:
    body = f"{region}{year}0615991"
    assert read(body + check_character(body)).region == region


def test_an_unknown_county_is_only_warned_about() -> None:
    finding = region_warning(read("530724199506150019"), {"530128"})
    assert finding is not None
    assert finding.level is Level.WARN
    assert "530724" in str(finding.message)
    assert region_warning(read("530724199506150019"), {"530724"}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("110105194912310021", "check"),
        ("110105199002290018", "date"),
        ("11010520300101001X", "future"),
        ("110105491231002", "fifteen_digits"),
        ("", "length"),
        ("1101051949123100", "length"),
        ("11010519491231002XX", "length"),
        ("1101051949123100A2", "characters"),
        ("X10105194912310021", "characters"),
        ("११010519491231002X", "characters"),
        ("11010519491231002x", "characters"),
        ("440524189912310015", "too_old"),
    ],
)
def test_each_refusal_has_its_reason(text: str, expected: str) -> None:
    assert reason(text) == f"id_number.{expected}"


def test_a_wrong_check_digit_names_the_right_one_and_hides_the_number() -> None:
    finding = parse_id_number("110105194912310021", TODAY)
    assert isinstance(finding, Finding)
    assert str(finding.message) == (
        "身份证号 110105********0021 的校验位不对：按前 17 位，末位应为 X，现为 1。请逐位核对证件。"
    )
    assert finding.source == "GB 11643-1999"


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",
        "110105199002290018",
        "11010520300101001X",
        "110105491231002",
        "1101051949123100A2",
        "4" * 10_000,
    ],
)
def test_no_message_carries_the_whole_number(text: str) -> None:
    finding = parse_id_number(text, TODAY)
    assert isinstance(finding, Finding)
    assert text not in str(finding.message)
    assert len(str(finding.message)) < 100


def test_a_number_hides_itself_in_logs() -> None:
    assert "19491231" not in repr(read("11010519491231002X"))


def test_somebody_born_today_is_not_from_the_future() -> None:
    body = "53012820250724001"
    assert read(body + check_character(body)).birth_date == TODAY


@pytest.mark.parametrize(
    ("untidy", "changes"),
    [
        (" 530724200202219983\u3000", ["已去掉空白"]),
        ("5307 2420 0202 2199 83", ["已去掉空白"]),
        ("\t530724200202219983\u200b\ufeff", ["已去掉空白"]),
        ("５３０７２４２００２０２２１９９８３", ["已将全角字符改为半角"]),
        ("'530724200202219983", ["已去掉开头的单引号"]),
        ("530724200202219983", []),
    ],
)
def test_what_is_only_untidy_is_put_right_and_told(untidy: str, changes: list[str]) -> None:
    tidied = tidy_id_number(untidy)
    assert tidied.text == "530724200202219983"
    assert [str(change) for change in tidied.changes] == changes


@pytest.mark.parametrize("untidy", ["11010519491231002x", "11010519491231002ｘ", "11010519491231002Ｘ"])
def test_a_lower_case_or_wide_x_becomes_the_card_s_x(untidy: str) -> None:
    tidied = tidy_id_number(untidy)
    assert tidied.text == "11010519491231002X"
    notes = tidied.findings("id_number.tidied", subject="row:12")
    assert notes
    assert {(note.level, note.subject) for note in notes} == {(Level.NOTE, "row:12")}


@given(
    st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
    st.integers(0, 16),
    st.integers(1, 9),
)
def test_every_single_wrong_digit_is_noticed(region: str, born: date, serial: int, place: int, shift: int) -> None:
    body = f"{region}{born:%Y%m%d}{serial:03}"
    number = body + check_character(body)
    assert read(number).birth_date == born
    slipped = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert isinstance(parse_id_number(slipped, TODAY), Finding)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(parse_id_number(tidy_id_number(text).text, TODAY), (IdNumber, Finding))


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("1965-07-25", "2025-07-24", 59),
        ("1965-07-24", "2025-07-24", 60),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2025-07-24", "2025-07-24", 0),
    ],
)
def test_age_goes_by_the_full_date(born: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(ValueError, match="before the birth"):
        age_on(date(2025, 7, 25), TODAY)
