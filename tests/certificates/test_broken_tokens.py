"""Each way in which a token can be wrong is refused under a code of its own, and nothing does worse than be refused."""

from __future__ import annotations

import json
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcert.certificates.token import cbor
from lbcert.certificates.token.claims import CERTIFICATE, CTI, EXP, IAT, Claims
from lbcert.certificates.token.cose import encode, sign
from lbcert.certificates.token.keys import Algorithm, Keys, Signer
from lbcert.certificates.token.reader import Reading, read_link, read_token
from lbcert.certificates.token.reasons import Reason, Unreadable
from tests.certificates.broken_tokens import CLAIMS, CORPUS, KEYS, SIGNERS, Forger, as_data, written

STORED = json.loads(CORPUS.read_text(encoding="utf-8"))
FORGER = Forger(SIGNERS[Algorithm.ES256], CLAIMS)


def read(entry: dict[str, Any], keys: Keys) -> Reading:
    return read_link(entry["link"], keys) if "link" in entry else read_token(bytes.fromhex(entry["token"]), keys)


def named(entry: dict[str, Any]) -> str:
    return entry["what"]


def test_the_corpus_in_the_tree_is_what_its_script_makes() -> None:
    assert CORPUS.read_text(encoding="utf-8") == written()


def test_the_forger_makes_a_good_token_when_asked_for_nothing_wrong(signer: Signer, claims: Claims) -> None:
    assert FORGER.good == FORGER.claims() == sign(claims, signer)


@pytest.mark.parametrize("entry", STORED["good"], ids=named)
def test_a_good_token_is_read(entry: dict[str, Any], keys: Keys) -> None:
    assert as_data(read(entry, keys).claims) == entry["claims"]


@pytest.mark.parametrize("entry", STORED["broken"], ids=named)
def test_a_broken_token_is_refused_for_its_own_reason(entry: dict[str, Any], keys: Keys) -> None:
    with pytest.raises(Unreadable) as refused:
        read(entry, keys)
    assert refused.value.reason == entry["reason"]
    assert f"token.{entry['reason']}" in refused.value


def test_every_reason_has_a_broken_token_and_words() -> None:
    assert {entry["reason"] for entry in STORED["broken"]} == set(Reason)
    tokens = [entry.get("token", entry.get("link")) for entry in STORED["broken"]]
    assert len(set(tokens)) == len(tokens) > 100
    words = {str(Unreadable(reason)) for reason in Reason}
    assert len(words) == len(Reason)


@pytest.mark.parametrize("alg", SIGNERS)
def test_every_flipped_bit_is_noticed(
    alg: Algorithm, signers: dict[Algorithm, Signer], keys: Keys, claims: Claims
) -> None:
    token = sign(claims, signers[alg])
    for bit in range(8 * len(token)):
        changed = bytearray(token)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Unreadable):
            read_token(bytes(changed), keys)


@given(st.binary(max_size=520))
def test_no_bytes_do_worse_than_be_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_token(data, KEYS)


anything = (
    st.integers(-(2**64), 2**64 - 1)
    | st.sampled_from([0, 1, 5, 2**20, 1_755_676_800, 10**11])
    | st.binary(max_size=9)
    | st.text("王*a\u202e\n", max_size=5)
    | st.none()
    | st.booleans()
    | st.floats()
    | st.lists(st.integers(0, 2**21), max_size=3)
    | st.builds(cbor2.CBORTag, st.integers(0, 100), st.integers(0, 9))
)


@given(
    outer=st.dictionaries(st.sampled_from([EXP, IAT, CTI, CERTIFICATE, 1]), anything, max_size=2),
    inner=st.dictionaries(st.integers(0, 9), anything, max_size=3),
)
def test_no_signed_claims_do_worse_than_be_refused(outer: dict[Any, Any], inner: dict[int, Any]) -> None:
    certificate = FORGER.payload[CERTIFICATE] | inner
    token = FORGER.token(payload=FORGER.payload | {CERTIFICATE: certificate} | outer)
    try:
        claims = read_token(token, KEYS).claims
    except Unreadable:
        return
    assert sign(claims, FORGER.signer) == token


@given(header=anything | st.dictionaries(st.integers(0, 5), anything, max_size=3))
def test_no_header_does_worse_than_be_refused(header: Any) -> None:
    with pytest.raises(Unreadable):
        read_token(FORGER.token(header=encode(header)), KEYS)


plain = st.recursive(
    st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(-(2**32), 2**32), inner, max_size=4),
    max_leaves=6,
)


@given(plain)
def test_the_strict_decoder_reads_what_cbor2_encodes_deterministically(value: Any) -> None:
    assert cbor.decode(bytewise(value)) == value


@given(st.binary(max_size=60))
def test_what_the_strict_decoder_reads_is_the_one_way_to_write_it(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except Unreadable:
        return
    assert bytewise(value) == data


def bytewise(value: Any) -> bytes:
    """Encode with map keys in bytewise order (RFC 8949, 4.2.1), which is not cbor2's canonical order for all keys."""
    match value:
        case cbor.Tagged(tag, inner):
            return cbor2.dumps(cbor2.CBORTag(tag, 0))[:-1] + bytewise(inner)
        case list():
            return cbor2.dumps([0] * len(value))[: -len(value) or None] + b"".join(map(bytewise, value))
        case dict():
            head = cbor2.dumps(dict.fromkeys(range(len(value)), 0))[: -2 * len(value) or None]
            return head + b"".join(sorted(bytewise(key) + bytewise(inner) for key, inner in value.items()))
        case _:
            return cbor2.dumps(value)
