"""What a roster's rows say, one by one and against each other: read, put right where only untidy, and judged."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from lbcert.cohorts.sheets import LONGEST, TITLES
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.identity.id_number import IdNumber, parse_id_number, tidy_id_number
from lbcert.core.identity.person_name import check_person_name, tidy_person_name
from lbcert.core.identity.phone import check_phone, tidy_phone
from lbcert.core.identity.tidying import Tidied
from lbcert.core.words import Message, say, some

_REGION = re.compile(r"[0-9]{6}([0-9]{3}([0-9]{3})?)?")
_NOT_DIGITS = re.compile(r"[\s\-]+")
_PLAIN = (
    "ethnicity", "employment_register", "category", "household_kind", "address", "postcode", "email", "mail_address",
    "bank_name", "bank_holder",
)  # fmt: skip


class Written(Protocol):
    """A cell as it was sent."""

    @property
    def text(self) -> str:
        """What stands in it."""

    @property
    def is_usable(self) -> bool:
        """Whether that is what the sender meant."""


@dataclass
class Entry:
    """One row of a roster: what it says once it is tidied, and what there is to say about it."""

    row: int
    name: str = ""
    id_number: IdNumber | None = None
    #: the number's cell as it was written, tidied
    written_number: str = ""
    #: the other columns by key, tidied; what is empty or cannot be used is not there
    values: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """What a finding about this row says it is about."""
        return f"row:{self.row}"

    @property
    def who(self) -> Message:
        """How findings name it."""
        return say("第 {row} 行{name}", row=self.row, name=self.name)

    @property
    def is_good(self) -> bool:
        """Tell whether nothing stops it."""
        return not any(finding.stops for finding in self.findings)


def read_entry(row: int, cells: Mapping[str, Written], form: Sequence[Finding], today: date) -> Entry:
    """Read the cells of a row by key; ``form`` is what the sheet's reader said about them (formulas, lost digits)."""
    entry = Entry(row, findings=list(form))
    texts = {key: cell.text for key, cell in cells.items() if cell.is_usable}
    if "id_number" in texts:
        entry.written_number = entry_text(entry, tidy_id_number(texts["id_number"]), "id_number")
        parsed = parse_id_number(entry.written_number, today)
        if isinstance(parsed, IdNumber):
            entry.id_number = parsed
        else:
            entry.findings.append(_about(parsed, entry))
    if "name" in texts:
        entry.name = entry_text(entry, tidy_person_name(texts["name"]), "name")
        wrong = check_person_name(entry.name)
        if wrong:
            entry.findings.append(_about(wrong, entry))
            entry.name = entry.name[:30]
    _read_phone(entry, texts)
    _read_others(entry, texts)
    return entry


def entry_text(entry: Entry, tidied: Tidied, key: str) -> str:
    """Take the tidied text, noting what was put right."""
    for change in tidied.changes:
        message = say("“{title}”：{change}", title=TITLES[key], change=change)
        entry.findings.append(Finding(f"cohorts.tidied_{key}", Level.NOTE, message, subject=entry.subject))
    return tidied.text


def one_person_one_row(entries: Sequence[Entry]) -> None:
    """Hold back every row of a number that stands under two names, and the second row of one person.

    Of two names under one number nobody can tell from the sheet which is right, so neither is imported.
    """
    rows: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.id_number:
            rows[entry.id_number.text].append(entry)
    for same in rows.values():
        if len(same) == 1:
            continue
        if len({entry.name for entry in same if entry.name}) > 1:
            for entry in same:
                others = tuple(other.who for other in same if other is not entry)
                message = say(
                    "身份证号 {number} 同时出现在{others}：同一号码对应不同姓名，几行都不导入，请核对证件",
                    number=entry.id_number.masked if entry.id_number else "",
                    others=others,
                )
                entry.findings.append(refuse("cohorts.number_under_two_names", message, subject=entry.subject))
        else:
            for entry in same[1:]:
                message = say("{name}与第 {row} 行重复，请删去一行", name=entry.name, row=same[0].row)
                entry.findings.append(refuse("cohorts.row_twice", message, subject=entry.subject))


def shared_between_people(entries: Sequence[Entry]) -> None:
    """Warn of a phone or bank account that several people of the sheet share: a habit of made-up learners."""
    for key, rule, text in (
        ("phone", "cohorts.shared_phone", say("联系电话与{others}相同，请核实是否本人电话")),
        ("bank_account", "cohorts.shared_account", say("银行账号与{others}相同，补贴只能发到本人账户，请核实")),
    ):
        rows: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if key in entry.values:
                rows[entry.values[key]].append(entry)
        for same in rows.values():
            if len({entry.id_number.text if entry.id_number else entry.row for entry in same}) == 1:
                continue
            for entry in same:
                others = some((other.who for other in same if other is not entry), 3)
                entry.findings.append(Finding(rule, Level.WARN, say(text.msgid, others=others), subject=entry.subject))


def on_file_under(entry: Entry, name: str) -> Iterator[Finding]:
    """Refuse a number that is on file under another name; whose, only the number's holder need know."""
    if entry.name and name != entry.name and entry.id_number:
        message = say(
            "身份证号 {number} 已登记在另一姓名（{other}）名下，与“{name}”不符，请核对证件",
            number=entry.id_number.masked,
            other=name[0] + "*" * (len(name) - 1),
            name=entry.name,
        )
        yield refuse("cohorts.other_name_on_file", message, subject=entry.subject)


def _read_phone(entry: Entry, texts: Mapping[str, str]) -> None:
    phone = entry_text(entry, tidy_phone(texts.get("phone", "")), "phone")
    wrong = check_phone(phone)
    if wrong:
        entry.findings.append(_about(wrong, entry))
    if phone and not (wrong and wrong.stops):
        entry.values["phone"] = phone


def _read_others(entry: Entry, texts: Mapping[str, str]) -> None:
    for key in _PLAIN:
        text = " ".join(texts.get(key, "").split())
        if text:
            entry.values[key] = text
    account = _NOT_DIGITS.sub("", texts.get("bank_account", "")).lstrip("'")
    if account:
        entry.values["bank_account"] = account
    for key, most in LONGEST.items():
        if len(entry.values.get(key, "")) > most:
            message = say("“{title}”超过 {most} 个字符，请改短", title=TITLES[key], most=most)
            entry.findings.append(refuse("cohorts.cell_long", message, subject=entry.subject))
    for key in ("household_region", "residence_region"):
        code = _NOT_DIGITS.sub("", texts.get(key, ""))
        if _REGION.fullmatch(code):
            entry.values[key] = code
        elif code:
            message = say("“{title}”应填 6 位（乡镇 9 位、村 12 位）区划代码，已略去", title=TITLES[key])
            entry.findings.append(Finding("cohorts.region_code", Level.WARN, message, subject=entry.subject))
    holder = "".join(entry.values.get("bank_holder", "").split())
    if holder and entry.name and tidy_person_name(holder).text != entry.name:
        message = say("银行户名“{holder}”与姓名不同，补贴只能发到本人账户，请核实", holder=holder)
        entry.findings.append(Finding("cohorts.account_of_another", Level.WARN, message, subject=entry.subject))


def _about(finding: Finding, entry: Entry) -> Finding:
    return Finding(finding.rule, finding.level, finding.message, finding.source, entry.subject)
