"""Many certificates checked at once, for a personnel office: a sheet or files in, a sheet of verdicts out.

Each line and each file goes the way of a single check (``queries.verdict``); nothing that is sent is kept.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.verdict import Verdict
from lbcert.certificates.sheets import NUMBER, VERDICTS
from lbcert.core import archive, clock
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.sheets import Limits, Table, read_sheet, write_workbook
from lbcert.core.words import Message, say

#: What a certificate may come as.
FILES = (".pdf", ".jpg", ".jpeg", ".png", ".webp")
#: Lines of a sheet and files of a ZIP at most, where somebody sends them; a rasterised page costs a second of the server's time.
MOST_LINES, MOST_FILES = 200, 30
_LONGEST = 900
_WORKBOOK = "[Content_Types].xml"


@dataclass(frozen=True)
class Checked:
    """One line or file, as its sender named it: a verdict, or why there is none."""

    what: str
    verdict: Verdict | None = None
    problem: Finding | None = None


def of_upload(data: bytes) -> list[Checked]:
    """Check a sheet (.xlsx, .xls, .csv) or a ZIP of PDFs and pictures, told by content. Raises ``Refused`` for neither."""
    return of_archive(data) if _is_archive(data) else of_sheet(data, MOST_LINES)


def of_sheet(data: bytes, most: int) -> list[Checked]:
    """Check each number or link in a sheet's column 证书编号, in its order. Raises ``Refused`` for what is no such sheet."""
    sheet = read_sheet(data, [NUMBER], Limits(rows=most))
    found = []
    for row in sheet.rows:
        what = row["number"].text.strip()
        problem = next((finding for finding in row.findings if finding.stops), None)
        found.append(
            Checked(what, problem=problem) if problem else Checked(what, verdicts.of_anything(what[:_LONGEST]))
        )
    return found


def of_archive(data: bytes) -> list[Checked]:
    """Check each PDF and picture of a ZIP. Raises ``Refused`` for what is no ZIP, or one beyond the limits."""
    return list(
        of_files((sent.path, sent.content) for sent in archive.open_archive(data, FILES, archive.Limits(MOST_FILES)))
    )


def of_files(files: Iterable[tuple[str, bytes | Finding]]) -> Iterator[Checked]:
    """Check files by name; one with several codes has a line for each, one without any says so."""
    for name, content in files:
        if isinstance(content, Finding):
            yield Checked(name, problem=content)
            continue
        try:
            found = verdicts.of_file(content)
        except Refused as refused:
            yield Checked(name, problem=refused.findings[0])
            continue
        yield from (Checked(name, verdict) for verdict in found)
        if not found:
            yield Checked(name, problem=NO_CODE)


#: Where a picture or PDF holds no code.
NO_CODE = refuse("scan.no_code", say("没有找到证书二维码：请拍清楚、拍近一些，或输入证书编号"))


def write_verdicts(checked: Sequence[Checked], words: Callable[[Any], str]) -> bytes:
    """Write the verdicts as a workbook, a line each; ``words`` puts messages into the reader's language."""
    return write_workbook(Table("查验结果", VERDICTS, [_row(each, words) for each in checked]))


def _row(checked: Checked, words: Callable[[Any], str]) -> dict[str, object]:
    verdict = checked.verdict
    if verdict is None:
        said = checked.problem.message if checked.problem else ""
        return {"what": checked.what, "outcome": words(UNCHECKED), "explanation": words(said)}
    return {
        "what": checked.what,
        "outcome": words(verdict.outcome.label),
        "explanation": words(verdict.explanation),
        "type": words(verdict.label),
        "number": verdict.number,
        "fields": "\n".join(f"{words(label)}：{words(value)}" for label, value in verdict.fields),
        "expires_on": verdict.expires_on,
        "successor": verdict.successor[0] if verdict.successor else "",
        "file": "\n".join(words(line) for line in verdict.about_pdf),
        "foreign_host": verdict.foreign_host,
        "as_of": clock.local(verdict.as_of),
    }


UNCHECKED: Message = say("没有查成")


def as_data(checked: Checked, words: Callable[[Any], str]) -> dict[str, Any]:
    """Give one line as JSON holds it."""
    problem = checked.problem
    return {
        "what": checked.what,
        "verdict": verdicts.as_data(checked.verdict, words) if checked.verdict else None,
        "problem": {"rule": problem.rule, "message": words(problem.message)} if problem else None,
    }


def _is_archive(data: bytes) -> bool:
    """Tell a ZIP of files from a workbook, which is a ZIP too."""
    if not zipfile.is_zipfile(BytesIO(data)):
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as opened:
            return _WORKBOOK not in opened.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False
