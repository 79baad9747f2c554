"""Each way in which a token can be wrong is refused under a code of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from lbcert.certificates.token import base36, cbor
from lbcert.certificates.token.claims import CERTIFICATE, CTI, EXP, IAT, LIST_SIZE, Claims, to_cbor
from lbcert.certificates.token.cose import encode, sign, to_be_signed
from lbcert.certificates.token.keys import Algorithm, Keys, Signer
from lbcert.certificates.token.reader import read_link, read_token
from lbcert.certificates.token.reasons import Reason, Unreadable

KIND, BRAND, OCCUPATION, LEVEL, NAME, HOLDER, STATUS = range(1, 8)
GONE = object()


class Forger:
    """Signs whatever it is given, right or wrong."""

    def __init__(self, signer: Signer, claims: Claims, leaked: Signer) -> None:
        self.signer = signer
        self.thief = leaked
        self.header: dict[Any, Any] = {1: int(signer.alg), 4: signer.kid}
        self.payload: dict[Any, Any] = to_cbor(claims)

    def claims(self, **changes: Any) -> bytes:
        """Sign claims with changes, ``iat=...`` for the outer ones, ``name=...`` for the certificate's."""
        outer = {"exp": EXP, "iat": IAT, "cti": CTI, "certificate": CERTIFICATE}
        inner = {"kind": KIND, "brand": BRAND, "occupation": OCCUPATION, "level": LEVEL}
        inner |= {"name": NAME, "holder": HOLDER, "status": STATUS, "extra": 8}
        payload: dict[Any, Any] = dict(self.payload)
        payload[CERTIFICATE] = dict(payload[CERTIFICATE])
        for word, value in changes.items():
            place, key = (payload, outer[word]) if word in outer else (payload[CERTIFICATE], inner[word])
            place[key] = value
            if value is GONE:
                del place[key]
        return self.token(payload=payload)

    def token(
        self,
        *,
        header: Any = None,
        unprotected: Any = None,
        payload: Any = None,
        signature: bytes | None = None,
        tag: int = 18,
    ) -> bytes:
        """Put a token together; bytes stand as they are, everything else is encoded."""
        protected = header if isinstance(header, bytes) else encode(self.header if header is None else header)
        body = payload if isinstance(payload, bytes) else encode(self.payload if payload is None else payload)
        signed = self.signer.sign(to_be_signed(protected, body)) if signature is None else signature
        return encode(cbor2.CBORTag(tag, [protected, unprotected or {}, body, signed]))

    def stolen(self, **changes: Any) -> bytes:
        """Sign claims with changes under the stolen key."""
        own, self.signer, self.header = self.signer, self.thief, self.header | {4: self.thief.kid}
        token = self.claims(**changes)
        self.signer, self.header = own, self.header | {4: own.kid}
        return token

    @property
    def good(self) -> bytes:
        """A token with nothing wrong."""
        return self.token()

    @property
    def der(self) -> bytes:
        """The good token's signature in DER."""
        raw = self.good[-64:]
        return encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))


def flip(token: bytes, at: int) -> bytes:
    changed = bytearray(token)
    changed[at] ^= 1
    return bytes(changed)


