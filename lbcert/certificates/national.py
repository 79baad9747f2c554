"""The file for the national query (联网查询) and the answer to it: columns, the clock, and each row judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from lbcert.certificates.models import Reported
from lbcert.core import workdays
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.sheets import Column, Row
from lbcert.core.words import Message, say

#: Working days after the notice, or after a change of their status, within which certificates are sent for the national query (domain.md 1.4: 10, P13).
QUERY_DAYS = key("certificates.query_days", say("联网查询上报期限"), Follows.BODY, int, say("个工作日"))
#: As docs/formats.md describes them.
COLUMNS = (
    Column("number", "证书编号", digits=True, width=26),
    Column("name", "姓名", width=14),
    Column("id_kind", "证件类型", width=14),
    Column("id_number", "证件号码", digits=True, width=22),
    Column("trade", "职业（工种）名称", width=22),
    Column("code", "职业编码", digits=True, width=14),
    Column("level", "技能等级", width=16),
    Column("theory", "理论成绩"),
    Column("practice", "技能成绩"),
    Column("review", "综合评审成绩"),
    Column("batch", "认定批次", digits=True),
    Column("body", "评价机构", width=30),
    Column("body_code", "评价机构统一社会信用代码", digits=True, width=24),
    Column("issued_on", "发证日期", width=12),
    Column("status", "证书状态", width=12),
    Column("status_on", "状态日期", width=12),
    Column("status_reason", "状态原因", width=24),
)
ANSWER = (
    Column("number", "证书编号", ("编号", "证书号"), required=True, digits=True, width=26),
    Column("state", "结果", ("上报结果", "审核结果", "处理结果", "状态"), required=True),
    Column("reason", "原因", ("失败原因", "退回原因", "说明", "备注"), width=40),
)
_WORDS = {
    Reported.ACCEPTED: ("接收", "已接收", "通过", "成功", "合格", "入库", "accepted"),
    Reported.REFUSED: ("退回", "被退回", "拒绝", "不通过", "失败", "驳回", "refused"),
}
_READ = {word: state for state, words in _WORDS.items() for word in words}


def due(ended_on: date, days: Ruling) -> date | None:
    """Give the day by which certificates are sent, counted from the end of the notice; None without a policy."""
    return workdays.add_working_days(ended_on, days.value).day if days.is_on_file else None


@dataclass
class AnswerRow:
    """One row of an answer as it was understood."""

    number: str
    state: Reported | None
    reason: str
    line_id: int | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Tell whether it may be taken over."""
        return not any(finding.stops for finding in self.findings)


def judge(rows: Iterable[Row], sent: Mapping[str, tuple[int, Reported]]) -> list[AnswerRow]:
    """Judge the rows of an answer against what was ``sent``: line id and state by certificate number."""
    entries, seen = [], set()
    for row in rows:
        number = row["number"].text.strip().upper()
        entry = AnswerRow(number, _READ.get(row["state"].text.strip().lower()), row["reason"].text.strip()[:300])
        entry.findings = [*row.findings, *_about(row, entry, sent, again=number in seen)]
        if number in sent:
            entry.line_id = sent[number][0]
        seen.add(number)
        entries.append(entry)
    return entries


def _about(row: Row, entry: AnswerRow, sent: Mapping[str, tuple[int, Reported]], *, again: bool) -> list[Finding]:
    def found(rule: str, words: Message) -> Finding:
        return refuse(
            f"certificates.{rule}", say(words.msgid, row=row.number, number=entry.number), subject=row.subject
        )

    findings = []
    if entry.number not in sent:
        findings.append(found("answer_unknown", say("第 {row} 行：证书编号 {number} 不在这次上报的文件里，请核对")))
    elif sent[entry.number][1] is not Reported.SENT:
        findings.append(found("answer_taken", say("第 {row} 行：证书 {number} 的结果已经登记，不再更改")))
    if again:
        findings.append(found("answer_twice", say("第 {row} 行：证书编号 {number} 出现不止一次，请只保留一行")))
    if entry.state is None:
        findings.append(found("answer_state", say("第 {row} 行：证书 {number} 的结果看不懂，请写“接收”或“退回”")))
    if entry.state is Reported.REFUSED and not entry.reason:
        message = say("第 {row} 行：证书 {number} 被退回，但没有写原因", row=row.number, number=entry.number)
        findings.append(Finding("certificates.answer_reason", Level.WARN, message, subject=row.subject))
    return findings
