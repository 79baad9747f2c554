"""Drawn portraits in place of photos: nobody's face."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw

_SKIN = ("#f1c9a5", "#e0ac84", "#c98f66")
_HAIR = ("#1d1a19", "#2b211c", "#39312c")
_CLOTHES = ("#22577a", "#7a2230", "#2f5d3a", "#4a3b6b", "#5b4a36", "#30343f")
#: Drawn larger and made smaller, for smooth edges.
_WIDTH, _HEIGHT, _SCALE = 240, 336, 2


@cache
def portrait(serial: int, *, long_hair: bool) -> bytes:
    """Draw the ``serial``-th portrait as a JPEG of 240 × 336 pixels on white."""
    picture = Image.new("RGB", (_WIDTH * _SCALE, _HEIGHT * _SCALE), "white")
    pen = ImageDraw.Draw(picture)
    skin, hair, clothes = (
        colours[serial // step % len(colours)] for colours, step in ((_SKIN, 1), (_HAIR, 3), (_CLOTHES, 1))
    )
    if long_hair:
        _ellipse(pen, hair, 66, 52, 174, 226)
    _ellipse(pen, clothes, 12, 226, 228, 470)
    _ellipse(pen, skin, 98, 190, 142, 262)
    _ellipse(pen, skin, 76, 72, 164, 212)
    pen.pieslice(_scaled(72, 58, 168, 170 if long_hair else 150), 180, 360, fill=hair)
    for left in (98, 128):
        _ellipse(pen, "#2a2320", left, 138, left + 12, 146)
    pen.arc(_scaled(102, 164, 138, 186), 20, 160, fill="#8c4a3c", width=3 * _SCALE)
    small = picture.resize((_WIDTH, _HEIGHT), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _ellipse(pen: ImageDraw.ImageDraw, colour: str, *box: int) -> None:
    pen.ellipse(_scaled(*box), fill=colour)


def _scaled(*box: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = (side * _SCALE for side in box)
    return left, top, right, bottom
