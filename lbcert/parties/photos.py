"""Photos of people, fit to be printed on a certificate."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say

#: Pixels; a 2-inch photo (35 × 49 mm) at 600 dots an inch is 827 × 1158.
LARGEST = 830, 1160
#: Pixels; the same at 110 dots an inch.
SMALLEST = 150, 210
#: Pixels that are decoded at most, against pictures that are small to send and large to open.
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


_reading = Lock()


@contextmanager
def _whole() -> Iterator[None]:
    """Take no half of a picture: WeasyPrint has Pillow fill up what is cut off, for the whole process."""
    with _reading:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def read_photo(data: bytes) -> bytes | Finding:
    """Encode a photo anew as JPEG: upright, bounded in size, without metadata; or say why it cannot be used."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return refuse("parties.photo_large", say("照片尺寸太大，请缩小到 4000 万像素以内"))
            image.draft(
                "RGB", (2 * LARGEST[0], 2 * LARGEST[1])
            )  # of a telephone's 12 million pixels, JPEG unpacks fewer
            with _whole():
                upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return refuse("parties.photo_format", say("这个文件不是照片；请上传 JPG、PNG 或 WebP 图片"))
    if upright.width < SMALLEST[0] or upright.height < SMALLEST[1]:
        message = say(
            "照片只有 {width}×{height} 像素，印在证书上不清楚；至少要 {least_width}×{least_height} 像素",
            width=upright.width,
            height=upright.height,
            least_width=SMALLEST[0],
            least_height=SMALLEST[1],
        )
        return refuse("parties.photo_small", message)
    upright.thumbnail(LARGEST)
    encoded = io.BytesIO()
    upright.save(encoded, "JPEG", quality=90, optimize=True)
    return encoded.getvalue()
