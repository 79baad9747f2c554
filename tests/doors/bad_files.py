"""Files that nobody should be able to hand in, by what is wrong with them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from lbcert.testing.rosters import people, workbook

SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE lol [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">'
    b'<!ENTITY out SYSTEM "file:///etc/passwd">]><worksheet>&b;&out;</worksheet>'
)
#: No sentence, so that no encoding of Chinese, nor any other, makes text of it.
NO_ENCODING = "姓名,身份证号码\n王小明,530128199005200010\n".encode() + b"\xff\x81\xfe\xff\n"


def repacked(**change: bytes) -> bytes:
    """Give a good roster with members of its ZIP changed or added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(people(2)))) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in dict.fromkeys([*old.namelist(), *change]):
            new.writestr(name, change.get(name) or old.read(name))
    return buffer.getvalue()


def png(width: int, height: int, content: bytes = b"") -> bytes:
    """Write a PNG that says it is of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(content)) + chunk(b"IEND", b"")


#: what is wrong → the file's name and bytes
BAD_FILES = {
    "empty": ("空.xlsx", b""),
    "a broken workbook": ("坏.xlsx", workbook(people(2))[:400]),
    "a workbook with a password": (
        "密码.xlsx",
        OLE + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(3000),
    ),
    "a broken old workbook": ("坏.xls", OLE + b"a" * 3000),
    "a zip bomb": ("炸弹.xlsx", repacked(**{"xl/media/zeros.xml": bytes(120_000_000)})),
    "XML entities": ("实体.xlsx", repacked(**{SHEET: ENTITIES})),
    "a CSV in no encoding": ("乱码.csv", NO_ENCODING),
    "a program": ("程序.exe", b"MZ\x90\x00" + bytes(range(256)) * 20),
    "a web page": ("名册.xls", b"<html><script>alert(1)</script></html>"),
}
#: What only looks like a picture; a signed paper is judged by its first bytes alone, since nothing opens it.
BAD_PICTURES = {
    "a picture of a billion points": ("大.png", png(60_000, 60_000)),
    "a picture cut short": ("断.png", png(400, 500, bytes(401 * 500))[:60]),
}