#: what is wrong → the token, and the code under which it is refused
BROKEN: dict[str, tuple[Callable[[Forger], bytes], Reason]] = {
    "nothing at all": (lambda _: b"", Reason.TRUNCATED),
    "513 bytes": (lambda _: bytes(513), Reason.TOO_LONG),
    "the last byte missing": (lambda f: f.good[:-1], Reason.TRUNCATED),
    "an array longer than the bytes": (lambda _: b"\x9b" + b"\xff" * 8, Reason.TRUNCATED),
    "a byte too many": (lambda f: f.good + b"\x00", Reason.TRAILING_BYTES),
    "a byte after the header": (lambda f: f.token(header=encode(f.header) + b"\x00"), Reason.TRAILING_BYTES),
    "a byte after the claims": (lambda f: f.token(payload=encode(f.payload) + b"\x00"), Reason.TRAILING_BYTES),
    "an array of indefinite length": (lambda f: b"\xd2\x9f" + f.good[2:] + b"\xff", Reason.INDEFINITE_LENGTH),
    "claims of indefinite length": (
        lambda f: f.token(payload=b"\xbf" + encode(f.payload)[1:] + b"\xff"),
        Reason.INDEFINITE_LENGTH,
    ),
    "tag 18 in two bytes": (lambda f: b"\xd8\x12" + f.good[1:], Reason.NOT_SHORTEST),
    "a map's length in two bytes": (
        lambda f: f.token(payload=b"\xb8\x03" + encode(f.payload)[1:]),
        Reason.NOT_SHORTEST,
    ),
    "kid before alg": (
        lambda f: f.token(header=b"\xa2\x04\x44" + f.signer.kid + b"\x01\x26"),
        Reason.KEYS_UNSORTED,
    ),
    "cti before iat": (
        lambda f: f.token(payload=cbor2.dumps({CTI: bytes(8), IAT: 1_755_676_800, CERTIFICATE: {}})),
        Reason.KEYS_UNSORTED,
    ),
    "alg twice": (lambda f: f.token(header=b"\xa3\x01\x26\x01\x27\x04\x44" + f.signer.kid), Reason.DUPLICATE_KEY),
    "iat twice": (
        lambda f: f.token(payload=b"\xa4\x06\x00" + encode(f.payload)[1:]),
        Reason.DUPLICATE_KEY,
    ),
    "a name that is no UTF-8": (
        lambda f: f.token(payload=encode(f.payload).replace("葛".encode(), b"\xff\xfe\xfd")),
        Reason.NOT_UTF8,
    ),
    "a time with a fraction": (lambda f: f.claims(iat=1_755_676_800.5), Reason.FORBIDDEN_TYPE),
    "a level that is true": (lambda f: f.claims(level=True), Reason.FORBIDDEN_TYPE),
    "a detached payload": (
        lambda f: encode(cbor2.CBORTag(18, [encode(f.header), {}, None, bytes(64)])),
        Reason.FORBIDDEN_TYPE,
    ),
    "a map with a list for a key": (lambda _: b"\xa1\x80\x00", Reason.FORBIDDEN_TYPE),
    "a reserved length": (lambda _: b"\x1c", Reason.FORBIDDEN_TYPE),
    "500 arrays in each other": (lambda _: b"\x81" * 500 + b"\x00", Reason.TOO_DEEP),
    "tag 61 around it": (lambda f: b"\xd8\x3d" + f.good, Reason.CWT_TAG),
    "no tag": (lambda f: f.good[1:], Reason.NOT_SIGN1),
    "the tag of COSE_Mac0": (lambda f: f.token(tag=17), Reason.NOT_SIGN1),
    "three parts instead of four": (
        lambda f: encode(cbor2.CBORTag(18, [encode(f.header), {}, encode(f.payload)])),
        Reason.NOT_SIGN1,
    ),
    "a payload that is a text": (
        lambda f: encode(cbor2.CBORTag(18, [encode(f.header), {}, "payload", bytes(64)])),
        Reason.NOT_SIGN1,
    ),
    "an unprotected kid": (lambda f: f.token(unprotected={4: f.signer.kid}), Reason.UNPROTECTED_HEADER),
    "a critical header": (lambda f: f.token(header=f.header | {2: [99], 99: 1}), Reason.CRITICAL_HEADER),
    "a content type": (lambda f: f.token(header=f.header | {3: 60}), Reason.UNKNOWN_HEADER),
    "an empty protected header": (lambda f: f.token(header=b""), Reason.MISSING_HEADER),
    "no kid": (lambda f: f.token(header={1: -7}), Reason.MISSING_HEADER),
    "a header that is a list": (lambda f: f.token(header=[1, -7]), Reason.HEADER_TYPE),
    "a kid of five bytes": (lambda f: f.token(header=f.header | {4: bytes(5)}), Reason.HEADER_TYPE),
    "an algorithm by name": (lambda f: f.token(header=f.header | {1: "ES256"}), Reason.HEADER_TYPE),
    "a kid nobody knows": (lambda f: f.token(header=f.header | {4: b"none"}), Reason.UNKNOWN_KEY),
    "EdDSA under an ES256 key": (lambda f: f.token(header=f.header | {1: -8}), Reason.WRONG_ALGORITHM),
    "an algorithm that does not exist": (lambda f: f.token(header=f.header | {1: 0}), Reason.WRONG_ALGORITHM),
    "a DER signature": (lambda f: f.token(signature=f.der), Reason.DER_SIGNATURE),
    "63 bytes of signature": (lambda f: f.token(signature=f.good[-64:-1]), Reason.SIGNATURE_LENGTH),
    "no signature": (lambda f: f.token(signature=b""), Reason.SIGNATURE_LENGTH),
    "a signature of zeros": (lambda f: f.token(signature=bytes(64)), Reason.SIGNATURE),
    "a flipped bit in the signature": (lambda f: flip(f.good, -1), Reason.SIGNATURE),
    "a level raised after signing": (
        lambda f: f.good.replace(b"\x04\x05\x05", b"\x04\x01\x05"),
        Reason.SIGNATURE,
    ),
    "another brand's certificate": (lambda f: f.claims(brand=4), Reason.KEY_OUTSIDE_BRAND),
    "issued before the key": (lambda f: f.claims(iat=1_735_689_599), Reason.KEY_OUTSIDE_TIME),
    "issued after the key": (lambda f: f.claims(iat=1_767_139_201), Reason.KEY_OUTSIDE_TIME),
    "issued after the key was stolen": (lambda f: f.stolen(), Reason.KEY_COMPROMISED),
    "issued as the key was stolen": (lambda f: f.stolen(iat=1_751_328_000), Reason.KEY_COMPROMISED),
    "no iat": (lambda f: f.claims(iat=GONE), Reason.MISSING_CLAIM),
    "no status": (lambda f: f.claims(status=GONE), Reason.MISSING_CLAIM),
    "an issuer in words": (lambda f: f.token(payload=f.payload | {1: "lbcert"}), Reason.UNKNOWN_CLAIM),
    "an eighth field": (lambda f: f.claims(extra=1), Reason.UNKNOWN_CLAIM),
    "claims that are a list": (lambda f: f.token(payload=[1, 2]), Reason.CLAIM_TYPE),
    "a certificate that is a text": (lambda f: f.claims(certificate="skill"), Reason.CLAIM_TYPE),
    "a name in bytes": (lambda f: f.claims(name=b"name"), Reason.CLAIM_TYPE),
    "an occupation as text": (lambda f: f.claims(occupation="5-05-02-01"), Reason.CLAIM_TYPE),
    "an iat with tag 1": (lambda f: f.claims(iat=cbor2.CBORTag(1, 1_755_676_800)), Reason.CLAIM_TYPE),
    "a status of one number": (lambda f: f.claims(status=[1]), Reason.CLAIM_TYPE),
    "a cti of seven bytes": (lambda f: f.claims(cti=bytes(7)), Reason.CLAIM_RANGE),
    "type 0": (lambda f: f.claims(kind=0), Reason.CLAIM_RANGE),
    "a negative brand": (lambda f: f.claims(brand=-1), Reason.CLAIM_RANGE),
    "a level of 24": (lambda f: f.claims(level=24), Reason.CLAIM_RANGE),
    "an empty name": (lambda f: f.claims(name=""), Reason.CLAIM_RANGE),
    "a name that turns the line round": (lambda f: f.claims(name="\u202e王*"), Reason.CLAIM_RANGE),
    "a time before 1970": (lambda f: f.claims(iat=-1), Reason.CLAIM_RANGE),
    "iat in milliseconds": (lambda f: f.claims(iat=1_755_676_800_000), Reason.TIME_IN_MILLISECONDS),
    "exp in milliseconds": (lambda f: f.claims(exp=1_855_676_800_000), Reason.TIME_IN_MILLISECONDS),
    "an end before the start": (lambda f: f.claims(exp=1_755_676_799), Reason.EXPIRES_BEFORE_ISSUE),
    "a person without a tag": (lambda f: f.claims(holder=GONE), Reason.HOLDER_TAG),
    "a tag of three bytes": (lambda f: f.claims(holder=b"abc"), Reason.HOLDER_TAG),
    "a store with a tag": (lambda f: f.claims(kind=6), Reason.HOLDER_TAG),
    "index 2^20": (lambda f: f.claims(status=[0, LIST_SIZE]), Reason.INDEX_OUTSIDE_LIST),
}

