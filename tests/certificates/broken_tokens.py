"""The corpus of broken tokens, ``broken-tokens.json``: made by us, to hold every reader of the format to one answer.

Run ``python -m tests.certificates.broken_tokens`` after a change: it writes the file anew. The Python reader, the one in
JavaScript and whoever else reads our tokens must take its good ones and refuse each broken one for the reason named.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from lbcert.certificates.token import base36
from lbcert.certificates.token.claims import (
    CERTIFICATE,
    CTI,
    EXP,
    IAT,
    LIST_SIZE,
    Claims,
    Kind,
    holder_tag,
    occupation_number,
    to_cbor,
)
from lbcert.certificates.token.cose import encode, to_be_signed
from lbcert.certificates.token.keys import Algorithm, IssuerKey, Keys, KeyState, Signer, key_ring
from lbcert.certificates.token.reasons import Reason
from lbcert.core.identity.masks import mask_name
from tests.certificates import broken_sm2_tokens as sm2

CORPUS = Path(__file__).with_name("broken-tokens.json")

#: The brand that the corpus's keys may sign for.
OWN_BRAND = 3
_SECRET = bytes(range(1, 33))

#: A signer of each suite, whose secrets are counting bytes.
SIGNERS = {
    Algorithm.ES256: Signer.of(ec.derive_private_key(int.from_bytes(_SECRET), ec.SECP256R1())),
    Algorithm.EDDSA: Signer.of(ed25519.Ed25519PrivateKey.from_private_bytes(_SECRET)),
}
#: The signer whose key fell into other hands on 1 July 2025.
STOLEN = Signer.of(ec.derive_private_key(77, ec.SECP256R1()))


def _record(signer: Signer, **more: Any) -> IssuerKey:
    """Make a key's record: brand 3, the year 2025 in UTC."""
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)
    return IssuerKey(signer.kid, signer.alg, signer.public_key, frozenset({OWN_BRAND}), start, end, **more)


KEYS: Keys = key_ring(
    [
        *map(_record, SIGNERS.values()),
        _record(sm2.SIGNER),
        _record(STOLEN, state=KeyState.COMPROMISED, compromised_since=datetime(2025, 7, 1, tzinfo=UTC)),
    ]
)
#: A farm worker's level-5 certificate.
CLAIMS = Claims(
    kind=Kind.SKILL_LEVEL,
    brand=OWN_BRAND,
    occupation=occupation_number(2022, "5-05-02-01"),
    level=5,
    name=mask_name("葛曾䮌"),
    holder=holder_tag("11010519491231002X"),
    status_list=0,
    status_index=123_456,
    issued=datetime(2025, 8, 20, 8, 0, tzinfo=UTC),
    cti=bytes.fromhex("0102030405060708"),
)

KIND, BRAND, OCCUPATION, LEVEL, NAME, HOLDER, STATUS = range(1, 8)
GONE = object()


