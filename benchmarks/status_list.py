"""Size and build time of the status lists of ten million certificates, one in a hundred revoked.

Made input: ten blocks of 2^20 places, in each of which a hundredth is revoked at random places (seed 1). Measured: packing,
compressing and signing, without the database; and how long a reader takes to verify and open one list.

    python benchmarks/status_list.py
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

from lbcert.certificates import status_list
from lbcert.certificates.token.claims import LIST_SIZE
from lbcert.certificates.token.keys import IssuerKey, Signer, key_ring

LISTS = 10
SHARE = 100
NOW = datetime(2025, 8, 20, tzinfo=UTC)


def main() -> None:
    """Build, read and report."""
    dice, signer = random.Random(1), Signer.fresh()  # noqa: S311 (nothing is kept secret)
    blocks = [[(index, 1) for index in dice.sample(range(LIST_SIZE), LIST_SIZE // SHARE)] for _ in range(LISTS)]
    begun = time.perf_counter()
    lists = [
        status_list.sign_list(f"https://lbcert.example/status/{number}.cwt", status_list.compress(block), signer, NOW)
        for number, block in enumerate(blocks)
    ]
    built = time.perf_counter() - begun
    keys = key_ring([IssuerKey(signer.kid, signer.alg, signer.public_key, frozenset(), NOW)])
    begun = time.perf_counter()
    read = [status_list.read_list(data, keys) for data in lists]
    opened = time.perf_counter() - begun
    assert all(each.status_of(block[0][0]) == "revoked" for each, block in zip(read, blocks, strict=True))
    size = sum(map(len, lists))
    print(
        f"{LISTS * LIST_SIZE:,} certificates, {LISTS * (LIST_SIZE // SHARE):,} revoked: {size:,} bytes in {LISTS} lists"
    )
    print(
        f"built and signed in {built:.2f} s ({built / LISTS * 1000:.0f} ms each), read in {opened / LISTS * 1000:.1f} ms each"
    )


if __name__ == "__main__":
    main()