BROKEN_LINKS: dict[str, tuple[Callable[[str], str], Reason]] = {
    "another site": (lambda _: "https://example.cn/", Reason.NOT_A_LINK),
    "a link of another kind": (lambda link: link.replace("HTTPS", "WEIXIN"), Reason.NOT_A_LINK),
    "a query behind it": (lambda link: link + "?from=wechat", Reason.NOT_A_LINK),
    "one character lost": (lambda link: link[:-1], Reason.NOT_BASE36),
    "a character of another alphabet": (lambda link: link[:-1] + "Ｚ", Reason.NOT_BASE36),
    "a thousand characters": (lambda link: link + "-" * 1000, Reason.TOO_LONG),
}


@pytest.fixture
def forger(signer: Signer, claims: Claims, leaked: Signer) -> Forger:
    return Forger(signer, claims, leaked)


def test_the_forger_makes_a_good_token_when_asked_for_nothing_wrong(
    forger: Forger, keys: Keys, signer: Signer, claims: Claims
) -> None:
    assert forger.good == sign(claims, signer)
    assert forger.claims() == forger.good
    assert read_token(forger.good, keys).claims == claims


@pytest.mark.parametrize("wrong", BROKEN)
def test_a_broken_token_is_refused_for_its_own_reason(wrong: str, forger: Forger, keys: Keys) -> None:
    make, reason = BROKEN[wrong]
    with pytest.raises(Unreadable) as refused:
        read_token(make(forger), keys)
    assert refused.value.reason is reason
    assert f"token.{reason}" in refused.value


@pytest.mark.parametrize("wrong", BROKEN_LINKS)
def test_a_broken_link_is_refused_for_its_own_reason(wrong: str, forger: Forger, keys: Keys) -> None:
    make, reason = BROKEN_LINKS[wrong]
    with pytest.raises(Unreadable) as refused:
        read_link(make(f"HTTPS://V.EXAMPLE.CN/V/{base36.encode(forger.good)}"), keys)
    assert refused.value.reason is reason


def test_every_reason_has_a_broken_token_and_words() -> None:
    shown = [reason for _, reason in (BROKEN | BROKEN_LINKS).values()]
    assert set(shown) == set(Reason)
    words = {str(Unreadable(reason)) for reason in Reason}
    assert len(words) == len(Reason)


@pytest.mark.parametrize("alg", Algorithm)
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
        read_token(data, {})


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
