"""A printed code is read off a hundred bad photographs, by zxing and by the engine of WeChat's own camera."""

from __future__ import annotations

import json
import os
import random
import subprocess
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter

from lbcert.certificates import qr
from lbcert.certificates.token import link
from lbcert.certificates.token.cose import sign
from tests.certificates.broken_tokens import CLAIMS, P256

ROOT = Path(__file__).parents[2]
FOREIGN = Path(os.environ.get("LBCERT_FOREIGN_PYTHON", ROOT / ".venv-foreign/bin/python"))
TEXT = link.write("https://cert.example.c", sign(CLAIMS, P256))
#: Points a millimetre of the simulated camera: a page of A4 fills a picture of 12 million points.
CAMERA = 13


@cache
def paper() -> Image.Image:
    """Print the code as it is shipped, 30 mm wide, on greyish paper."""
    rows = qr.modules(TEXT)
    code = Image.frombytes("L", (len(rows),) * 2, bytes(0 if dark else 255 for row in rows for dark in row))
    size = round(len(rows) * qr.MODULE_MM * CAMERA)
    sheet = Image.new("L", (2 * size, 2 * size), 235)
    printed = code.resize((len(rows) * 16,) * 2, Image.Resampling.NEAREST).resize(
        (size, size), Image.Resampling.LANCZOS
    )
    sheet.paste(printed, (size // 2, size // 2))
    return sheet


def photograph(chance: random.Random) -> Image.Image:
    """Photograph it badly: blur 0.16 mm, perspective 6 %, rotation 25 degrees, noise."""
    turned = paper().rotate(chance.uniform(-25, 25), Image.Resampling.BICUBIC, fillcolor=235)
    lean = chance.uniform(-0.06, 0.06) / turned.width
    leaning = turned.transform(
        turned.size,
        Image.Transform.PERSPECTIVE,
        (1, 0, 0, 0, 1, 0, lean, -lean),
        Image.Resampling.BICUBIC,
        fillcolor=235,
    )
    noise = Image.frombytes("L", turned.size, chance.randbytes(turned.width * turned.height)).point(_a_quarter)
    return ImageChops.add(leaning.filter(ImageFilter.GaussianBlur(0.16 * CAMERA)), noise, scale=1, offset=-128)


def _a_quarter(value: float) -> float:
    return 128 + (value - 128) // 4


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Give a hundred, as a phone stores them."""
    chance = random.Random(20250820)  # noqa: S311 - a fixed seed, no secret
    folder = tmp_path_factory.mktemp("photographs")
    files = [folder / f"{number:02}.jpg" for number in range(100)]
    for file in files:
        photograph(chance).save(file, "JPEG")
    return files


def test_zxing_reads_all_of_a_hundred(photographs: list[Path]) -> None:
    assert [qr.read_picture(file.read_bytes()) for file in photographs] == [[TEXT]] * 100


def test_wechats_engine_reads_at_least_95(photographs: list[Path]) -> None:
    command = [str(FOREIGN), str(ROOT / "tests/foreign/wechat.py"), *map(str, photographs)]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert asked.returncode == 0, asked.stderr
    assert sum(texts == [TEXT] for texts in json.loads(asked.stdout)) >= 95