class Forger:
    """Signs whatever it is given, right or wrong."""

    def __init__(self, signer: Signer, claims: Claims) -> None:
        self.signer = signer
        self.header: dict[Any, Any] = {1: int(signer.alg), 4: signer.kid}
        self.payload: dict[Any, Any] = to_cbor(claims)

    def claims(self, **changes: Any) -> bytes:
        """Sign claims with changes, ``iat=...`` for the outer ones, ``name=...`` for the certificate's."""
        outer = {"exp": EXP, "iat": IAT, "cti": CTI, "certificate": CERTIFICATE}
        inner = {"kind": KIND, "brand": BRAND, "occupation": OCCUPATION, "level": LEVEL}
        inner |= {"name": NAME, "holder": HOLDER, "status": STATUS, "extra": 8, "word": "level"}
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
    "half a number": (lambda _: b"\x1b\x00", Reason.TRUNCATED),
    "a text longer than the bytes": (lambda _: b"\x7b" + b"\xff" * 8, Reason.TRUNCATED),
    "a byte too many": (lambda f: f.good + b"\x00", Reason.TRAILING_BYTES),
    "two tokens in a row": (lambda f: f.good * 2, Reason.TRAILING_BYTES),
    "a byte after the header": (lambda f: f.token(header=encode(f.header) + b"\x00"), Reason.TRAILING_BYTES),
    "a byte after the claims": (lambda f: f.token(payload=encode(f.payload) + b"\x00"), Reason.TRAILING_BYTES),
    "an array of indefinite length": (lambda f: b"\xd2\x9f" + f.good[2:] + b"\xff", Reason.INDEFINITE_LENGTH),
    "claims of indefinite length": (
        lambda f: f.token(payload=b"\xbf" + encode(f.payload)[1:] + b"\xff"),
        Reason.INDEFINITE_LENGTH,
    ),
    "tag 18 in two bytes": (lambda f: b"\xd8\x12" + f.good[1:], Reason.NOT_SHORTEST),
    "a level in nine bytes": (
        lambda f: f.token(payload=encode(f.payload).replace(b"\x04\x05\x05", b"\x04\x1b" + bytes(7) + b"\x05\x05")),
        Reason.NOT_SHORTEST,
    ),
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
    "alg twice, kid between": (
        lambda f: f.token(header=b"\xa3\x01\x26\x04\x44" + f.signer.kid + b"\x01\x26"),
        Reason.DUPLICATE_KEY,
    ),
    "a level twice": (
        lambda f: f.token(payload=encode(f.payload).replace(b"\xa7\x01\x02", b"\xa8\x01\x02\x01\x02")),
        Reason.DUPLICATE_KEY,
    ),
    "a huge key twice": (lambda _: b"\xa2" + (b"\x1b\x00\x20" + bytes(5) + b"\x01\x00") * 2, Reason.DUPLICATE_KEY),
    "two huge keys, the greater first": (
        lambda _: b"\xa2\x1b\x00\x20" + bytes(5) + b"\x01\x00\x1b\x00\x20" + bytes(6) + b"\x00",
        Reason.KEYS_UNSORTED,
    ),
    "iat twice": (
        lambda f: f.token(payload=b"\xa4\x06\x00" + encode(f.payload)[1:]),
        Reason.DUPLICATE_KEY,
    ),
    "a name that is no UTF-8": (
        lambda f: f.token(payload=encode(f.payload).replace("葛".encode(), b"\xff\xfe\xfd")),
        Reason.NOT_UTF8,
    ),
    "a name in overlong UTF-8": (
        lambda f: f.token(payload=encode(f.payload).replace("葛".encode(), b"\xe0\x81\x81")),
        Reason.NOT_UTF8,
    ),
    "half a surrogate pair": (
        lambda f: f.token(payload=encode(f.payload).replace("葛".encode(), b"\xed\xa0\x80")),
        Reason.NOT_UTF8,
    ),
    "a time with a fraction": (lambda f: f.claims(iat=1_755_676_800.5), Reason.FORBIDDEN_TYPE),
    "a level that is true": (lambda f: f.claims(level=True), Reason.FORBIDDEN_TYPE),
    "a name that is null": (lambda f: f.claims(name=None), Reason.FORBIDDEN_TYPE),
    "a detached payload": (
        lambda f: encode(cbor2.CBORTag(18, [encode(f.header), {}, None, bytes(64)])),
        Reason.FORBIDDEN_TYPE,
    ),
    "a map with a list for a key": (lambda _: b"\xa1\x80\x00", Reason.FORBIDDEN_TYPE),
    "a reserved length": (lambda _: b"\x1c", Reason.FORBIDDEN_TYPE),
    "500 arrays in each other": (lambda _: b"\x81" * 500 + b"\x00", Reason.TOO_DEEP),
    "tag 61 around it": (lambda f: b"\xd8\x3d" + f.good, Reason.CWT_TAG),
    "no tag": (lambda f: f.good[1:], Reason.NOT_SIGN1),
    "tag 18 twice": (lambda f: b"\xd2" + f.good, Reason.NOT_SIGN1),
    "an unprotected header that is a list": (
        lambda f: encode(cbor2.CBORTag(18, [encode(f.header), [], encode(f.payload), bytes(64)])),
        Reason.NOT_SIGN1,
    ),
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
    "a kid as text": (lambda f: f.token(header=f.header | {4: "abcd"}), Reason.HEADER_TYPE),
    "a kid of five bytes": (lambda f: f.token(header=f.header | {4: bytes(5)}), Reason.HEADER_TYPE),
    "an algorithm by name": (lambda f: f.token(header=f.header | {1: "ES256"}), Reason.HEADER_TYPE),
    "a kid nobody knows": (lambda f: f.token(header=f.header | {4: b"none"}), Reason.UNKNOWN_KEY),
    "EdDSA under an ES256 key": (lambda f: f.token(header=f.header | {1: -8}), Reason.WRONG_ALGORITHM),
    "HMAC with the public key": (
        lambda f: f.token(header=f.header | {1: 5}, signature=sha256(f.signer.public_key + f.good).digest() * 2),
        Reason.WRONG_ALGORITHM,
    ),
    "an algorithm that does not exist": (lambda f: f.token(header=f.header | {1: 0}), Reason.WRONG_ALGORITHM),
    "a DER signature": (lambda f: f.token(signature=f.der), Reason.DER_SIGNATURE),
    "63 bytes of signature": (lambda f: f.token(signature=f.good[-64:-1]), Reason.SIGNATURE_LENGTH),
    "no signature": (lambda f: f.token(signature=b""), Reason.SIGNATURE_LENGTH),
    "a signature of zeros": (lambda f: f.token(signature=bytes(64)), Reason.SIGNATURE),
    "a flipped bit in the signature": (lambda f: flip(f.good, -1), Reason.SIGNATURE),
    "a signature by another key": (
        lambda f: f.token(signature=Forger(SIGNERS[Algorithm.EDDSA], CLAIMS).good[-64:]),
        Reason.SIGNATURE,
    ),
    "r and s changed about": (
        lambda f: f.token(signature=f.good[-32:] + f.good[-64:-32]),
        Reason.SIGNATURE,
    ),
    "a signature over the payload alone": (
        lambda f: f.token(signature=f.signer.sign(encode(f.payload))),
        Reason.SIGNATURE,
    ),
    "a name changed after signing": (
        lambda f: f.good.replace("葛".encode(), "马".encode()),
        Reason.SIGNATURE,
    ),
    "a level raised after signing": (
        lambda f: f.good.replace(b"\x04\x05\x05", b"\x04\x01\x05"),
        Reason.SIGNATURE,
    ),
    "another brand's certificate": (lambda f: f.claims(brand=4), Reason.KEY_OUTSIDE_BRAND),
    "issued before the key": (lambda f: f.claims(iat=1_735_689_599), Reason.KEY_OUTSIDE_TIME),
    "issued after the key": (lambda f: f.claims(iat=1_767_139_201), Reason.KEY_OUTSIDE_TIME),
    "issued after the key was stolen": (lambda _: Forger(STOLEN, CLAIMS).good, Reason.KEY_COMPROMISED),
    "issued as the key was stolen": (
        lambda _: Forger(STOLEN, CLAIMS).claims(iat=1_751_328_000),
        Reason.KEY_COMPROMISED,
    ),
    "no iat": (lambda f: f.claims(iat=GONE), Reason.MISSING_CLAIM),
    "no status": (lambda f: f.claims(status=GONE), Reason.MISSING_CLAIM),
    "an issuer in words": (lambda f: f.token(payload=f.payload | {1: "lbcert"}), Reason.UNKNOWN_CLAIM),
    "an eighth field": (lambda f: f.claims(extra=1), Reason.UNKNOWN_CLAIM),
    "a claim named in words": (lambda f: f.claims(word=1), Reason.UNKNOWN_CLAIM),
    "claims that are a list": (lambda f: f.token(payload=[1, 2]), Reason.CLAIM_TYPE),
    "a certificate that is a text": (lambda f: f.claims(certificate="skill"), Reason.CLAIM_TYPE),
    "a name in bytes": (lambda f: f.claims(name=b"name"), Reason.CLAIM_TYPE),
    "an occupation as text": (lambda f: f.claims(occupation="5-05-02-01"), Reason.CLAIM_TYPE),
    "an iat with tag 1": (lambda f: f.claims(iat=cbor2.CBORTag(1, 1_755_676_800)), Reason.CLAIM_TYPE),
    "a status of one number": (lambda f: f.claims(status=[1]), Reason.CLAIM_TYPE),
    "a status in a tag": (lambda f: f.claims(status=cbor2.CBORTag(0, 123_456)), Reason.CLAIM_TYPE),
    "a status of three numbers": (lambda f: f.claims(status=[0, 1, 2]), Reason.CLAIM_TYPE),
    "a level in a list": (lambda f: f.claims(level=[5]), Reason.CLAIM_TYPE),
    "a cti of seven bytes": (lambda f: f.claims(cti=bytes(7)), Reason.CLAIM_RANGE),
    "type 0": (lambda f: f.claims(kind=0), Reason.CLAIM_RANGE),
    "a negative brand": (lambda f: f.claims(brand=-1), Reason.CLAIM_RANGE),
    "a brand of 33 bits": (lambda f: f.claims(brand=2**32), Reason.CLAIM_RANGE),
    "an occupation of 13 digits": (lambda f: f.claims(occupation=10**12), Reason.CLAIM_RANGE),
    "an occupation of 64 bits": (lambda f: f.claims(occupation=2**64 - 1), Reason.CLAIM_RANGE),
    "a negative index": (lambda f: f.claims(status=[0, -1]), Reason.CLAIM_RANGE),
    "a level of 24": (lambda f: f.claims(level=24), Reason.CLAIM_RANGE),
    "an empty name": (lambda f: f.claims(name=""), Reason.CLAIM_RANGE),
    "a name that turns the line round": (lambda f: f.claims(name="\u202e王*"), Reason.CLAIM_RANGE),
    "a name of two lines": (lambda f: f.claims(name="王*\n有效"), Reason.CLAIM_RANGE),
    "a time before 1970": (lambda f: f.claims(iat=-1), Reason.CLAIM_RANGE),
    "iat in milliseconds": (lambda f: f.claims(iat=1_755_676_800_000), Reason.TIME_IN_MILLISECONDS),
    "exp in milliseconds": (lambda f: f.claims(exp=1_855_676_800_000), Reason.TIME_IN_MILLISECONDS),
    "an end before the start": (lambda f: f.claims(exp=1_755_676_799), Reason.EXPIRES_BEFORE_ISSUE),
    "an end at the start": (lambda f: f.claims(exp=1_755_676_800), Reason.EXPIRES_BEFORE_ISSUE),
    "a person without a tag": (lambda f: f.claims(holder=GONE), Reason.HOLDER_TAG),
    "a tag of three bytes": (lambda f: f.claims(holder=b"abc"), Reason.HOLDER_TAG),
    "a store with a tag": (lambda f: f.claims(kind=6), Reason.HOLDER_TAG),
    "index 2^20": (lambda f: f.claims(status=[0, LIST_SIZE]), Reason.INDEX_OUTSIDE_LIST),
}

