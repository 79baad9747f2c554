"""What is asked of a file before anybody reads it: its size, its wrapping, and what its XML declares."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.words import Message, say

_CHUNK = 1 << 16
_OVERLAP = 16
_XML = (".xml", ".rels", ".vml")
_DECLARATION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCRYPTED_MEMBER = 0x1


@dataclass(frozen=True)
class Limits:
    """How much of a file is read at all; a county's largest rosters have some hundred rows of 16 columns."""

    file_bytes: int = 20_000_000
    #: 10,000 rows of 16 columns unpack to some 15 MB
    unpacked_bytes: int = 100_000_000
    #: unpacked to packed; real workbooks stay under 100, and deflate cannot go beyond 1032
    packing_ratio: int = 200
    members: int = 1_000
    rows: int = 20_000
    columns: int = 256
    cell_characters: int = 2_000


class Unreadable(Refused):
    """A file that cannot be read as a sheet; its one finding names the cure."""

    def __init__(self, rule: str, message: Message) -> None:
        super().__init__([refuse(f"sheets.{rule}", message)])

    @property
    def finding(self) -> Finding:
        """The one reason."""
        return self.findings[0]


def check_size(data: bytes, limits: Limits) -> None:
    """Refuse an empty file and one over the limit."""
    if not data:
        raise Unreadable("empty_file", say("文件是空的，请重新选择。"))
    if len(data) > limits.file_bytes:
        message = say(
            "文件有 {size} MB，超过 {limit} MB。请删去图片和无关的工作表，或分成几个文件。",
            size=round(len(data) / 1e6, 1),
            limit=round(limits.file_bytes / 1e6, 1),
        )
        raise Unreadable("too_large", message)


def check_archive(data: bytes, limits: Limits) -> set[str]:
    """Refuse a workbook's ZIP whose directory or unpacked content goes beyond the limits; give its members' names.

    The directory may lie, so everything is unpacked once, in pieces and into nothing, before a reader gets it. An XML
    part that declares a document type or an entity (billion laughs, external entities) is refused: no workbook has one.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_directory(members, len(data), limits)
            unpacked = 0
            for member in members:
                unpacked = _unpack(archive, member, unpacked, limits)
    except Unreadable:
        raise
    except Exception as error:  # each packing method has errors of its own
        raise broken() from error
    return {member.filename for member in members}


def broken() -> Unreadable:
    """Make the refusal of a workbook that is damaged."""
    return Unreadable("broken", say("文件已损坏，无法打开。请用 Excel 或 WPS 打开原文件，另存为 .xlsx 后重新上传。"))


def protected() -> Unreadable:
    """Make the refusal of a workbook that asks for a password."""
    return Unreadable("password", say("文件设有打开密码。请在 Excel 或 WPS 中取消密码，保存后重新上传。"))


def _check_directory(members: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    if any(member.flag_bits & _ENCRYPTED_MEMBER for member in members):
        raise protected()
    declared = sum(member.file_size for member in members)
    if len(members) > limits.members or declared > limits.unpacked_bytes or declared > packed * limits.packing_ratio:
        raise _bomb()


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, unpacked: int, limits: Limits) -> int:
    is_xml = member.filename.lower().endswith(_XML)
    tail = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            unpacked += len(chunk)
            if unpacked > limits.unpacked_bytes:
                raise _bomb()
            # without the zero bytes a UTF-16 declaration reads like any other
            if is_xml and _DECLARATION.search(tail + chunk.replace(b"\0", b"")):
                raise Unreadable(
                    "entities", say("文件中含有不允许的 XML 声明。请用 Excel 或 WPS 打开，另存为 .xlsx 后重新上传。")
                )
            tail = chunk.replace(b"\0", b"")[-_OVERLAP:]
    return unpacked


def _bomb() -> Unreadable:
    return Unreadable(
        "unpacks_too_large",
        say("文件解压后过大。请把需要的行复制到一个新的工作簿（只粘贴数值），保存为 .xlsx 后重新上传。"),
    )
