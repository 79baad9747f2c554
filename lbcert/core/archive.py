"""The files of a ZIP that somebody sent, one by one in memory: nothing is ever written under a name that it gives."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.words import Message, say

_CHUNK = 1 << 16
_ENCRYPTED, _NAME_IN_UTF8 = 0x1, 0x800
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]+")
#: What macOS and Windows add by themselves.
_LITTER = re.compile(r"(^|/)(__MACOSX/|\.[^./]|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """How much of a ZIP is read at all; the photos of a class of 150 are some 20 MB."""

    files: int = 300
    file_bytes: int = 10_000_000
    unpacked_bytes: int = 100_000_000


@dataclass(frozen=True)
class Sent:
    """One file: its path as the sender's machine named it, and its bytes or why they cannot be had."""

    path: str
    content: bytes | Finding


def open_archive(data: bytes, endings: tuple[str, ...], limits: Limits | None = None) -> Iterator[Sent]:
    """Give each file of a ZIP in its order; one without one of ``endings`` is not unpacked and has a finding instead.

    Raises ``Refused`` for what is no ZIP, for one beyond the limits, and for one without any such file. The directory of
    a ZIP may lie, so bytes are counted as they come.
    """
    limits = limits or Limits()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            named = [(path, member) for member in members if not _LITTER.search(path := _path(member))]
            _within_limits(named, endings, limits)
            left = limits.unpacked_bytes
            for path, member in named:
                content = _read(archive, member, path, endings, min(left, limits.file_bytes))
                left -= len(content) if isinstance(content, bytes) else 0
                yield Sent(path, content)
    except zipfile.BadZipFile as error:
        raise _refused("not_a_zip", say("这个文件不是 ZIP 压缩包，或者已经损坏；请重新压缩为 .zip 后上传")) from error


def _within_limits(named: list[tuple[str, zipfile.ZipInfo]], endings: tuple[str, ...], limits: Limits) -> None:
    if len(named) > limits.files:
        message = say(
            "压缩包里有 {count} 个文件，超过 {limit} 个；请分成几个压缩包", count=len(named), limit=limits.files
        )
        raise _refused("too_many", message)
    wanted = [member for path, member in named if path.lower().endswith(endings)]
    if not wanted:
        message = say("压缩包里没有{endings}文件", endings=endings)
        raise _refused("nothing_wanted", message)
    if sum(member.file_size for member in wanted) > limits.unpacked_bytes:
        limit = limits.unpacked_bytes // 1_000_000
        message = say("压缩包解压后超过 {limit} MB；请缩小文件，或分成几个压缩包", limit=limit)
        raise _refused("unpacks_too_large", message)


def _read(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: str, endings: tuple[str, ...], most: int
) -> bytes | Finding:
    if not path.lower().endswith(endings):
        return refuse("archive.ending", say("不是{endings}文件，没有读取", endings=endings))
    if path.startswith("/") or ".." in path.split("/") or ":" in path:
        return refuse("archive.path", say("压缩包里的路径指向别处，没有读取；请重新压缩"))
    if member.flag_bits & _ENCRYPTED:
        return refuse("archive.password", say("设有密码，无法读取；请取消密码后重新压缩"))
    content = bytearray()
    try:
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                content += chunk
                if len(content) > most:
                    return refuse("archive.too_large", say("解压后超过 {limit} MB", limit=round(most / 1e6, 1)))
    except Exception:  # noqa: BLE001 (each packing method has errors of its own)
        return refuse("archive.broken", say("已损坏，无法解压"))
    return bytes(content)


def _path(member: zipfile.ZipInfo) -> str:
    """Give a member's name: Windows writes it in its own encoding, macOS in UTF-8, and neither says so."""
    name = member.orig_filename
    if not member.flag_bits & _NAME_IN_UTF8:
        sent = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = sent.decode(encoding)
            except UnicodeDecodeError:
                continue
            break
    return _UNSEEN.sub("", name.replace("\\", "/"))


def _refused(rule: str, message: Message) -> Refused:
    return Refused([refuse(f"archive.{rule}", message)])