BROKEN_LINKS: dict[str, tuple[Callable[[str], str], Reason]] = {
    "another site": (lambda _: "https://example.cn/", Reason.NOT_A_LINK),
    "nothing but blanks": (lambda _: " \t", Reason.NOT_A_LINK),
    "a host with a user name": (lambda link: link.replace("V.EX", "ME@V.EX"), Reason.NOT_A_LINK),
    "a link of another kind": (lambda link: link.replace("HTTPS", "WEIXIN"), Reason.NOT_A_LINK),
    "a query behind it": (lambda link: link + "?from=wechat", Reason.NOT_A_LINK),
    "one character lost": (lambda link: link[:-1], Reason.NOT_BASE36),
    "a block that is too great": (lambda _: "https://v.example.cn/v/" + "Z" * 48, Reason.NOT_BASE36),
    "a percent sign": (lambda link: link[:-3] + "%41", Reason.NOT_BASE36),
    "a character of another alphabet": (lambda link: link[:-1] + "Ｚ", Reason.NOT_BASE36),
    "a thousand characters": (lambda link: link + "-" * 1000, Reason.TOO_LONG),
}


P256, ED25519 = SIGNERS[Algorithm.ES256], SIGNERS[Algorithm.EDDSA]

#: Nothing wrong with these.
GOOD: dict[str, tuple[Claims, Signer]] = {
    "signed with P-256": (CLAIMS, P256),
    "signed with Ed25519": (CLAIMS, ED25519),
    "of a stolen key, dated before": (replace(CLAIMS, issued=datetime(2025, 6, 30, tzinfo=UTC)), STOLEN),
    "of three years": (replace(CLAIMS, expires=datetime(2028, 8, 20, 8, 0, tzinfo=UTC)), P256),
    "of a store": (
        replace(CLAIMS, kind=Kind.BRAND_STORE, name="宁蒗康养师（杨浦店）", holder=None, occupation=0, level=0),
        P256,
    ),
    "of a registered type, without a holder": (replace(CLAIMS, kind=7, holder=None), P256),
    "at every upper end": (
        replace(
            CLAIMS,
            occupation=10**12 - 1,
            level=23,
            name="\U00020bb7*\ue000",
            status_list=2**32 - 1,
            status_index=LIST_SIZE - 1,
            issued=datetime(2025, 12, 31, tzinfo=UTC),
        ),
        P256,
    ),
}


