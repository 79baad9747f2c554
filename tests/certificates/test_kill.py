"""A worker killed at random moments: each certificate once, no number lost, every file whole, the log consistent."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.kill import COUNT, KILLS, slaughter
from benchmarks.published import published
from lbcert.core.database import db

SMALL = {
    "template.html": "<html lang=zh><title>{{ claims.number }}</title>{{ claims.name }}{{ qr }}",
    "style.css": "@page {size: A6}",
    "frame.svg": "<svg></svg>",
}


@pytest.fixture
def database(sqlite_database: str) -> str:
    return sqlite_database


def test_a_batch_of_200_whose_worker_is_killed_five_times_ends_with_each_certificate_once(app, tmp_path: Path) -> None:
    for name, content in SMALL.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    issuer, batch = published(COUNT, photos=False)
    home, address = tmp_path / "home", db.engine.url.render_as_string(hide_password=False)
    found = list(slaughter(address, home, issuer.id, batch, random.Random(), tmp_path))  # noqa: S311 - no secret
    assert found[-1] == f"{COUNT} issued, {COUNT} printed"
    assert len(found) == KILLS + 1
