"""A token: what is signed comes back, in few bytes, and its format does not drift."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcert.certificates.token import base36, link
from lbcert.certificates.token.claims import LIST_SIZE, Claims, Kind, holder_tag, occupation_number
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import Algorithm, IssuerKey, Keys, KeyState, Signer, Trust, key_ring
from lbcert.certificates.token.reader import read_code, read_link, read_token
from lbcert.certificates.token.reasons import Reason, Unreadable
from tests.certificates.broken_tokens import SIGNERS

SNAPSHOT = Path(__file__).with_name("token-1.json")


@pytest.mark.parametrize("alg", SIGNERS)
def test_what_is_signed_is_read_back(
    alg: Algorithm, signers: dict[Algorithm, Signer], keys: Keys, claims: Claims
) -> None:
    reading = read_link(link.write("https://v.example.cn", sign(claims, signers[alg])), keys)
    assert reading.claims == claims
    assert reading.key == keys[signers[alg].kid]
    assert reading.host == "v.example.cn"
    assert reading.trust() is Trust.GOOD


def test_the_format_has_not_drifted(signers: dict[Algorithm, Signer], claims: Claims) -> None:
    stored = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    for alg, signer in signers.items():
        token = sign(claims, signer)
        assert stored[alg.name] == {
            "public_key": signer.public_key.hex(),
            "token": token.hex(),
            "link": link.write("https://v.example.cn", token),
        }


def test_a_token_is_some_150_bytes_and_its_link_fits_version_9(signer: Signer, claims: Claims) -> None:
    token = sign(claims, signer)
    assert len(token) <= 153
    assert len(link.write("https://cert.example.c", token)) <= 262  # version 9-M holds 262 alphanumeric characters


def test_a_certificate_that_ends_says_when(signer: Signer, keys: Keys, claims: Claims) -> None:
    ending = replace(claims, expires=claims.issued + timedelta(days=3 * 365))
    assert read_token(sign(ending, signer), keys).claims == ending


def test_a_store_has_its_full_name_and_no_holder(signer: Signer, keys: Keys, claims: Claims) -> None:
    store = replace(claims, kind=Kind.BRAND_STORE, name="宁蒗康养师（杨浦店）", holder=None, occupation=0, level=0)
    assert read_token(sign(store, signer), keys).claims == store


def test_a_registered_type_may_go_without_a_holder(signer: Signer, keys: Keys, claims: Claims) -> None:
    for holder in (None, b"ab"):
        registered = replace(claims, kind=7, holder=holder)
        assert read_token(sign(registered, signer), keys).claims == registered


def test_the_same_claims_give_the_same_token(signer: Signer, claims: Claims) -> None:
    assert sign(claims, signer) == sign(claims, signer)


def test_nothing_is_signed_that_the_reader_would_refuse(signer: Signer, claims: Claims) -> None:
    with pytest.raises(Unreadable) as outside:
        sign(replace(claims, status_index=LIST_SIZE), signer)
    assert outside.value.reason is Reason.INDEX_OUTSIDE_LIST
    with pytest.raises(Unreadable) as long:
        sign(replace(claims, name="名" * 150), signer)
    assert long.value.reason is Reason.TOO_LONG
    with pytest.raises(ValueError, match="aware"):
        sign(replace(claims, issued=datetime(2025, 8, 20)), signer)  # noqa: DTZ001 - that is the point


def test_a_retired_key_still_verifies_and_a_compromised_one_says_so(signer: Signer, keys: Keys, claims: Claims) -> None:
    token, record = sign(claims, signer), keys[signer.kid]
    assert read_token(token, key_ring([replace(record, state=KeyState.RETIRED)])).trust() is Trust.GOOD
    lost = replace(record, state=KeyState.COMPROMISED, compromised_since=datetime(2025, 9, 1, tzinfo=UTC))
    reading = read_token(token, key_ring([lost]))
    assert reading.trust() is Trust.ASK
    assert reading.trust(recorded=datetime(2025, 8, 31, tzinfo=UTC)) is Trust.GOOD
    assert reading.trust(recorded=lost.compromised_since) is Trust.NONE


def test_two_keys_of_one_kid_are_refused(keys: Keys) -> None:
    with pytest.raises(ValueError, match="kid"):
        key_ring([*keys.values(), *keys.values()])


def test_a_key_record_whose_key_is_of_another_algorithm_is_refused(
    signers: dict[Algorithm, Signer], keys: Keys, claims: Claims
) -> None:
    signer, other = signers[Algorithm.ES256], signers[Algorithm.EDDSA]
    record: IssuerKey = replace(keys[signer.kid], public_key=other.public_key)
    with pytest.raises(ValueError, match="ES256"):
        read_token(sign(claims, signer), key_ring([record]))


def test_a_fresh_signer_signs_with_a_key_of_its_own(keys: Keys, claims: Claims) -> None:
    for alg in Algorithm:
        signer = Signer.fresh(alg)
        record = replace(next(iter(keys.values())), kid=signer.kid, alg=alg, public_key=signer.public_key)
        assert read_token(sign(claims, signer), key_ring([record])).claims == claims


def test_a_key_without_brands_signs_for_all(signer: Signer, keys: Keys, claims: Claims) -> None:
    anywhere = key_ring([replace(keys[signer.kid], brands=frozenset())])
    assert read_token(sign(replace(claims, brand=99), signer), anywhere).claims.brand == 99


def test_the_holder_tag_is_two_bytes_of_a_published_hash() -> None:
    # printf 'lbcert-holder-111010519491231002X' | sha256sum
    assert holder_tag("11010519491231002x").hex() == "8db3"
    assert holder_tag("11010519491231002X") == holder_tag("11010519491231002x")


def test_an_occupation_is_edition_and_digits() -> None:
    assert occupation_number(2022, "6-31-01-03") == 202206310103
    assert occupation_number(0, "17") == 17
    with pytest.raises(ValueError, match="edition"):
        occupation_number(2022, "631010312")


@given(st.binary(max_size=600))
def test_base36_gives_back_every_string_of_bytes(data: bytes) -> None:
    text = base36.encode(data)
    assert base36.decode(text) == data
    assert base36.decode(text.lower()) == data
    assert set(text) <= set(base36.DIGITS)


@given(st.text(alphabet=base36.DIGITS, max_size=120))
def test_no_two_texts_of_base36_stand_for_the_same_bytes(text: str) -> None:
    try:
        data = base36.decode(text)
    except ValueError:
        return
    assert base36.encode(data) == text


def test_base36_makes_48_characters_of_31_bytes() -> None:
    assert base36.encode(bytes(31)) == "0" * 48
    assert len(base36.encode(b"\xff" * 31)) == 48
    assert len(base36.encode(bytes(147))) == 4 * 48 + 36


@pytest.mark.parametrize("text", ["0", "000", "ZZ", "Z" * 48, "0-", "１２", "ß0", "0_0", "+1", "İ0"])
def test_base36_refuses_everything_else(text: str) -> None:
    with pytest.raises(ValueError, match="base 36"):
        base36.decode(text)


@pytest.mark.parametrize(
    "address",
    [
        "http://v.example.cn",
        "https://验证.cn",
        "https://v.example.cn/a",
        "https://user@v.example.cn",
        "v.example.cn",
        "",
    ],
)
def test_a_link_needs_a_plain_secure_address(address: str) -> None:
    with pytest.raises(ValueError, match="public address"):
        link.write(address, b"x")


def test_this_machine_may_go_without_https(signer: Signer, keys: Keys, claims: Claims) -> None:
    text = link.write("http://localhost:8000", sign(claims, signer))
    assert text.startswith("HTTP://LOCALHOST:8000/V/")
    assert text == text.upper()
    assert read_link(text, keys).host == "localhost:8000"


def test_a_link_is_read_in_lower_case_with_blanks_around_and_from_any_host(
    signer: Signer, keys: Keys, claims: Claims
) -> None:
    text = link.write("https://v.example.cn", sign(claims, signer))
    assert read_link(f"  {text.lower()}\n", keys).claims == claims
    assert read_link(text.replace("EXAMPLE", "FORGED"), keys).host == "v.forged.cn"
    assert read_code(text.rsplit("/", 1)[1], keys).claims == claims


@given(st.text(max_size=300))
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    for candidate in (text, f"https://v.example.cn/v/{text}"):
        with pytest.raises(Unreadable):
            read_link(candidate, {})
