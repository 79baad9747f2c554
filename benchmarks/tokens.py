"""Builds and verifies tokens in one process, beside the bare signatures of ``openssl speed`` in the same run.

``python -m benchmarks.tokens`` prints, for ES256 and Ed25519, how many a second of a processor: a token built from its claims
(checked, encoded, signed), a token read (decoded, verified, judged by its key) and OpenSSL's signing and verifying of one
digest, which does none of the rest. House and peer take turns of a second; medians are printed.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime

from lbcert.certificates.token.claims import Claims, Kind, holder_tag, occupation_number
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import Algorithm, IssuerKey, Signer, key_ring
from lbcert.certificates.token.reader import read_token

ROUNDS, SECONDS, AT_A_TIME = 7, 1, 200
PEERS = {Algorithm.ES256: "ecdsap256", Algorithm.EDDSA: "ed25519"}
NOW = datetime(2025, 8, 20, tzinfo=UTC)


def claims(number: int) -> Claims:
    """Give the claims of a level-5 certificate, no two with the same place in the status list."""
    return Claims(
        kind=Kind.SKILL_LEVEL, brand=3, occupation=occupation_number(2022, "6-31-01-03"), level=5, name="张*",
        holder=holder_tag("530128199001010017"), status_list=1, status_index=number % (1 << 20), issued=NOW,
    )  # fmt: skip


def a_second(work: Callable[[int], object]) -> float:
    """Count how often something is done in a second of a processor."""
    done, begun = 0, time.process_time()
    while time.process_time() - begun < SECONDS:
        for number in range(done, done + AT_A_TIME):
            work(number)
        done += AT_A_TIME
    return done / (time.process_time() - begun)


def openssl(name: str) -> tuple[float, float]:
    """Give OpenSSL's signatures and verifications a second of a processor."""
    words = ["openssl", "speed", "-seconds", str(SECONDS), name]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    signed, verified = told.split()[-2:]
    return float(signed), float(verified)


def measure(alg: Algorithm) -> str:
    """Measure one suite."""
    signer = Signer.fresh(alg)
    keys = key_ring([IssuerKey(signer.kid, signer.alg, signer.public_key, frozenset(), NOW)])
    tokens = [sign(claims(number), signer) for number in range(AT_A_TIME)]
    rounds = [
        (
            a_second(lambda number: sign(claims(number), signer)),
            a_second(lambda number: read_token(tokens[number % AT_A_TIME], keys)),
            *openssl(PEERS[alg]),
        )
        for _ in range(ROUNDS)
    ]
    built, read, signed, verified = (statistics.median(values) for values in zip(*rounds, strict=True))
    return (
        f"{alg.name}: {built:,.0f} tokens of {len(tokens[0])} bytes built, {read:,.0f} read; "
        f"openssl speed {PEERS[alg]}: {signed:,.0f} signed, {verified:,.0f} verified; "
        f"ratios {built / signed:.2f} and {read / verified:.2f}"
    )


def main() -> None:
    """Print a line for each suite."""
    for alg in PEERS:
        print(measure(alg), flush=True)


if __name__ == "__main__":
    main()
