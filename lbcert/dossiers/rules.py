"""Which signed papers a batch's file wants, how long it is kept, and whether a file that somebody brings is whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Collection, Mapping
from datetime import date
from enum import StrEnum
from hashlib import sha256

from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Key, Ruling, key
from lbcert.core.words import Message, say


class SignedPaper(StrEnum):
    """A paper of the exam that people sign by hand (domain: steps 8 and 9 of the process)."""

    APPLICATION = "application"
    PROMISE = "promise"
    SIGN_IN = "sign_in"
    ROOM_RECORD = "room_record"
    SCORE_SHEETS = "score_sheets"
    SUMMARY = "summary"
    NOTICE = "notice"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _LABELS[self]


_LABELS = {
    SignedPaper.APPLICATION: say("报名表"),
    SignedPaper.PROMISE: say("承诺书"),
    SignedPaper.SIGN_IN: say("考场签到表"),
    SignedPaper.ROOM_RECORD: say("考场记录"),
    SignedPaper.SCORE_SHEETS: say("签名的评分表"),
    SignedPaper.SUMMARY: say("盖章的成绩汇总表"),
    SignedPaper.NOTICE: say("公示证明"),
}
#: Whether a batch's file has to hold it.
WANTED: dict[SignedPaper, Key] = {
    paper: key(f"dossiers.wants_{paper.value}", say("批次归档须有“{paper}”", paper=paper.label), Follows.BODY, bool)
    for paper in SignedPaper
}
KEEP_YEARS = key("dossiers.keep_years", say("批次档案保存年限"), Follows.BODY, int, say("年"))

#: How long a granted reading may be used.
READING_DAYS = 7
#: The two files of a dossier that are not papers: the hashes as ``sha256sum --check`` reads them, and the same signed.
SUMS, SIGNED = "SHA256SUMS", "SHA256SUMS.note"
_FIRST_LINE = "lbcert.dossier/1"


def missing_papers(rulings: Mapping[SignedPaper, Ruling], brought: Collection[SignedPaper]) -> list[Finding]:
    """Find the signed papers that a document wants and nobody has brought."""
    return [
        refuse("dossiers.paper_missing", say("缺“{paper}”，请上传签字原件的扫描件", paper=paper.label), ruling.source)
        for paper, ruling in rulings.items()
        if ruling.value and paper not in brought
    ]


def last_day(closed: date, years: Ruling) -> date | None:
    """Give the last day of keeping; None where no term is on file."""
    if not years.is_on_file:
        return None
    try:
        return closed.replace(year=closed.year + years.value)
    except ValueError:  # 29 February
        return closed.replace(year=closed.year + years.value, day=28)


def pack(papers: Mapping[str, bytes], heading: str, sign: Callable[[str], str]) -> bytes:
    """Make the ZIP of papers by their paths, with their hashes, and those signed under a heading of one line.

    The same papers under the same heading and key give the same bytes.
    """
    sums = _sums(papers)
    signed = sign(f"{_FIRST_LINE}\n{heading}\n{sums}")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {**papers, SUMS: sums.encode(), SIGNED: signed.encode()}.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unpack(packed: bytes, opens: Callable[[str], str]) -> tuple[str, int]:
    """Check a dossier: give its heading and how many papers are in it, all as they were signed. Raises ValueError."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            names = archive.namelist()
            papers = {name: archive.read(name) for name in names if name not in {SUMS, SIGNED}}
            text = opens(archive.read(SIGNED).decode())
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"no dossier: {error}") from error
    first, heading, sums = text.split("\n", 2)
    if first != _FIRST_LINE or len(names) != len(set(names)):
        raise ValueError("no dossier")
    if sums != _sums(papers):
        raise ValueError("papers were changed, added or taken out since the signing")
    return heading, len(papers)


def _sums(papers: Mapping[str, bytes]) -> str:
    return "".join(f"{sha256(papers[path]).hexdigest()}  {path}\n" for path in sorted(papers))