def corpus() -> dict[str, list[dict[str, Any]]]:
    """Give the keys, the good tokens with what they say, and the broken ones with their reasons, for JSON.

    ``browser`` is what a reader says that knows no SM2.
    """
    return {"keys": list(_keys()), "good": list(_good()), "broken": list(_broken())}


def link_to(token: bytes) -> str:
    """Write a token's link."""
    return f"HTTPS://V.EXAMPLE.CN/V/{base36.encode(token)}"


def _keys() -> Iterator[dict[str, Any]]:
    for key in KEYS.values():
        yield {
            "kid": key.kid.hex(),
            "alg": int(key.alg),
            "spki": key.public_key.hex(),
            "brands": sorted(key.brands),
            "not_before": int(key.not_before.timestamp()),
            "not_after": int(key.not_after.timestamp()) if key.not_after else None,
            "compromised_since": int(key.compromised_since.timestamp()) if key.compromised_since else None,
        }


def _good() -> Iterator[dict[str, Any]]:
    for what, (claims, signer) in GOOD.items():
        yield {"what": what, "link": link_to(Forger(signer, claims).good), "claims": as_data(claims)}
    token = Forger(sm2.SIGNER, CLAIMS).token(signature=sm2.GOOD)
    yield {"what": "signed with SM2", "link": link_to(token), "claims": as_data(CLAIMS), "browser": "unsupported"}


