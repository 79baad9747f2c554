"""Asks libraries that nobody here wrote what they think of a token; runs in an environment of its own.

Reads JSON ``{"token": hex, "public_key": hex of the DER, "kid": hex, "alg": "ES256" or "EDDSA", "cddl": text}`` on
stdin and prints JSON: by judge, the claims it read, or ``{"refused": why}``. With ``"is_key_set": true`` the "token" is a
trust list, and each judge gives the kids of the keys that it read.
"""

from __future__ import annotations

import json
import sys

import cbor2
import cwt
import pycddl
import pycose.algorithms
import pycose.headers
import pycose.keys
import pycose.messages
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key


def python_cwt(case: dict[str, str], token: bytes, public_key: object) -> object:
    """Let python-cwt verify the token and read its claims."""
    pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = cwt.COSEKey.from_pem(pem, alg="ES256" if case["alg"] == "ES256" else "EdDSA", kid=bytes.fromhex(case["kid"]))
    if case.get("is_key_set"):
        payload = cwt.COSE.new().decode(token, key)
        parsed = [cwt.COSEKey.new({k: v for k, v in each.items() if k > -65537}) for each in cbor2.loads(payload)]
        return [each.kid.hex() for each in parsed]
    return cwt.decode(token, key)


def pycose_sign1(case: dict[str, str], token: bytes, public_key: object) -> object:
    """Let pycose verify the signature, and read the payload."""
    message = pycose.messages.Sign1Message.decode(token)
    assert message.phdr[pycose.headers.KID] == bytes.fromhex(case["kid"])
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        assert message.phdr[pycose.headers.Algorithm] is pycose.algorithms.Es256
        point = public_key.public_numbers()
        message.key = pycose.keys.EC2Key("P_256", x=point.x.to_bytes(32, "big"), y=point.y.to_bytes(32, "big"))
    else:
        assert message.phdr[pycose.headers.Algorithm] is pycose.algorithms.EdDSA
        message.key = pycose.keys.OKPKey("ED25519", x=public_key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    if not message.verify_signature():
        raise ValueError("the signature does not verify")
    if case.get("is_key_set"):
        parsed = [pycose.keys.CoseKey.from_dict(each) for each in cbor2.loads(message.payload)]
        return [each.kid.hex() for each in parsed]
    return cbor2.loads(message.payload)


def cddl(case: dict[str, str], token: bytes, public_key: object) -> object:
    """Hold the token against the CDDL, by the Rust cddl crate: envelope, header and claims, each by itself.

    The crate applies ``.cbor`` to the wrong items of an array, so that one control is taken out of the envelope's rule.
    """
    protected, _, payload, _ = cbor2.loads(token).value
    inside = "key-set" if case.get("is_key_set") else "claims"
    pycddl.Schema(case["cddl"].replace(" .cbor header", "").replace(f" .cbor {inside}", "")).validate_cbor(token)
    pycddl.Schema("root = header\n" + case["cddl"]).validate_cbor(protected)
    pycddl.Schema(f"root = {inside}\n" + case["cddl"]).validate_cbor(payload)
    read = cbor2.loads(payload)
    return [each[2].hex() for each in read] if case.get("is_key_set") else read


def main() -> None:
    """Print every judge's verdict on the token that stands on stdin."""
    case = json.load(sys.stdin)
    token = bytes.fromhex(case["token"])
    public_key = load_der_public_key(bytes.fromhex(case["public_key"]))
    verdicts = {}
    for name, judge in {"python-cwt": python_cwt, "pycose": pycose_sign1, "cddl": cddl}.items():
        try:
            verdicts[name] = judge(case, token, public_key)
        except Exception as refusal:  # noqa: BLE001 - a judge may refuse in whatever way it likes
            verdicts[name] = {"refused": f"{type(refusal).__name__}: {refusal}"}
    json.dump(verdicts, sys.stdout, default=bytes.hex)


if __name__ == "__main__":
    main()