def as_data(claims: Claims) -> dict[str, Any]:
    """Write claims as every reader's JSON has them: times in seconds, bytes as hex."""
    return {
        "kind": int(claims.kind),
        "brand": claims.brand,
        "occupation": claims.occupation,
        "level": claims.level,
        "name": claims.name,
        "holder": claims.holder.hex() if claims.holder else None,
        "status_list": claims.status_list,
        "status_index": claims.status_index,
        "issued": int(claims.issued.timestamp()),
        "expires": int(claims.expires.timestamp()) if claims.expires else None,
        "cti": claims.cti.hex(),
    }


def _broken() -> Iterator[dict[str, str]]:
    forger = Forger(P256, CLAIMS)
    for what, (make, reason) in BROKEN.items():
        yield {"what": what, "token": make(forger).hex(), "reason": reason.value}
    for what, (write, reason) in BROKEN_LINKS.items():
        yield {"what": what, "link": write(link_to(forger.good)), "reason": reason.value}
    forger = Forger(sm2.SIGNER, CLAIMS)
    for what, (make, reason) in sm2.BROKEN.items():
        unread = {"browser": "unsupported"} if reason is Reason.SIGNATURE else {}
        yield {"what": what, "token": make(forger).hex(), "reason": reason.value, **unread}


def written() -> str:
    """Write the corpus, a line each."""
    parts = [
        f' "{name}": [\n  ' + ",\n  ".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n ]"
        for name, lines in corpus().items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    CORPUS.write_text(written(), encoding="utf-8")
